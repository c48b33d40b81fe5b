import http from "node:http";
import https from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import { WebSocket, WebSocketServer } from "ws";
import type { Subprotocol } from "../protocol/codec/index.ts";
import {
  clientFrameBytesMax,
  closeCode,
  helloBytesMax,
  protocolPath,
  type Scope,
  subprotocolJson,
  subprotocolMsgpack,
} from "../protocol/index.ts";
import { type Arrival, Connection, type Shared } from "./connection.ts";
import { Door } from "./door.ts";
import { bearer, type HostRule, type Refusal, refuseHost, refuseOrigin } from "./gate.ts";
import { closeTimeoutMs } from "./limits.ts";

/** Node checks for late requests at this interval; the door has a deadline for each connection instead, so that nothing ticks when idle. */
const never = 2 ** 31 - 1;

/** Gives the closing frames that ws sends by itself the reason that it leaves out. */
class ReasonedSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    if (code === 1009 && !data) super.close(code, `a frame is larger than ${clientFrameBytesMax} bytes: send less at once`);
    else if (code === 1007 && !data) super.close(code, "a text frame or close reason is no UTF-8");
    else if (code === 1002 && !data) super.close(code, "the frames are no valid WebSocket frames (RFC 6455)");
    else super.close(code, data);
  }
}

export type ListenerSetup = {
  transport: "socket" | "tcp";
  halfOpenMax: number;
  shared: Shared;
  tls?: { cert: string; key: string };
  allowedOrigins: readonly string[];
  /** Scope of a client that brings no token. Only ever on a Unix socket. */
  scopeWithoutToken?: Scope;
  ready(): boolean;
  nextId(): number;
  /** All clients of the server, over all its listeners. */
  clients: Set<Connection>;
  onClients(): void;
};

/** One HTTP server: /v1 upgrades, /healthz and /readyz answer, all else is 404. */
export class Listener {
  readonly server: http.Server;
  /** Set once the port is known; a Unix socket has none. */
  hosts: HostRule | undefined;
  readonly #setup: ListenerSetup;
  readonly #door: Door;
  readonly #sockets: WebSocketServer;
  /** Opened, hello not yet accepted. */
  readonly #arriving = new Set<Connection>();

  constructor(setup: ListenerSetup) {
    this.#setup = setup;
    const { limits } = setup.shared;
    this.#door = new Door(setup.halfOpenMax, limits.helloTimeoutMs);
    const options = { connectionsCheckingInterval: never, maxHeaderSize: 16 << 10, keepAlive: false };
    this.server = setup.tls
      ? https.createServer({ ...options, ...setup.tls, handshakeTimeout: limits.helloTimeoutMs, minVersion: "TLSv1.2" })
      : http.createServer(options);
    this.server.maxConnections = limits.clientsMax + setup.halfOpenMax;
    this.#sockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: clientFrameBytesMax,
      WebSocket: ReasonedSocket,
      handleProtocols: (offered) => pick(offered) ?? false,
      closeTimeout: closeTimeoutMs,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.server.on(setup.tls ? "secureConnection" : "connection", (socket: Socket) => this.#accept(socket));
    this.server.on("request", (request, response) => this.#answer(request, response));
    this.server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
  }

  get halfOpen(): number {
    return this.#door.size;
  }

  address(): AddressInfo | string | null {
    return this.server.address();
  }

  /** Connections that are open but not welcomed; ended with the server. */
  get arriving(): ReadonlySet<Connection> {
    return this.#arriving;
  }

  #accept(socket: Socket): void {
    const { counts } = this.#setup.shared;
    counts.connections.value++;
    const entered = this.#door.enter(socket, (late) => {
      counts.helloTimeouts.value++;
      const connection = [...this.#arriving].find((arriving) => arriving.socket === late);
      if (connection) connection.close(closeCode.policy, "no hello in time: send it first");
      else late.destroy();
    });
    if (!entered) counts.refused.value++;
  }

  #refuse(request: http.IncomingMessage): Refusal | undefined {
    return refuseHost(request.headers, this.hosts) ?? refuseOrigin(request.headers, this.#setup.allowedOrigins);
  }

  #refused(request: http.IncomingMessage, refusal: Refusal): void {
    const { log, counts } = this.#setup.shared;
    counts.refused.value++;
    if (refusal.status === 401) counts.authFailures.value++;
    const { host, origin } = request.headers;
    log?.warn("refused", {
      transport: this.#setup.transport,
      remote: remoteOf(request),
      status: refusal.status,
      why: refusal.message,
      host,
      origin,
    });
  }

  #answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const path = pathOf(request);
    let { status, message }: Refusal = this.#refuse(request) ?? {
      status: 404,
      message: `nothing here: ${protocolPath} is a WebSocket, /healthz and /readyz answer`,
    };
    if (status === 403) this.#refused(request, { status, message });
    else if (path === protocolPath)
      [status, message] = [426, `${protocolPath} is a WebSocket with subprotocol ${subprotocolMsgpack} or ${subprotocolJson}`];
    else if (path === "/healthz" || path === "/readyz") {
      if (request.method !== "GET" && request.method !== "HEAD") [status, message] = [405, "GET or HEAD"];
      else if (path === "/healthz" || this.#setup.ready()) [status, message] = [200, "ok"];
      else [status, message] = [503, "not ready"];
    }
    response.writeHead(status, plain(message, status)).end(`${message}\n`);
  }

  #upgrade(request: http.IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refuse(request) ?? this.#refuseUpgrade(request);
    const token = bearer(request.headers);
    const { shared, transport, clients } = this.#setup;
    const known = token === undefined ? undefined : shared.scopeOf(token);
    const problem: Refusal | undefined =
      refusal ??
      (token !== undefined && known === undefined
        ? { status: 401, message: "the token is not known here: read it again from the discovery file" }
        : undefined) ??
      (clients.size >= shared.limits.clientsMax
        ? { status: 503, message: `${clients.size} clients are connected, no more fit` }
        : undefined);
    if (problem) {
      this.#refused(request, problem);
      rejectUpgrade(socket, problem);
      return;
    }
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      const subprotocol = (ws.protocol || subprotocolJson) as Subprotocol;
      let connection: Connection;
      // Bytes before hello are counted: the frame limit of ws is one for a whole connection and far too much for a stranger.
      let bytes = head.length;
      const count = (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > helloBytesMax && this.#arriving.has(connection))
          connection.close(closeCode.policy, `more than ${helloBytesMax} bytes before a hello`);
      };
      const arrival: Arrival = {
        id: this.#setup.nextId(),
        ws,
        socket,
        subprotocol,
        transport,
        remote: remoteOf(request),
        scope: known ?? this.#setup.scopeWithoutToken,
        onWelcome: () => {
          socket.removeListener("data", count);
          this.#door.leave(socket);
          this.#arriving.delete(connection);
          clients.add(connection);
          this.#setup.onClients();
        },
        onClose: () => {
          this.#arriving.delete(connection);
          if (clients.delete(connection)) this.#setup.onClients();
        },
      };
      connection = new Connection(shared, arrival);
      this.#arriving.add(connection);
      socket.on("data", count);
    });
  }

  #refuseUpgrade(request: http.IncomingMessage): Refusal | undefined {
    if (pathOf(request) !== protocolPath) return { status: 404, message: `nothing here: the protocol is at ${protocolPath}` };
    const offered = request.headers["sec-websocket-protocol"];
    if (offered === undefined || pick(new Set(offered.split(",").map((name) => name.trim())))) return undefined;
    return {
      status: 400,
      message: `none of the subprotocols offered is spoken here: offer ${subprotocolMsgpack} (binary) or ${subprotocolJson} (text)`,
    };
  }
}

/** The client's order decides. */
const pick = (offered: Set<string>) => [...offered].find((name) => name === subprotocolMsgpack || name === subprotocolJson);

const pathOf = (request: http.IncomingMessage) => (request.url ?? "").split("?", 1)[0];

const remoteOf = (request: http.IncomingMessage) => request.socket.remoteAddress ?? "local";

function plain(message: string, status: number): Record<string, string | number> {
  return {
    "Content-Type": "text/plain; charset=utf-8",
    "Content-Length": Buffer.byteLength(message) + 1,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    Connection: "close",
    ...(status === 401 ? { "WWW-Authenticate": "Bearer" } : {}),
    ...(status === 426 ? { Upgrade: "websocket" } : {}),
  };
}

function rejectUpgrade(socket: Duplex, { status, message }: Refusal): void {
  const headers = Object.entries(plain(message, status)).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${headers.join("")}\r\n${message}\n`);
}
