// Amazon's binary event stream (application/vnd.amazon.eventstream): bytes cut anywhere -> messages. Numbers are big endian.
//
//   0        4              8             12        12 + headers          total - 4   total
//   | total  | headers (n)  | CRC of 0..8 | headers | payload             | CRC of 0..total-4 |
//
//   header   name length u8 | name | type u8 | value: none (0, 1), 1 (2), 2 (3), 4 (4), 8 (5, 8), 16 bytes (9), or u16 length + bytes (6, 7)
//
// Both sums are checked, and all lengths against one another, before anything of a message is told.
import { crc32 } from "node:zlib";

const preludeBytes = 12;
const crcBytes = 4;
/** What AWS itself takes: 128 KiB of headers, 16 MiB in all. */
const headersBytesMax = 128 << 10;
const messageBytesMax = 16 << 20;
/** Of what is kept for a message that is not whole: small ones fit without growing. */
const keptBytes = 4 << 10;

/** Types of header values with their length; 6 and 7 say it themselves. */
const valueBytes: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };
const typeBytes = 6;
const typeString = 7;

/** The bytes are no event stream. What follows cannot be read either. */
export class FrameError extends Error {
  override readonly name = "FrameError";
}

/** `payload` is only valid while it is told. Of the headers the strings are kept. */
export type FrameMessage = { headers: Map<string, string>; payload: Buffer };

export class Frames {
  /** The begin of a message that is not whole. */
  #kept = Buffer.allocUnsafe(keptBytes);
  #length = 0;

  /** @throws FrameError when sums or lengths are wrong; messages in front of it have been told */
  feed(bytes: Uint8Array, tell: (message: FrameMessage) => void): void {
    let input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.#length > 0) {
      // Only as much as the first message needs is copied: the rest is read where it lies.
      input = input.subarray(this.#keep(input, preludeBytes));
      if (this.#length < preludeBytes) return;
      const total = checkPrelude(this.#kept);
      input = input.subarray(this.#keep(input, total));
      if (this.#length < total) return;
      this.#length = 0;
      tell(readMessage(this.#kept.subarray(0, total)));
    }
    while (input.length >= preludeBytes) {
      const total = checkPrelude(input);
      if (input.length < total) break;
      tell(readMessage(input.subarray(0, total)));
      input = input.subarray(total);
    }
    this.#keep(input, input.length);
  }

  /** Keeps bytes until there are `upTo` of them. @returns bytes taken */
  #keep(input: Buffer, upTo: number): number {
    const take = Math.max(0, Math.min(input.length, upTo - this.#length));
    const length = this.#length + take;
    if (length > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, Math.min(2 * this.#kept.length, messageBytesMax)));
      this.#kept.copy(larger, 0, 0, this.#length);
      this.#kept = larger;
    }
    input.copy(this.#kept, this.#length, 0, take);
    this.#length = length;
    return take;
  }
}

/** @returns bytes of the message that begins here */
function checkPrelude(at: Buffer): number {
  const total = at.readUInt32BE(0);
  const headers = at.readUInt32BE(4);
  if (crc32(at.subarray(0, 8)) !== at.readUInt32BE(8)) throw new FrameError("the checksum of a message's begin is wrong");
  if (total > messageBytesMax || headers > headersBytesMax || total < preludeBytes + headers + crcBytes)
    throw new FrameError(`a message of ${total} bytes with ${headers} bytes of headers`);
  return total;
}

function readMessage(message: Buffer): FrameMessage {
  const end = message.length - crcBytes;
  if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) throw new FrameError("the checksum of a message is wrong");
  const payloadAt = preludeBytes + message.readUInt32BE(4);
  return { headers: readHeaders(message.subarray(preludeBytes, payloadAt)), payload: message.subarray(payloadAt, end) };
}

function readHeaders(bytes: Buffer): Map<string, string> {
  const headers = new Map<string, string>();
  let at = 0;
  const take = (length: number): Buffer => {
    at += length;
    if (at > bytes.length) throw new FrameError("a header ends behind its message");
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const name = take(take(1)[0]!).toString("latin1");
    const type = take(1)[0]!;
    if (type === typeString || type === typeBytes) {
      const value = take(take(2).readUInt16BE(0));
      if (type === typeString) headers.set(name, value.toString("utf8"));
      continue;
    }
    const length = valueBytes[type];
    if (length === undefined) throw new FrameError(`a header of the unknown type ${type}`);
    take(length);
  }
  return headers;
}
