// Host side of the escape kernel (assembly/escape): one instance a thread, 256 KB, serves all.
//
// A string goes in as UTF-16, one copy for whatever V8 holds it as: `encodeInto` is as fast for strings of one byte a character but
// takes 25 times as long for the others (0.9 ms a MB), and would need a look for halves of pairs before.
import { isUtf8 } from "node:buffer";
import { IN, IN_BYTES, OUT } from "../../assembly/abi/escape.ts";
import type { JsonStrings, TakeBytes } from "./json-string.ts";
import { instantiateKernel } from "./load.ts";
import { plainJsonStrings } from "./reference/escape.ts";

type EscapeExports = {
  memory: WebAssembly.Memory;
  init(): void;
  escapeUtf8(length: number): number;
  escapeUtf16(units: number): number;
};

/** Node's own write, which its types leave out: `write` looks at its arguments for longer than a short text takes. */
type Memory = Buffer & { ucs2Write(text: string, at: number): number };

const quote = 0x22;
const unitsMax = IN_BYTES / 2;

export class WasmJsonStrings implements JsonStrings {
  readonly #exports: EscapeExports;
  readonly #memory: Memory;

  constructor(module: WebAssembly.Module) {
    this.#exports = instantiateKernel<EscapeExports>(module);
    this.#exports.init();
    this.#memory = Buffer.from(this.#exports.memory.buffer) as Memory;
  }

  // Hot: once for each long text of a new message. Budget: 0.3 us a KB (bench/escape.ts).
  text(text: string, take: TakeBytes): void {
    let from = 0;
    do {
      const to = cut(text, from);
      this.#memory.ucs2Write(from === 0 && to === text.length ? text : text.slice(from, to), IN);
      this.#give(this.#exports.escapeUtf16(to - from), from === 0, to === text.length, take);
      from = to;
    } while (from < text.length);
  }

  bytes(utf8: Uint8Array, take: TakeBytes): void {
    if (!isUtf8(utf8)) {
      plainJsonStrings.bytes(utf8, take);
      return;
    }
    let from = 0;
    do {
      const to = Math.min(from + IN_BYTES, utf8.length);
      this.#memory.set(to - from === utf8.length ? utf8 : utf8.subarray(from, to), IN);
      this.#give(this.#exports.escapeUtf8(to - from), from === 0, to === utf8.length, take);
      from = to;
    } while (from < utf8.length);
  }

  /** Hands out what the kernel wrote, with the quotes around the whole. */
  #give(length: number, first: boolean, last: boolean, take: TakeBytes): void {
    // The byte before OUT belongs to the slack of IN, the one behind what was written to nobody.
    if (first) this.#memory[OUT - 1] = quote;
    if (last) this.#memory[OUT + length] = quote;
    take(this.#memory.subarray(first ? OUT - 1 : OUT, OUT + length + (last ? 1 : 0)));
  }
}

/** Where the piece that begins at `from` ends: not within a pair. */
function cut(text: string, from: number): number {
  const to = from + unitsMax;
  if (to >= text.length) return text.length;
  return (text.charCodeAt(to - 1) & 0xfc00) === 0xd800 ? to - 1 : to;
}
