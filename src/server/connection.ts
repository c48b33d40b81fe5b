import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Coordinator, Peer, PeerPort } from "../contracts/coordinator.ts";
import type { Log } from "../contracts/base.ts";
import type { Planes } from "../metrics/planes.ts";
import type { Subprotocol } from "../protocol/codec/index.ts";
import { closeCode, CommandError, type Hello, idCharsMax, type Scope, type ServerFrame } from "../protocol/index.ts";
import type { Counts } from "./counts.ts";
import { decode, encodeOnce } from "./encode-once.ts";
import { type Corked, gather } from "./flush.ts";
import { checkHello, welcome } from "./handshake.ts";
import { hotFrames } from "./hot-frames.ts";
import { closeTimeoutMs } from "./limits.ts";
import type { ServerLimits } from "./options.ts";
import { run, toProtocolError } from "./requests.ts";

/** What all connections of a server share. */
export type Shared = {
  coordinator: Coordinator;
  version: string;
  warnings: readonly string[];
  limits: ServerLimits;
  log: Log | undefined;
  counts: Counts;
  planes: Pick<Planes, "charge">;
  /** @returns what the holder of this token may do; undefined: nobody */
  scopeOf(token: string): Scope | undefined;
};

/** What is known of a connection before its hello. */
export type Arrival = {
  id: number;
  ws: WebSocket;
  socket: Duplex;
  subprotocol: Subprotocol;
  transport: "socket" | "tcp";
  remote: string;
  /** From the Authorization header, or because only the owner can open the Unix socket. */
  scope: Scope | undefined;
  /** Called once, when hello was accepted. */
  onWelcome(): void;
  onClose(): void;
};

/** A WebSocket close frame holds 123 bytes of reason. */
const closeReasonBytesMax = 123;

/** One client: its frames in, its frames out, and how much of the latter may wait. */
export class Connection implements Peer, Corked {
  readonly id: number;
  readonly socket: Duplex;
  readonly planes: Pick<Planes, "charge">;
  corked = false;
  name = "";
  scope: Scope = "view";
  /** Set by each frame and pong, cleared by each ping. */
  alive = true;
  readonly transport: Arrival["transport"];
  /** Resolves when the socket is gone and the coordinator has been told. */
  readonly ended: Promise<void>;
  readonly #ws: WebSocket;
  readonly #shared: Shared;
  readonly #arrival: Arrival;
  readonly #since = Date.now();
  #port: PeerPort | undefined;
  #open = true;
  #reason = "";
  #inFlight = 0;
  #draining: (() => void)[] = [];

  constructor(shared: Shared, arrival: Arrival) {
    this.id = arrival.id;
    this.socket = arrival.socket;
    this.transport = arrival.transport;
    this.#ws = arrival.ws;
    this.#shared = shared;
    this.planes = shared.planes;
    this.#arrival = arrival;
    this.#ws.on("message", (data: Buffer, isBinary: boolean) => this.planes.charge("server", () => this.#receive(data, isBinary)));
    this.#ws.on("pong", () => {
      this.alive = true;
    });
    this.#ws.on("error", (error: Error) => {
      this.#reason ||= error.message;
    });
    this.ended = new Promise((resolve) => {
      this.#ws.on("close", (code: number) => {
        this.#closed(code);
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Bytes that wait in this process for the client to read. */
  get waitingBytes(): number {
    return this.socket.writableLength;
  }

  // Budget: 10 us a frame and client, most of it the socket's write (bench/wire.ts). Frames go past ws, which would make a buffer for
  // each client and frame; its own (pong, close) follow them in the same socket.
  send(frame: ServerFrame): void {
    if (this.#open) this.planes.charge("server", () => this.#write(frame));
  }

  #write(frame: ServerFrame): void {
    // A closing handshake is under way: ws has ended the socket.
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    const { limits, counts } = this.#shared;
    const waiting = this.waitingBytes;
    if (waiting > limits.slowClientBytes) {
      if (isLatestWins(frame)) {
        counts.framesDropped.value++;
        return;
      }
      if (waiting > limits.slowClientCloseBytes) {
        counts.slowClients.value++;
        this.close(closeCode.slowConsumer, `${waiting} bytes were not read: connect again and subscribe after the last seq you have`);
        return;
      }
    }
    // A patch comes alone: there is one a tick and screen. The others are gathered.
    if (!("type" in frame && frame.type === "patch")) gather(this);
    for (const bytes of encodeOnce(frame, this.#arrival.subprotocol)) {
      this.socket.write(bytes);
      counts.bytesSent.value += bytes.length;
    }
    counts.framesSent.value++;
  }

  drained(): Promise<void> {
    if (!this.#open || this.waitingBytes <= this.#shared.limits.slowClientBytes) return Promise.resolve();
    return new Promise((resolve) => {
      if (this.#draining.push(resolve) === 1) this.socket.once("drain", () => this.#drained());
    });
  }

  #drained(): void {
    const waiting = this.#draining;
    this.#draining = [];
    for (const resolve of waiting) resolve();
  }

  /** Says why, then ends the connection; nothing that comes after is looked at. */
  close(code: number, reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#reason = reason;
    this.#ws.close(code, cut(reason));
    // ws waits for its own timeout only when the closing frame could be written; a client that does not read holds it up.
    const end = setTimeout(() => this.#ws.terminate(), closeTimeoutMs);
    this.#ws.once("close", () => clearTimeout(end));
    this.#drained();
  }

  /** Asks whether the client is there; ends the connection when it did not answer the question before. */
  ping(): void {
    if (!this.alive) {
      this.#reason ||= "no answer to a ping";
      this.#ws.terminate();
      return;
    }
    this.alive = false;
    this.#ws.ping();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (!this.#open) return;
    this.alive = true;
    this.#shared.counts.framesReceived.value++;
    let frame: unknown;
    try {
      frame = decode(isBinary ? data : data.toString(), this.#arrival.subprotocol);
    } catch (error) {
      this.#shared.counts.malformed.value++;
      this.close(closeCode.malformed, `a frame cannot be decoded: ${(error as Error).message}`);
      return;
    }
    if (typeof frame !== "object" || frame === null || Array.isArray(frame)) {
      this.close(closeCode.policy, "a frame must be a map with `type`, or with `id` and `method`");
      return;
    }
    const complaint = this.#port
      ? this.#dispatch(this.#port, frame as Record<string, unknown>)
      : this.#hello(frame as Record<string, unknown>);
    if (complaint !== undefined) this.close(closeCode.policy, complaint);
  }

  #hello(frame: Record<string, unknown>): string | undefined {
    const complaint = checkHello(frame);
    if (complaint !== undefined) return complaint;
    const hello = frame as Hello;
    const scope = hello.token === undefined ? this.#arrival.scope : this.#shared.scopeOf(hello.token);
    if (scope === undefined) {
      this.#shared.counts.authFailures.value++;
      return hello.token === undefined
        ? "a token is needed: send it as Authorization: Bearer or in hello.token"
        : "the token is not known here: read it again from the discovery file";
    }
    this.scope = scope;
    this.name = printable(hello.client.name);
    this.#arrival.onWelcome();
    this.send(welcome(this.#shared));
    this.#port = this.#shared.coordinator.connect(this);
    this.#log("client connected", { client: this.name, clientVersion: printable(hello.client.version), scope });
    return undefined;
  }

  #dispatch(port: PeerPort, frame: Record<string, unknown>): string | undefined {
    const { type, id, method } = frame;
    if (typeof type === "string") {
      const hot = hotFrames[type];
      if (hot) return hot(port, frame);
      return type === "hello" ? "hello was said already" : `unknown frame type "${printable(type)}"`;
    }
    const isId = typeof id === "string" ? id.length > 0 && id.length <= idCharsMax : Number.isSafeInteger(id);
    if (!isId || typeof method !== "string")
      return `a request needs a string \`method\` and an \`id\`: an integer or 1 to ${idCharsMax} characters`;
    void this.#request(port, id as string | number, { method, params: frame.params, key: frame.key });
    return undefined;
  }

  async #request(port: PeerPort, id: string | number, frame: { method: string; params: unknown; key: unknown }): Promise<void> {
    const { limits, counts, log } = this.#shared;
    counts.requests.value++;
    if (this.#inFlight >= limits.requestsInFlightMax) {
      const error = new CommandError("overloaded", `more than ${limits.requestsInFlightMax} requests wait for an answer: wait for some`);
      this.send({ id, error: { ...toProtocolError(error, frame.method, log), retryAfterMs: 100 } });
      return;
    }
    this.#inFlight++;
    try {
      const result = await run(port, this.scope, frame);
      this.send({ id, result });
    } catch (error) {
      counts.requestErrors.value++;
      this.send({ id, error: toProtocolError(error, frame.method, log) });
    } finally {
      this.#inFlight--;
    }
  }

  #closed(code: number): void {
    this.#open = false;
    this.#drained();
    this.#arrival.onClose();
    this.#port?.close();
    this.#port = undefined;
    this.#log("client gone", { client: this.name, code, ms: Date.now() - this.#since, ...(this.#reason ? { reason: this.#reason } : {}) });
  }

  #log(message: string, fields: Record<string, unknown>): void {
    this.#shared.log?.info(message, { id: this.id, transport: this.transport, remote: this.#arrival.remote, ...fields });
  }
}

/** Frames that a later one makes worthless: dropped first when a client lags. */
const isLatestWins = (frame: ServerFrame) =>
  "type" in frame && (frame.type === "delta" || frame.type === "progress" || frame.type === "activity");

/** What others show or log: no control characters, not long. */
const printable = (text: string) => text.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "").slice(0, 64);

function cut(reason: string): Buffer {
  const bytes = Buffer.from(reason);
  if (bytes.length <= closeReasonBytesMax) return bytes;
  let end = closeReasonBytesMax;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
