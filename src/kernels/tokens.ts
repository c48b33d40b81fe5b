// Host side of the tokens kernel (assembly/tokens): text of any length -> tokens of o200k_base.
// An instance takes 9 MB and 15 ms to fill (bench/tokens.ts): one a process, in the compute worker, when first needed.
import { BYTES, CLASS_BLOCKS, CLASS_INDEX, IN, IN_BYTES, LENGTHS, OUT } from "../../assembly/abi/tokens.ts";
import { instantiateKernel, loadKernel } from "./load.ts";
import { PlainTokenizer } from "./reference/tokens.ts";
import { type KernelMode, kernelMode } from "./switch.ts";
import { readTokenTable, type TokenTable } from "./token-table.ts";

type Exports = {
  memory: WebAssembly.Memory;
  init(): number;
  fill(tokens: number): number;
  run(length: number, last: number, ids: number): number;
  consumed(): number;
  mergeSteps(): number;
};

/** Text that is given to the kernel at once: it and what is looked up for it stay in the cache. */
const windowBytes = 64 << 10;
/** A longer window is only for a piece that does not end in this one; the longest is cut at IN_BYTES, at most 3 bytes earlier. */
const windowBytesMax = IN_BYTES;
/** The longest UTF-8 sequence. */
const characterBytesMax = 4;

const encoder = new TextEncoder();

/** Text as a string, or as its UTF-8 bytes. */
export type Text = string | Uint8Array;

/**
 * Exact for the o200k_base vocabulary, special tokens taken as text. A lone surrogate counts as U+FFFD; bytes that are no UTF-8 give some
 * count. A piece without any border (a run of one sign, a line of letters only) is cut each 256 KB, where a token may be counted twice.
 */
export interface Tokenizer {
  count(text: Text): number;
  encode(text: Text): Uint32Array;
}

/**
 * Reads the table and fills the kernel. undefined when the build had no vocabulary: who counts then has to estimate, and say so.
 * @param directory  of the .wasm files and the table
 * @throws Error when the table or the kernel is damaged
 */
export function openTokenizer(directory: string, mode: KernelMode = kernelMode()): Tokenizer | undefined {
  const table = readTokenTable(directory);
  if (table === undefined) return undefined;
  return mode === "plain" ? new PlainTokenizer(table) : new WasmTokenizer(loadKernel(directory, "tokens"), table);
}

export class WasmTokenizer implements Tokenizer {
  readonly #kernel: Exports;
  readonly #in: Uint8Array;
  readonly #memory: ArrayBuffer;

  /** @throws Error when memory is refused, or the table is not one of o200k_base */
  constructor(module: WebAssembly.Module, table: TokenTable) {
    this.#kernel = instantiateKernel<Exports>(module);
    if (this.#kernel.init() !== 1) throw new Error("Tokens cannot be counted: no memory for their table");
    this.#memory = this.#kernel.memory.buffer;
    const memory = new Uint8Array(this.#memory);
    memory.set(table.lengths, LENGTHS);
    memory.set(table.bytes, BYTES);
    memory.set(table.classIndex, CLASS_INDEX);
    memory.set(table.classBlocks, CLASS_BLOCKS);
    if (this.#kernel.fill(table.lengths.length) !== 1) throw new Error("Tokens cannot be counted: their table does not hold every byte");
    this.#in = memory.subarray(IN, IN + IN_BYTES);
  }

  /** Merge steps so far: for the test that shows how the cost of long runs grows. */
  get mergeSteps(): number {
    return this.#kernel.mergeSteps();
  }

  count(text: Text): number {
    return this.#run(text, undefined);
  }

  encode(text: Text): Uint32Array {
    const parts: Uint32Array[] = [];
    const total = this.#run(text, parts);
    const all = new Uint32Array(total);
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** @param parts  where the tokens go; without it they are counted only */
  #run(text: Text, parts: Uint32Array[] | undefined): number {
    const kernel = this.#kernel;
    const ids = parts === undefined ? 0 : 1;
    let given = 0;
    let held = 0;
    let window = windowBytes;
    let total = 0;
    while (true) {
      if (typeof text === "string") {
        const { read, written } = encoder.encodeInto(given === 0 ? text : text.slice(given), this.#in.subarray(held, window));
        given += read;
        held += written;
      } else {
        const more = text.subarray(given, given + window - held);
        this.#in.set(more, held);
        given += more.length;
        held += more.length;
      }
      const last = given === text.length;
      const cut = !last && window === windowBytesMax;
      if (cut) {
        // What is behind its last whole character comes again: strings are given by characters, so this is for bytes only.
        const length = wholeCharacters(this.#in, held);
        given -= held - length;
        held = length;
      }
      let tokens = kernel.run(held, last ? 1 : 0, ids);
      if (cut && kernel.consumed() === 0) tokens = kernel.run(held, 1, ids);
      const consumed = kernel.consumed();
      total += tokens;
      parts?.push(new Uint32Array(this.#memory, OUT, tokens).slice());
      if (last) return total;
      // One piece that goes on: it is looked at again with twice as much of it, so that all of this is linear.
      window = consumed === 0 ? Math.min(window * 2, windowBytesMax) : windowBytes;
      this.#in.copyWithin(0, consumed, held);
      held -= consumed;
    }
  }
}

/** Without a last character of several bytes, which may not be all there. */
function wholeCharacters(bytes: Uint8Array, length: number): number {
  let at = length - 1;
  while (at > length - characterBytesMax && (bytes[at]! & 0xc0) === 0x80) at--;
  return bytes[at]! >= 0xc0 ? at : length;
}
