import type { FileHandle } from "node:fs/promises";

const chunkBytes = 64 << 10;
const newline = 10;
/** A NUL in the first bytes makes a file binary, as git judges. */
const sniffBytes = 8 << 10;

export type LineRange = { from: number; count: number; lineBytesMax: number; bytesMax: number; signal: AbortSignal };
export type Lines = { lines: string[]; more: boolean; total?: number; binary: boolean; bytes: number };

/**
 * Lines from..from+count of an open file, in constant memory beyond what it returns, however long the file or a line is.
 * A line over `lineBytesMax` is cut at a character and ends in "...". `binary`: NUL bytes near the start, or lines that are not UTF-8.
 * `total` is known only when the end was reached.
 */
export async function readLines(handle: FileHandle, range: LineRange): Promise<Lines> {
  const chunk = Buffer.alloc(chunkBytes);
  const gatherer = new LineGatherer(range);
  for (let position = 0; ; ) {
    range.signal.throwIfAborted();
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position);
    if (bytesRead === 0) break;
    const bytes = chunk.subarray(0, bytesRead);
    if (position < sniffBytes && bytes.subarray(0, sniffBytes - position).includes(0))
      return { lines: [], more: false, binary: true, bytes: 0 };
    position += bytesRead;
    if (gatherer.push(bytes)) return gatherer.result(true);
  }
  return gatherer.result(false);
}

class LineGatherer {
  readonly #range: LineRange;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #lines: string[] = [];
  /** Number of the line that the next byte belongs to. */
  #number = 1;
  #open: Buffer[] = [];
  #openBytes = 0;
  #openCut = false;
  #started = false;
  #bytes = 0;
  #binary = false;

  constructor(range: LineRange) {
    this.#range = range;
  }

  /** True when nothing more is wanted and there is more. */
  push(bytes: Buffer): boolean {
    let at = 0;
    while (at < bytes.length) {
      if (this.#enough()) return true;
      const end = bytes.indexOf(newline, at);
      const stop = end < 0 ? bytes.length : end;
      this.#started = true;
      if (this.#number >= this.#range.from) this.#take(bytes.subarray(at, stop));
      if (end < 0) return false;
      this.#closeLine();
      at = end + 1;
    }
    return false;
  }

  result(more: boolean): Lines {
    if (!more && this.#started) this.#closeLine();
    const lines = this.#lines;
    if (lines[0]?.startsWith("\uFEFF") && this.#range.from === 1) lines[0] = lines[0].slice(1);
    return { lines, more, binary: this.#binary, bytes: this.#bytes, ...(!more && { total: this.#number - 1 }) };
  }

  #enough(): boolean {
    return this.#binary || this.#lines.length >= this.#range.count || this.#bytes >= this.#range.bytesMax;
  }

  #take(piece: Buffer): void {
    // One character more than allowed tells that it must be cut.
    const room = this.#range.lineBytesMax + 4 - this.#openBytes;
    if (piece.length > room) this.#openCut = true;
    if (room <= 0) return;
    const part = Buffer.from(piece.subarray(0, room));
    this.#open.push(part);
    this.#openBytes += part.length;
  }

  #closeLine(): void {
    if (this.#number >= this.#range.from) {
      const line = this.#decode(Buffer.concat(this.#open));
      this.#lines.push(line);
      this.#bytes += Buffer.byteLength(line) + 1;
    }
    this.#number++;
    this.#open = [];
    this.#openBytes = 0;
    this.#openCut = false;
    this.#started = false;
  }

  #decode(line: Buffer): string {
    let bytes = line.at(-1) === 13 && !this.#openCut ? line.subarray(0, -1) : line;
    const cut = bytes.length > this.#range.lineBytesMax;
    if (cut) {
      let end = this.#range.lineBytesMax;
      while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
      bytes = bytes.subarray(0, end);
    }
    try {
      return this.#decoder.decode(bytes) + (cut ? "..." : "");
    } catch {
      this.#binary = true;
      return "";
    }
  }
}
