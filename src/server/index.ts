// The edge: sockets in, frames to the coordinator. Runs on the main thread.
import fs from "node:fs";
import type { AddressInfo } from "node:net";
import { closeCode } from "../protocol/index.ts";
import type { Connection, Shared } from "./connection.ts";
import { noPlanes } from "../metrics/planes.ts";
import { makeCounts } from "./counts.ts";
import { ServerError } from "./error.ts";
import { hostRule, isLoopback, Tokens } from "./gate.ts";
import { defaultLimits } from "./limits.ts";
import { Listener, type ListenerSetup } from "./listener.ts";
import type { ServerOptions, TcpOptions } from "./options.ts";
import { loadSchemas } from "./requests.ts";
import { closeUnix, listenUnix } from "./unix-socket.ts";

export { ServerError } from "./error.ts";
export type { ServerLimits, ServerMetrics, ServerOptions, TcpOptions } from "./options.ts";
export { isLive, socketPath } from "./unix-socket.ts";

export type Listening = {
  socket: string | undefined;
  tcp: { host: string; port: number; tls: boolean } | undefined;
  /** Clients that have said hello. */
  clients(): number;
  /** Connections that have not. */
  halfOpen(): number;
  /** Bytes that wait in this process for clients to read them. */
  waitingBytes(): number;
  /** Calls each time that the last client has left. The answer takes it back. */
  onIdle(run: () => void): () => void;
  /** Tells each client to connect again (1012) and stops listening. Resolves when every connection is gone. */
  close(): Promise<void>;
};

/**
 * Listens on a Unix socket (or Windows pipe), on TCP, or both. Does not start the coordinator and does not shut it down.
 * @throws ServerError
 */
export async function listen(options: ServerOptions): Promise<Listening> {
  const { coordinator, socket, tcp } = options;
  if (tcp && !tcp.tls && !tcp.allowInsecureLan && !isLoopback(tcp.host))
    throw new ServerError(
      "insecure",
      `${tcp.host} is not loopback: give a TLS certificate and key, or say --insecure-lan to send the token in clear text`,
    );
  if (tcp && options.token.length < 16) throw new ServerError("insecure", "TCP needs a token of 16 characters or more");
  const tokens = new Tokens([...(options.tokens ?? []), { token: options.token, scope: "admin" }]);
  const limits = { ...defaultLimits, ...options.limits };
  const shared: Shared = {
    coordinator,
    version: options.version,
    warnings: options.warnings ?? [],
    limits,
    log: options.log,
    counts: makeCounts(options.metrics),
    planes: options.planes ?? noPlanes,
    scopeOf: (token) => tokens.scopeOf(token),
  };
  const clients = new Set<Connection>();
  const idle = new Set<() => void>();
  const liveness = makeLiveness(clients, limits.pingMs);
  let ids = 0;
  const setup: Omit<ListenerSetup, "transport" | "halfOpenMax"> = {
    shared,
    allowedOrigins: options.allowedOrigins ?? [],
    ready: options.ready ?? (() => true),
    nextId: () => ++ids,
    clients,
    onClients() {
      liveness.update();
      if (clients.size === 0) for (const run of idle) run();
    },
  };

  const local =
    socket === undefined
      ? undefined
      : new Listener({
          ...setup,
          transport: "socket",
          halfOpenMax: options.limits?.halfOpenMax ?? limits.clientsMax,
          ...(process.platform === "win32" ? {} : { scopeWithoutToken: "admin" }),
        });
  const remote =
    tcp === undefined
      ? undefined
      : new Listener({ ...setup, transport: "tcp", halfOpenMax: limits.halfOpenMax, ...(tcp.tls ? { tls: tcp.tls } : {}) });
  if (local) await listenUnix(local.server, socket!);
  const inode = local && process.platform !== "win32" ? fs.lstatSync(socket!).ino : 0;
  try {
    if (remote) await listenTcp(remote, tcp!, options.allowedHosts ?? []);
  } catch (error) {
    if (local) closeUnix(local.server, socket!, inode);
    throw error;
  }
  // After the answers to what is waiting already, so that a first hello does not wait for it.
  setImmediate(() => void loadSchemas());

  return {
    socket,
    tcp: remote && { host: tcp!.host, port: (remote.address() as AddressInfo).port, tls: tcp!.tls !== undefined },
    clients: () => clients.size,
    halfOpen: () => (local?.halfOpen ?? 0) + (remote?.halfOpen ?? 0),
    waitingBytes: () => [...clients].reduce((sum, client) => sum + client.waitingBytes, 0),
    onIdle(run) {
      idle.add(run);
      return () => idle.delete(run);
    },
    async close() {
      const listeners = [local, remote].filter((listener) => listener !== undefined);
      const closed = listeners.map((listener) => new Promise<void>((resolve) => listener.server.once("close", resolve)));
      if (local?.server.listening) closeUnix(local.server, socket!, inode);
      remote?.server.close();
      const all = [...clients, ...listeners.flatMap((listener) => [...listener.arriving])];
      for (const connection of all) connection.close(closeCode.restart, "the server ends: connect again and resume");
      for (const listener of listeners) listener.server.closeAllConnections();
      await Promise.all([...closed, ...all.map((connection) => connection.ended)]);
    },
  };
}

function listenTcp(listener: Listener, tcp: TcpOptions, allowedHosts: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    listener.server.once("error", (error: NodeJS.ErrnoException) => {
      const code = error.code === "EADDRINUSE" ? "in_use" : "failed";
      reject(new ServerError(code, `cannot listen at ${tcp.host}:${tcp.port}: ${error.message}`, error));
    });
    listener.server.listen(tcp.port, tcp.host, () => {
      listener.server.removeAllListeners("error");
      const { port } = listener.address() as AddressInfo;
      listener.hosts = hostRule({ host: tcp.host, port, tls: tcp.tls !== undefined }, allowedHosts);
      resolve();
    });
  });
}

/** Pings TCP clients; the kernel tells when a local one dies. No timer runs without one. */
function makeLiveness(clients: ReadonlySet<Connection>, ms: number): { update(): void } {
  let timer: NodeJS.Timeout | undefined;
  return {
    update() {
      const needed = [...clients].some((client) => client.transport === "tcp");
      if (needed && !timer) {
        timer = setInterval(() => {
          for (const client of clients) if (client.transport === "tcp") client.ping();
        }, ms);
      } else if (!needed && timer) {
        clearInterval(timer);
        timer = undefined;
      }
    },
  };
}
