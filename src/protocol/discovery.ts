/** The 0600 file `server.json` in the runtime directory: where the server of a data directory listens. */
export type Discovery = {
  protocol: number;
  /** Build id of the server: a client of another build restarts an idle server. */
  build: string;
  version: string;
  pid: number;
  epoch: string;
  /** Unix socket path or Windows named pipe. */
  socket: string;
  /** Only with --listen. */
  tcp?: { host: string; port: number; tls: boolean };
  /** 256 bits, base64url. */
  token: string;
  dataDir: string;
  startedAt: number;
};
