import type { Log } from "../contracts/base.ts";
import type { Coordinator } from "../contracts/coordinator.ts";
import type { Planes } from "../metrics/planes.ts";
import type { Scope } from "../protocol/index.ts";

/** Where counters come from; metrics/ has them. Each is asked for once and then added to. */
export interface ServerMetrics {
  counter(name: string): { value: number };
}

export type TcpOptions = {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** PEM texts. */
  tls?: { cert: string; key: string };
  /** Off loopback without TLS: whoever sees the packets sees the token. Said by the user each time, never read from a file. */
  allowInsecureLan?: boolean;
};

export type ServerOptions = {
  coordinator: Coordinator;
  version: string;
  /** Unix socket path (its directory is made private) or Windows pipe name, e.g. from `socketPath()`. */
  socket?: string;
  tcp?: TcpOptions;
  /** The owner's token: every scope. */
  token: string;
  /** Further tokens that may do less. */
  tokens?: { token: string; scope: Scope }[];
  /** Exact values of `Origin` that may connect, e.g. "https://crush.example". None by default: no web page may. */
  allowedOrigins?: string[];
  /** Further values of `Host`, as `name` or `name:port`, e.g. behind a tunnel. */
  allowedHosts?: string[];
  /** Told in each welcome, e.g. that the client's protocol version is going away. */
  warnings?: string[];
  /** false makes /readyz answer 503. */
  ready?: () => boolean;
  log?: Log;
  metrics?: ServerMetrics;
  /** Where the time of frames and sockets is charged. */
  planes?: Pick<Planes, "charge">;
  /** For tests and unusual networks; each defaults to the constant of protocol/limits.ts or of server/limits.ts. */
  limits?: Partial<ServerLimits>;
};

export type ServerLimits = {
  helloTimeoutMs: number;
  halfOpenMax: number;
  clientsMax: number;
  slowClientBytes: number;
  slowClientCloseBytes: number;
  requestsInFlightMax: number;
  pingMs: number;
};
