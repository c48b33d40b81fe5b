// The layout kernel (assembly/layout): one instance a thread. Texts go in as UTF-8, lines come out as offsets and widths, never as strings.
// Budget: from bytes 400 MB/s of mixed text and more; with strings in and UTF-16 offsets out about a third of that (bench/layout.ts).
import { IN, IN_BYTES, LINE_BYTES, LINES, PAGES, WIDTH_MAX } from "../../assembly/abi/layout.ts";
import { instantiateKernel } from "./load.ts";
import { plainLayout } from "./reference/layout.ts";
import type { LineEnd, TextLayout } from "./text-layout.ts";

type Exports = {
  memory: WebAssembly.Memory;
  begin(width: number): void;
  run(end: number): void;
  finish(): number;
  units(from: number, to: number): number;
  next(from: number, to: number): number;
};

const ends: readonly LineEnd[] = ["hard", "blank", "cut"];
const lineWords = LINE_BYTES / 4;
const encoder = new TextEncoder();

export class WasmLayout implements TextLayout {
  readonly #kernel: Exports;
  readonly #bytes: Uint8Array;
  readonly #lines: Uint32Array;
  /** For texts that the kernel has no room for. */
  readonly #plain = plainLayout();
  #large = false;
  #ascii = true;
  /** The place asked for last, as byte and as UTF-16 unit: lines are read in their order, so the way to the next is short. */
  #byte = 0;
  #unit = 0;

  constructor(module: WebAssembly.Module) {
    this.#kernel = instantiateKernel<Exports>(module);
    const { memory } = this.#kernel;
    const missing = PAGES - (memory.buffer.byteLength >> 16);
    if (missing > 0) memory.grow(missing);
    this.#bytes = new Uint8Array(memory.buffer, IN, IN_BYTES);
    this.#lines = new Uint32Array(memory.buffer, LINES, (IN_BYTES + 1) * lineWords);
  }

  wrap(texts: readonly string[], width: number): number {
    this.#large = false;
    this.#ascii = true;
    this.#byte = 0;
    this.#unit = 0;
    this.#kernel.begin(Math.max(1, Math.min(WIDTH_MAX, width)));
    let end = 0;
    for (const text of texts) {
      const { read, written } = encoder.encodeInto(text, end === 0 ? this.#bytes : this.#bytes.subarray(end));
      if (read < text.length) {
        this.#large = true;
        return this.#plain.wrap(texts, width);
      }
      if (written !== read) this.#ascii = false;
      end += written;
      this.#kernel.run(end);
    }
    return this.#kernel.finish();
  }

  /** UTF-16 units before a byte. */
  #toUnits(byte: number): number {
    if (this.#ascii) return byte;
    if (byte >= this.#byte) this.#unit += this.#kernel.units(this.#byte, byte);
    else this.#unit -= this.#kernel.units(byte, this.#byte);
    this.#byte = byte;
    return this.#unit;
  }

  start(line: number): number {
    return this.#large ? this.#plain.start(line) : this.#toUnits(this.#lines[line * lineWords]!);
  }
  end(line: number): number {
    return this.#large ? this.#plain.end(line) : this.#toUnits(this.#lines[line * lineWords + 1]!);
  }
  columns(line: number): number {
    return this.#large ? this.#plain.columns(line) : this.#lines[line * lineWords + 2]! >>> 2;
  }
  ended(line: number): LineEnd {
    return this.#large ? this.#plain.ended(line) : ends[this.#lines[line * lineWords + 2]! & 3]!;
  }

  /**
   * Breaks bytes, one run as they stand, and answers the lines as words {first byte, byte behind the last, columns << 2 | end} in
   * kernel memory, valid until the next call; undefined when they exceed IN_BYTES: cut at a line feed then.
   */
  wrapBytes(text: Uint8Array, width: number): Uint32Array | undefined {
    if (text.length > IN_BYTES) return undefined;
    this.#bytes.set(text);
    this.#kernel.begin(Math.max(1, Math.min(WIDTH_MAX, width)));
    this.#kernel.run(text.length);
    return this.#lines.subarray(0, this.#kernel.finish() * lineWords);
  }

  /** The clusters of bytes as they stand, each {byte behind it, columns}: UAX 29 to the letter. */
  clusters(text: Uint8Array): { end: number; columns: number }[] {
    this.#bytes.set(text);
    const all: { end: number; columns: number }[] = [];
    for (let at = 0; at < text.length; ) {
      const word = this.#kernel.next(at, text.length);
      at = word >>> 2;
      all.push({ end: at, columns: word & 3 });
    }
    return all;
  }
}
