// One POST to a provider over a kept-alive connection, read at our own pace.
//
// node:http with a raw 'data' handler, not undici: 450 events of a paced stream cost 50 ms of CPU against 130 ms with undici
// `dispatch`, and loading it costs 4 ms against 59 (Node 24, 2 cores). Pausing a stream does not stop Node from reading
// its socket (it fills a 64 KiB buffer first, one wake-up a chunk); only stopping the handle does, see `stop` and `takeGathered`.
import fs from "node:fs";
import type { Agent, ClientRequest, IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import type { Socket } from "node:net";
import type { Clock } from "../../contracts/base.ts";

/** A free connection is kept for this long; a server's own shorter hint wins. */
const keepAliveMs = 90_000;
/** DNS, TCP and TLS together. */
export const connectTimeoutMs = 10_000;
/** What may still come after the provider's own end mark is a few bytes; a server that holds on longer loses the connection. */
const releaseMs = 1_000;
/** Free connections kept per host: more than a worker's usual share of streaming sessions is waste. */
const freeSocketsMax = 64;

export type ConnectionErrorCode = "connect" | "connect_timeout" | "headers_timeout" | "idle_timeout" | "cut" | "tls" | "address";

/** What broke on the way to or from a provider. `cut`: after the request had been sent. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ConnectionErrorCode;
  constructor(code: ConnectionErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export type ExchangeRequest = {
  url: string;
  headers: Record<string, string>;
  /** The body in pieces, sent one after the other without being joined. They must not change before the answer's head has come. */
  body: readonly Uint8Array[];
  headersTimeoutMs: number;
  /** Longest silence while the answer streams. There is no limit to its whole time. */
  idleTimeoutMs: number;
};

/** Calls come in this order: connected?, head?, bytes*, then exactly one of end and error; none after `destroy`. */
export type ExchangeEvents = {
  connected(): void;
  head(status: number, headers: IncomingHttpHeaders): void;
  bytes(chunk: Uint8Array): void;
  end(): void;
  error(error: ConnectionError): void;
};

export interface Exchange {
  /** Stops reading the socket: bytes gather in the kernel and wake nobody. */
  stop(): void;
  /** Takes what has gathered. When there was nothing, what comes next is read as it comes. */
  go(): void;
  /** Reads as bytes come, until the next `stop`. */
  watch(): void;
  /** Closes the socket at once; no event comes after. */
  destroy(): void;
  /** The answer is complete for us: no event comes after, the rest is read and dropped so that the connection can be used again. */
  release(): void;
}

export interface Connections {
  post(request: ExchangeRequest, events: ExchangeEvents): Exchange;
  /** Closes all free connections. */
  close(): void;
}

type Transport = { request(url: URL, options: RequestOptions): ClientRequest; agent: Agent; direct: Agent };

/** The part of a socket's handle that is used: libuv's own switch for reading. Internal to Node, so used only when it is there. */
type Handle = { reading?: boolean; fd?: number; readStop?(): number; readStart?(): number };

const handleOf = (socket: Socket | undefined): Handle | undefined => {
  const handle = (socket as unknown as { _handle?: Handle | null } | undefined)?._handle ?? undefined;
  return handle?.readStop && handle.readStart ? handle : undefined;
};

/** What one read takes, and how many follow each other: 1 MiB a tick is more than any model writes. */
const scratch = Buffer.allocUnsafeSlow(65_536);
const readsMax = 16;

/**
 * Takes what has gathered in the kernel for a plain socket that is not being read, without the event loop: telling epoll to watch
 * a socket, to find it readable and to stop again is two wake-ups a tick, and this is none.
 * @returns whether there was something. False too at the end, on an error and where there is no descriptor: the loop finds out.
 */
function takeGathered(socket: Socket | undefined, handle: Handle): boolean {
  if (!socket || (socket as { encrypted?: boolean }).encrypted) return false;
  try {
    for (let reads = 0; reads < readsMax; reads++) {
      // Asked for anew: what was read may have closed the socket.
      const fd = handle.fd ?? -1;
      if (fd < 0) return reads > 0;
      const length = fs.readSync(fd, scratch);
      if (length === 0) return false;
      // The parser hands out views on what it was given.
      socket.emit("data", Buffer.from(scratch.subarray(0, length)));
      if (length < scratch.length) return true;
    }
    return true;
  } catch {
    return false; // EAGAIN: nothing has come
  }
}

const loopback = (host: string): boolean => host === "localhost" || host === "[::1]" || /^127\./.test(host);

/** Codes of Node for certificates that are not accepted; trying again does not help. */
const tlsCode = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_SSL|EPROTO|HOSTNAME_MISMATCH)/;

/**
 * Connections of one worker. HTTP_PROXY, HTTPS_PROXY and NO_PROXY count for hosts that are not this machine.
 */
export function openConnections(clock: Clock, environment: NodeJS.ProcessEnv = process.env): Connections {
  const transports = new Map<string, Transport>();
  /** Loaded with the first request, so that a worker starts without them. */
  async function transport(protocol: string): Promise<Transport> {
    const known = transports.get(protocol);
    if (known) return known;
    const secure = protocol === "https:";
    const module = secure ? await import("node:https") : await import("node:http");
    const options = { keepAlive: true, timeout: keepAliveMs, maxFreeSockets: freeSocketsMax, scheduling: "lifo" as const };
    const proxied = ["http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"].some((name) => environment[name]);
    const direct = new module.Agent(options);
    const agent = proxied ? new module.Agent({ ...options, proxyEnv: environment }) : direct;
    const made: Transport = { request: (url, init) => module.request(url, init), agent, direct };
    transports.set(protocol, made);
    return made;
  }
  return {
    post: (request, events) => exchange(request, events, clock, transport),
    close() {
      for (const { agent, direct } of transports.values()) {
        agent.destroy();
        direct.destroy();
      }
      transports.clear();
    },
  };
}

function exchange(
  request: ExchangeRequest,
  events: ExchangeEvents,
  clock: Clock,
  transport: (protocol: string) => Promise<Transport>,
): Exchange {
  let over = false;
  let outgoing: ClientRequest | undefined;
  let answer: IncomingMessage | undefined;
  let socket: Socket | undefined;
  let stopped = false;
  let lastByteAt = 0;
  let cancelTimer = (): void => {};

  const finish = (): boolean => {
    if (over) return false;
    over = true;
    cancelTimer();
    return true;
  };
  const fail = (code: ConnectionErrorCode, message: string, cause?: unknown): void => {
    if (!finish()) return;
    outgoing?.destroy();
    events.error(new ConnectionError(code, message, cause));
  };
  const timer = (ms: number, code: ConnectionErrorCode, message: string): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, () => fail(code, message));
  };
  /** One timer, moved only when it fires: a stream of thousands of chunks does not touch it. */
  const watchSilence = (ms: number): void => {
    cancelTimer();
    cancelTimer = clock.after(ms, () => {
      const silent = clock.now() - lastByteAt;
      if (silent >= request.idleTimeoutMs)
        fail("idle_timeout", `The provider sent nothing for ${Math.round(request.idleTimeoutMs / 1000)} s`);
      else watchSilence(request.idleTimeoutMs - silent);
    });
  };

  const receive = (incoming: IncomingMessage): void => {
    answer = incoming;
    socket = incoming.socket;
    lastByteAt = clock.now();
    watchSilence(request.idleTimeoutMs);
    // Node hands the parser's pieces to `push`; taken there, they skip the buffers and events of a stream, a fifth of the cost of
    // reading. Its end still comes as the stream's.
    const push = incoming.push.bind(incoming);
    incoming.push = (chunk: Buffer | null) => {
      if (chunk === null) return push(null);
      if (over) return true;
      lastByteAt = clock.now();
      events.bytes(chunk);
      return true;
    };
    incoming.resume();
    incoming.on("end", () => {
      // A chunked body that was cut ends as "aborted", but a body without length ends the same way cut or whole: the
      // decoder judges that one.
      if (incoming.complete && finish()) events.end();
      else fail("cut", "The connection broke in the middle of the answer");
    });
    incoming.on("error", (error) => fail("cut", "The connection broke in the middle of the answer", error));
    incoming.on("close", () => fail("cut", "The connection broke in the middle of the answer"));
    if (!over) events.head(incoming.statusCode ?? 0, incoming.headers);
  };

  const send = (url: URL, chosen: Transport, again: boolean): void => {
    const length = request.body.reduce((sum, piece) => sum + piece.length, 0);
    timer(connectTimeoutMs, "connect_timeout", `No connection to ${url.host} within ${connectTimeoutMs / 1000} s`);
    const sent = chosen.request(url, {
      method: "POST",
      agent: loopback(url.hostname) ? chosen.direct : chosen.agent,
      headers: { ...request.headers, "content-length": String(length) },
    });
    outgoing = sent;
    sent.on("socket", (taken) => {
      const connected = (): void => {
        if (over) return;
        timer(
          request.headersTimeoutMs,
          "headers_timeout",
          `${url.host} did not begin to answer within ${Math.round(request.headersTimeoutMs / 1000)} s`,
        );
        events.connected();
      };
      if (!taken.connecting) connected();
      else taken.once(url.protocol === "https:" ? "secureConnect" : "connect", connected);
    });
    sent.on("response", (incoming) => {
      receive(incoming);
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      if (over || answer) return;
      // The server closed a kept connection just as it was taken: nothing was answered, so a fresh one is tried once.
      if (sent.reusedSocket && !again && (error.code === "ECONNRESET" || error.code === "EPIPE")) return send(url, chosen, true);
      const code = error.code ?? "";
      if (tlsCode.test(code)) return fail("tls", `No secure connection to ${url.host}: ${error.message}`, error);
      const early =
        ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT", "EACCES"].includes(code) ||
        sent.socket?.connecting;
      if (early) fail("connect", `No connection to ${url.host}: ${error.message || code}`, error);
      else fail("cut", `${url.host} closed the connection before it answered`, error);
    });
    sent.cork();
    for (const piece of request.body) sent.write(piece);
    sent.end();
    sent.uncork();
  };

  let url: URL;
  try {
    url = new URL(request.url);
    if (url.protocol !== "http:" && url.protocol !== "https:") throw new TypeError(url.protocol);
  } catch (cause) {
    queueMicrotask(() => fail("address", `Not an http(s) address: ${request.url}. Set base_url of the provider`, cause));
    return { stop() {}, go() {}, watch() {}, destroy: finish, release: finish };
  }
  transport(url.protocol).then(
    (chosen) => {
      if (!over) send(url, chosen, false);
    },
    (cause: unknown) => fail("connect", `No connection to ${url.host}`, cause),
  );

  const watch = (): void => {
    const handle = handleOf(socket);
    if (!stopped || !handle) return;
    stopped = false;
    handle.reading = true;
    handle.readStart?.();
  };
  return {
    stop() {
      const handle = handleOf(socket);
      if (over || stopped || !handle) return;
      stopped = true;
      handle.reading = false;
      handle.readStop?.();
    },
    go() {
      const handle = handleOf(socket);
      if (stopped && handle && !takeGathered(socket, handle)) watch();
    },
    watch,
    destroy() {
      if (finish()) outgoing?.destroy();
    },
    release() {
      if (!finish()) return;
      watch();
      if (!answer) return void outgoing?.destroy();
      const cancel = clock.after(releaseMs, () => outgoing?.destroy());
      if (answer.complete) cancel();
      else answer.once("close", cancel);
    },
  };
}
