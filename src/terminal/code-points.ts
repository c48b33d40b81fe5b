// What must be known of a code point to find the end of its cluster and to tell columns. One table, made from the Unicode data of the
// runtime that the generator ran in, so it is the same on every runtime, and the same as the layout kernel's.
import { kindLetters, kindProperties, kindRuns } from "./width-table.ts";

/** Break classes of UAX 29. Emoji and Indic consonants are "other", with a flag. */
export const breaks = {
  mask: 15,
  control: 1,
  extend: 2,
  joiner: 3,
  spacing: 4,
  prepend: 5,
  regional: 6,
  leading: 7,
  vowel: 8,
  trailing: 9,
  syllable: 10,
  closedSyllable: 11,
} as const;

/** Indic conjuncts. */
export const conjunct = { mask: 3 << 4, consonant: 1 << 4, linker: 2 << 4, extend: 3 << 4 } as const;

export const flag = {
  pictograph: 1 << 8,
  /** Can join the code point before it, or after it. */
  joins: 1 << 9,
  mark: 1 << 10,
  /** Has columns of its own behind the first of a cluster. */
  addsColumns: 1 << 11,
  /** Shows nothing within a cluster. */
  leftOut: 1 << 12,
  /** Spells text that nobody sees. */
  tag: 1 << 13,
  modifier: 1 << 14,
  modifierBase: 1 << 15,
  /** An emoji by itself: wide, and terminals disagree. */
  emoji: 1 << 17,
  nonspacing: 1 << 18,
} as const;

/** Columns of a code point alone: marks have none. A control with none shows nothing, one with a column is shown as U+FFFD. */
export const columnsOf = (properties: number): number => (properties >> 6) & 3;

const blockShift = 8;
const blockSize = 1 << blockShift;
/** More different blocks than Unicode will have for long; what is not used is given back. */
const blocksMax = 512;
/** For each block of code points the number of its kinds. Most blocks are of one kind, and share what they have. */
let blocks: Uint16Array | undefined;
let kinds = new Uint8Array(0);

/** Made at first use (under 1 ms): start-up of an ASCII screen does not pay for it. */
function makeTable(): Uint16Array {
  const index = new Uint16Array(0x110000 >> blockShift);
  const made = new Uint8Array(blocksMax << blockShift);
  const uniform = new Map<number, number>();
  let block = 0;
  let part = 0;
  let used = 0;
  const fill = (kind: number, from: number, count: number): void => {
    const start = (part << blockShift) + from;
    made.fill(kind, start, start + count);
  };
  const add = (kind: number, count: number): void => {
    let left = count;
    if (used > 0) {
      const here = Math.min(left, blockSize - used);
      fill(kind, used, here);
      used = (used + here) % blockSize;
      left -= here;
      if (used === 0) index[block++] = part++;
    }
    const whole = left >> blockShift;
    if (whole > 0) {
      let shared = uniform.get(kind);
      if (shared === undefined) {
        fill(kind, 0, blockSize);
        shared = part++;
        uniform.set(kind, shared);
      }
      index.fill(shared, block, block + whole);
      block += whole;
      left %= blockSize;
    }
    if (left > 0) {
      fill(kind, 0, left);
      used = left;
    }
  };
  let length = 0;
  for (let i = 0; i < kindRuns.length; i++) {
    const c = kindRuns.charCodeAt(i);
    if (c >= 97 && c <= 122) length = length * 36 + c - 87;
    else if (c >= 48 && c <= 57) length = length * 36 + c - 48;
    else {
      add(kindLetters.indexOf(kindRuns[i]!), length);
      length = 0;
    }
  }
  kinds = made.slice(0, part << blockShift);
  blocks = index;
  return index;
}

export function propertiesOf(code: number): number {
  const index = blocks ?? makeTable();
  return kindProperties[kinds[(index[code >> blockShift]! << blockShift) | (code & (blockSize - 1))]!]!;
}
