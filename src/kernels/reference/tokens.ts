// The plain version of the tokens kernel: the pattern of o200k_base as a regular expression, then byte pair encoding.
import type { TokenTable } from "../token-table.ts";

/** As OpenAI's tiktoken has it, in JavaScript's words: its \s is Unicode's White_Space, and a long s counts as an s. */
const word = "[^\\r\\n\\p{L}\\p{N}]?";
const first = "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]";
const second = "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]";
const contraction = "(?:'(?:[sS\\u017f]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD]))?";
const white = "\\p{White_Space}";
const pattern = new RegExp(
  [
    `${word}${first}*${second}+${contraction}`,
    `${word}${first}+${second}*${contraction}`,
    "\\p{N}{1,3}",
    ` ?[^${white}\\p{L}\\p{N}]+[\\r\\n/]*`,
    `${white}*[\\r\\n]+`,
    `${white}+(?!\\P{White_Space})`,
    `${white}+`,
  ].join("|"),
  "gu",
);

/** A position fits below a rank in one number, which is how the heap compares. */
const positions = 2 ** 30;

export class PlainTokenizer {
  /** Tokens by their bytes, each byte as one character. */
  readonly #tokens = new Map<string, number>();

  constructor(table: TokenTable) {
    const text = Buffer.from(table.bytes).toString("latin1");
    let at = 0;
    for (const [token, length] of table.lengths.entries()) {
      this.#tokens.set(text.slice(at, at + length), token);
      at += length;
    }
  }

  count(text: string | Uint8Array): number {
    return this.encode(text).length;
  }

  encode(text: string | Uint8Array): Uint32Array {
    const ids: number[] = [];
    const all = typeof text === "string" ? text.toWellFormed() : new TextDecoder("utf-8", { ignoreBOM: true }).decode(text);
    for (const [piece] of all.matchAll(pattern)) {
      const bytes = Buffer.from(piece).toString("latin1");
      const whole = this.#tokens.get(bytes);
      if (whole !== undefined) ids.push(whole);
      else for (const token of this.#merge(bytes)) ids.push(token);
    }
    return Uint32Array.from(ids);
  }

  /** Of all neighbours that together are a token, those of the lowest rank become one, the leftmost first, until none are left. */
  #merge(bytes: string): number[] {
    const { length } = bytes;
    const next = Int32Array.from({ length }, (_, i) => i + 1);
    const before = Int32Array.from({ length }, (_, i) => i - 1);
    const ranks = new Int32Array(length).fill(-1);
    const heap: number[] = [];
    const setRank = (i: number, until: number): void => {
      const rank = this.#tokens.get(bytes.slice(i, until));
      ranks[i] = rank ?? -1;
      if (rank !== undefined) push(heap, rank * positions + i);
    };
    for (let i = 0; i + 1 < length; i++) setRank(i, i + 2);
    for (let top = pop(heap); top !== undefined; top = pop(heap)) {
      const i = top % positions;
      // What was merged since has another rank, or none.
      if (ranks[i] !== (top - i) / positions) continue;
      const gone = next[i]!;
      const after = next[gone]!;
      next[i] = after;
      ranks[gone] = -1;
      ranks[i] = -1;
      if (after < length) {
        before[after] = i;
        setRank(i, next[after]!);
      }
      if (i > 0) setRank(before[i]!, after);
    }
    const ids: number[] = [];
    for (let i = 0; i < length; i = next[i]!) ids.push(this.#tokens.get(bytes.slice(i, next[i]!))!);
    return ids;
  }
}

function push(heap: number[], value: number): void {
  let hole = heap.length;
  heap.push(value);
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    if (heap[parent]! <= value) break;
    heap[hole] = heap[parent]!;
    hole = parent;
  }
  heap[hole] = value;
}

function pop(heap: number[]): number | undefined {
  const least = heap[0];
  const value = heap.pop();
  if (least === undefined || value === undefined || heap.length === 0) return least;
  let hole = 0;
  while (true) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && heap[child + 1]! < heap[child]!) child++;
    if (value <= heap[child]!) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = value;
  return least;
}
