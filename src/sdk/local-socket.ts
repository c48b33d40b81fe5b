// A WebSocket over a Unix socket or Windows pipe, for the client's start-up: the ws package brings http, https, tls and zlib,
// which take longer to load than everything else in the client (measured: 49 ms to the first answer with it, 30 without), and it waits for the answer to the upgrade
// before anything can be sent. Here upgrade, hello and the first requests are one write. Only what our own server sends is understood:
// whole frames, no extensions. Payloads are masked with zeros: masks protect proxies, and there is none on a socket file.
import net from "node:net";
import { protocolPath } from "../protocol/index.ts";
import { frameBytesMax, type SocketLike } from "./transport.ts";

/** The answer to an upgrade has some 150 bytes. */
const headBytesMax = 16 << 10;
/** How long a server may take to answer a closing frame. */
const closeTimeoutMs = 1_000;

/** What one read takes at most. */
const readBytes = 64 << 10;
/** A frame up to this long is sent as one buffer. */
const joinBytesMax = 4 << 10;

const opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export class LocalSocket implements SocketLike {
  binaryType = "arraybuffer";
  readonly protocol: string;
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  onerror: SocketLike["onerror"] = null;
  readonly #socket: net.Socket;
  #upgraded = false;
  #corked = false;
  #closing = false;
  #end = { code: 1006, reason: "" };
  /** What has arrived and is no whole frame yet, and how many bytes are needed to go on. */
  #chunks: Buffer[] = [];
  #bytes = 0;
  #needed = 2;

  constructor(path: string, subprotocol: string, token: string | undefined) {
    this.protocol = subprotocol;
    // One buffer that is read into and copied from, past the stream's own queue: half the cost of a patch's arrival.
    this.#socket = net.connect({
      path,
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (length, buffer) => {
          this.#receive(Buffer.from(buffer.subarray(0, length)));
          return true;
        },
      },
    });
    this.#socket.resume();
    this.#socket.on("connect", () => {
      this.#write(
        Buffer.from(
          `GET ${protocolPath} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: Y3J1c2gtbG9jYWwtMDAwMA==\r\nSec-WebSocket-Protocol: ${subprotocol}\r\n${token === undefined ? "" : `Authorization: Bearer ${token}\r\n`}\r\n`,
        ),
      );
      this.onopen?.({} as never);
    });
    this.#socket.on("error", (error: Error) => this.onerror?.({ message: error.message } as never));
    this.#socket.on("close", () => this.onclose?.(this.#end as never));
  }

  send(data: Uint8Array | string): void {
    if (!this.#closing)
      this.#frame(typeof data === "string" ? opcode.text : opcode.binary, typeof data === "string" ? Buffer.from(data) : data);
  }

  close(code = 1000, reason = ""): void {
    if (this.#closing) return;
    if (this.#upgraded) {
      const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
      this.#end = { code, reason };
      this.#frame(opcode.close, payload);
      setTimeout(() => this.#socket.destroy(), closeTimeoutMs).unref();
    } else this.#socket.destroy();
    this.#closing = true;
  }

  /** Writes of one callback leave as one. */
  #write(bytes: Uint8Array): void {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      queueMicrotask(() => {
        this.#corked = false;
        this.#socket.uncork();
      });
    }
    this.#socket.write(bytes);
  }

  #frame(kind: number, payload: Uint8Array): void {
    const { length } = payload;
    const headBytes = length < 126 ? 6 : length < 65_536 ? 8 : 14;
    const isJoined = length <= joinBytesMax;
    const head = Buffer.alloc(isJoined ? headBytes + length : headBytes);
    head[0] = 0x80 | kind;
    head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
    if (length >= 65_536) head.writeUIntBE(length, 4, 6);
    else if (length >= 126) head.writeUInt16BE(length, 2);
    if (isJoined) head.set(payload, headBytes);
    this.#write(head);
    if (!isJoined) this.#write(payload);
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < this.#needed) return;
    let rest = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    if (!this.#upgraded) {
      const end = rest.indexOf("\r\n\r\n");
      const status = /^HTTP\/1\.1 (\d{3}) /.exec(rest.toString("latin1", 0, 13))?.[1];
      if (end < 0 && rest.length < headBytesMax) {
        this.#keep(rest, rest.length + 1);
        return;
      }
      if (status !== "101" || end < 0) {
        this.#fail(`Unexpected server response: ${status ?? "no HTTP"}`);
        return;
      }
      this.#upgraded = true;
      rest = rest.subarray(end + 4);
    }
    for (;;) {
      const { at, length } = frameAt(rest);
      if (length > frameBytesMax || (rest.length > 0 && (rest[0]! & 0x70) !== 0)) {
        this.#fail("the server sent what is no frame");
        return;
      }
      if (rest.length < at + length) {
        this.#keep(rest, at + length);
        return;
      }
      const payload = rest.subarray(at, at + length);
      const kind = rest[0]!;
      rest = rest.subarray(at + length);
      this.#deliver(kind, payload);
      if (this.#socket.destroyed) return;
    }
  }

  #keep(rest: Buffer, needed: number): void {
    this.#chunks = rest.length > 0 ? [rest] : [];
    this.#bytes = rest.length;
    this.#needed = needed;
  }

  #deliver(head: number, payload: Buffer): void {
    switch (head) {
      case 0x80 | opcode.text:
        this.onmessage?.({ data: payload.toString() } as never);
        break;
      case 0x80 | opcode.binary:
        this.onmessage?.({ data: payload } as never);
        break;
      case 0x80 | opcode.close:
        if (!this.#closing && payload.length >= 2) this.#end = { code: payload.readUInt16BE(0), reason: payload.toString("utf8", 2) };
        if (!this.#closing) this.#frame(opcode.close, payload.subarray(0, 2));
        this.#closing = true;
        this.#socket.end();
        break;
      case 0x80 | opcode.ping:
        this.#frame(opcode.pong, payload);
        break;
      case 0x80 | opcode.pong:
        break;
      default:
        this.#fail("the server sent what is no frame");
    }
  }

  #fail(message: string): void {
    this.onerror?.({ message } as never);
    this.#socket.destroy();
  }
}

/** Where the payload of the frame at the front starts and how long it is; with too few bytes, what is needed to tell. */
function frameAt(bytes: Buffer): { at: number; length: number } {
  if (bytes.length < 2) return { at: 2, length: 0 };
  const short = bytes[1]!;
  // A masked frame (bit 7) is none that a server sends.
  if (short > 127) return { at: 2, length: Number.POSITIVE_INFINITY };
  if (short < 126) return { at: 2, length: short };
  const at = short === 126 ? 4 : 10;
  if (bytes.length < at) return { at, length: 0 };
  return { at, length: short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)) };
}
