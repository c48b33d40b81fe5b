import { type Codec, codecOf } from "../protocol/codec/index.ts";
import {
  type ClientFrame,
  closeCode,
  type Hello,
  type ServerFrame,
  subprotocolJson,
  subprotocolMsgpack,
  type Welcome,
} from "../protocol/index.ts";
import { ConnectionError } from "./errors.ts";
import type { OpenSocket, SocketLike, Target } from "./transport.ts";

export type LinkHandlers = {
  /** The socket is open and hello is on its way: what is sent now travels in the same flight. */
  onOpen(): void;
  onWelcome(welcome: Welcome): void;
  onFrame(frame: Exclude<ServerFrame, Welcome>): void;
  /** Once, the last call. */
  onEnd(error: ConnectionError): void;
};

/** One WebSocket from its opening to its end. */
export class Link {
  readonly #socket: SocketLike;
  readonly #codec: Codec;
  readonly #handlers: LinkHandlers;
  #open = false;
  #welcomed = false;
  #ended = false;
  #cause = "";

  constructor(open: OpenSocket, target: Target, hello: Hello, json: boolean, handlers: LinkHandlers) {
    this.#handlers = handlers;
    // The limits of the codec protect a server from strangers; a client asked for what it gets.
    this.#codec = codecOf(json ? subprotocolJson : subprotocolMsgpack, Number.POSITIVE_INFINITY);
    this.#socket = open(target, this.#codec.subprotocol);
    this.#socket.binaryType = "arraybuffer";
    this.#socket.onopen = () => {
      this.#open = true;
      this.send(hello);
      handlers.onOpen();
    };
    this.#socket.onmessage = (event: { data: unknown }) => this.#receive(event.data);
    this.#socket.onerror = (event: { message?: string; error?: { message?: string } }) => {
      this.#cause ||= event.error?.message ?? event.message ?? "";
    };
    this.#socket.onclose = (event: { code: number; reason: string }) => this.#end(event.code, event.reason);
  }

  get isOpen(): boolean {
    return this.#open && !this.#ended;
  }

  send(frame: ClientFrame): void {
    if (this.isOpen) this.#socket.send(this.#codec.encode(frame));
  }

  close(): void {
    this.#socket.close(1000);
  }

  #receive(data: unknown): void {
    let frame: unknown;
    try {
      frame = this.#codec.decode(typeof data === "string" ? data : asBytes(data));
    } catch (error) {
      this.#cause = `the server sent what cannot be decoded: ${(error as Error).message}`;
      this.#socket.close(4000);
      return;
    }
    const { type } = frame as { type?: unknown };
    if (type === "welcome") {
      this.#welcomed = true;
      this.#handlers.onWelcome(frame as Welcome);
    } else this.#handlers.onFrame(frame as Exclude<ServerFrame, Welcome>);
  }

  #end(code: number, reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    // A refused upgrade is told by the `ws` package as a status in the error, and by browsers not at all.
    const status = Number(/response: (\d{3})/.exec(this.#cause)?.[1] ?? 0);
    const isRefusal = code === closeCode.malformed || code === closeCode.policy || code === 1009 || (status >= 400 && status < 500);
    const text = reason || this.#cause || `close code ${code}`;
    if (isRefusal) this.#handlers.onEnd(new ConnectionError("refused", `the server refused the connection: ${text}`, code));
    else if (this.#welcomed) this.#handlers.onEnd(new ConnectionError("lost", `the connection to the server was lost: ${text}`, code));
    else this.#handlers.onEnd(new ConnectionError("unreachable", `no server answers: ${text}`, code));
  }
}

function asBytes(data: unknown): Uint8Array {
  return data instanceof ArrayBuffer ? new Uint8Array(data) : (data as Uint8Array);
}
