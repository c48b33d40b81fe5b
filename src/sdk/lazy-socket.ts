import { frameBytesMax, type SocketLike } from "./transport.ts";

/** The ws package's WebSocket, loaded when the first URL is opened. */
export class LazySocket implements SocketLike {
  binaryType = "arraybuffer";
  readonly protocol: string;
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  #socket: SocketLike | undefined;
  #closed = false;

  constructor(url: string, subprotocol: string, token: string | undefined) {
    this.protocol = subprotocol;
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    import("ws").then(
      ({ WebSocket }) => {
        if (this.#closed) return this.#gone("closed before it was opened");
        const socket = new WebSocket(url, subprotocol, {
          perMessageDeflate: false,
          maxPayload: frameBytesMax,
          headers,
        }) as unknown as SocketLike;
        this.#socket = socket;
        socket.binaryType = this.binaryType;
        socket.onopen = (event) => this.onopen?.(event);
        socket.onmessage = (event) => this.onmessage?.(event);
        socket.onclose = (event) => this.onclose?.(event);
        socket.onerror = (event) => this.onerror?.(event);
      },
      (error: Error) => this.#gone(error.message),
    );
  }

  send(data: Uint8Array | string): void {
    this.#socket?.send(data);
  }

  close(code?: number, reason?: string): void {
    this.#closed = true;
    this.#socket?.close(code, reason);
  }

  #gone(message: string): void {
    this.onerror?.({ message } as never);
    this.onclose?.({ code: 1006, reason: "" } as never);
  }
}
