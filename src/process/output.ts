/** Head and tail that are kept of each stream, together what a model is shown of one command (30,000, as Crush). */
export const outputHeadBytes = 15_000;
export const outputTailBytes = 15_000;

const newline = 10;

/**
 * Keeps the first and the last bytes of a stream, whatever its length, in constant memory.
 * Budget: 1 ns a byte (counting lines), no allocation after the tail's first use.
 */
export class OutputRing {
  /** All bytes that were pushed. */
  bytes = 0;
  #lines = 0;
  readonly #head: Buffer;
  #tail: Buffer | undefined;
  readonly #tailBytes: number;
  #tailLength = 0;
  #tailAt = 0;
  #headLength = 0;

  constructor(headBytes = outputHeadBytes, tailBytes = outputTailBytes) {
    this.#head = Buffer.alloc(headBytes);
    this.#tailBytes = tailBytes;
  }

  get truncated(): boolean {
    return this.bytes > this.#headLength + this.#tailLength;
  }

  push(chunk: Uint8Array): void {
    this.bytes += chunk.length;
    this.#lines += countLines(chunk);
    let rest = chunk;
    if (this.#headLength < this.#head.length) {
      const take = Math.min(rest.length, this.#head.length - this.#headLength);
      this.#head.set(rest.subarray(0, take), this.#headLength);
      this.#headLength += take;
      rest = rest.subarray(take);
    }
    if (rest.length === 0) return;
    const size = this.#tailBytes;
    this.#tail ??= Buffer.alloc(size);
    const tail = this.#tail;
    if (rest.length >= size) {
      tail.set(rest.subarray(rest.length - size));
      this.#tailAt = 0;
      this.#tailLength = size;
      return;
    }
    const first = Math.min(rest.length, size - this.#tailAt);
    tail.set(rest.subarray(0, first), this.#tailAt);
    tail.set(rest.subarray(first), 0);
    this.#tailAt = (this.#tailAt + rest.length) % size;
    this.#tailLength = Math.min(size, this.#tailLength + rest.length);
  }

  /** What is kept, as text; where bytes are missing a line says how many lines and where all of it is. */
  text(whole?: string): string {
    const head = this.#head.subarray(0, this.#headLength);
    const tail = this.#tailBuffer();
    if (!this.truncated) return Buffer.concat([head, tail]).toString("utf8");
    const kept = lineEnd(head);
    const from = lineStart(tail);
    const cut = this.#lines - countLines(head.subarray(0, kept)) - countLines(tail.subarray(from));
    const where = whole === undefined ? "" : `, all of it is in ${whole}`;
    const size = cut > 0 ? `${cut} lines truncated` : `${this.bytes - kept - (tail.length - from)} bytes truncated`;
    const start = head.subarray(0, kept).toString("utf8");
    return `${start}${start.endsWith("\n") ? "" : "\n"}\n... [${size}${where}] ...\n\n${tail.subarray(from).toString("utf8")}`;
  }

  /** The last `bytes` bytes, from a character's start. */
  last(bytes: number): string {
    const tail = this.#tailBuffer();
    const all = tail.length >= bytes || this.truncated ? tail : Buffer.concat([this.#head.subarray(0, this.#headLength), tail]);
    const from = Math.max(0, all.length - bytes);
    return all.subarray(from === 0 ? 0 : characterStart(all, from)).toString("utf8");
  }

  #tailBuffer(): Buffer {
    const tail = this.#tail;
    if (tail === undefined) return Buffer.alloc(0);
    if (this.#tailLength < this.#tailBytes) return tail.subarray(0, this.#tailLength);
    return Buffer.concat([tail.subarray(this.#tailAt), tail.subarray(0, this.#tailAt)]);
  }
}

function countLines(bytes: Uint8Array): number {
  let lines = 0;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] === newline) lines++;
  return lines;
}

function characterStart(bytes: Uint8Array, at: number): number {
  let i = at;
  while (i < bytes.length && i < at + 4 && (bytes[i]! & 0xc0) === 0x80) i++;
  return i;
}

/** End of the last whole line, or of the last whole character when the line is very long. */
function lineEnd(head: Uint8Array): number {
  const at = head.lastIndexOf(newline) + 1;
  if (at > head.length / 2) return at;
  let end = head.length;
  while (end > 0 && end > head.length - 4 && (head[end - 1]! & 0xc0) === 0x80) end--;
  return end > 0 && head[end - 1]! >= 0xc0 ? end - 1 : head.length;
}

function lineStart(tail: Uint8Array): number {
  const at = tail.indexOf(newline) + 1;
  return at > 0 && at < tail.length / 2 ? at : characterStart(tail, 0);
}
