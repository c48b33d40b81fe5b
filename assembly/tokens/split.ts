// Cuts text where the pattern of o200k does (alternatives in this order, the first that matches wins):
//   1 [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//   2 [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
//   3 \p{N}{1,3}      4  ?[^\s\p{L}\p{N}]+[\r\n/]*      5 \s*[\r\n]+      6 \s+(?!\S)      7 \s+
// A matcher that backtracks tries these one after the other; here what each of them would take is known after one look at the classes.
import {
  CLASS_BLOCKS,
  CLASS_BREAK,
  CLASS_INDEX,
  CLASS_LETTER,
  CLASS_LOWER,
  CLASS_MARK,
  CLASS_NUMBER,
  CLASS_OTHER,
  CLASS_SHIFT,
  CLASS_SPACE,
  CLASS_UPPER,
} from "../abi/tokens";

// Marks are in both halves of a word and in punctuation, too: \p{M} is neither \p{L} nor \p{N}.
const FIRST_HALF: u32 = CLASS_UPPER | CLASS_LETTER | CLASS_MARK;
const SECOND_HALF: u32 = CLASS_LOWER | CLASS_LETTER | CLASS_MARK;
const BOTH_HALVES: u32 = CLASS_LETTER | CLASS_MARK;
const PREFIX: u32 = CLASS_MARK | CLASS_SPACE | CLASS_OTHER;
const PUNCTUATION: u32 = CLASS_MARK | CLASS_OTHER;
const WHITE: u32 = CLASS_SPACE | CLASS_BREAK;

/** Where the text ends. */
let end: usize = 0;
/** Length in bytes of the code point that classAt() saw last. */
let width: usize = 0;

/** How far the last pieceEnd() of white space has looked. */
export let seen: usize = 0;

export function setEnd(at: usize): void {
  end = at;
  seen = 0;
}

/** The class of a code point beyond ASCII at `p`; of a byte that begins none CLASS_OTHER, one byte wide. */
function wideClass(p: usize): u32 {
  const word = load<u32>(p);
  let code: u32;
  if ((word & 0xc0e0) == 0x80c0) {
    code = ((word & 0x1f) << 6) | ((word >> 8) & 0x3f);
    width = 2;
  } else if ((word & 0xc0c0f0) == 0x8080e0) {
    code = ((word & 0x0f) << 12) | ((word >> 2) & 0xfc0) | ((word >> 16) & 0x3f);
    width = 3;
  } else if ((word & 0xc0c0c0f8) == 0x808080f0) {
    code = ((word & 0x07) << 18) | ((word << 4) & 0x3f000) | ((word >> 10) & 0xfc0) | ((word >> 24) & 0x3f);
    width = 4;
    if (code > 0x10ffff) code = 0xfffd;
  } else {
    code = 0xfffd;
    width = 1;
  }
  const block = <usize>load<u16>(<usize>CLASS_INDEX + (<usize>(code >> CLASS_SHIFT) << 1));
  return load<u8>(<usize>CLASS_BLOCKS + (block << CLASS_SHIFT) + <usize>(code & ((1 << CLASS_SHIFT) - 1)));
}

/** The class of what is at `p`, 0 at the end. Sets `width`. */
// @ts-ignore: decorator
@inline
function classAt(p: usize): u32 {
  if (p >= end) return 0;
  const byte = <usize>load<u8>(p);
  if (byte >= 0x80) return wideClass(p);
  width = 1;
  // ASCII is block 0.
  return load<u8>(<usize>CLASS_BLOCKS + byte);
}

/** Behind a contraction at `p`, or `p`. */
// @ts-ignore: decorator
@inline
function contraction(p: usize): usize {
  return p + 1 < end && load<u8>(p) == 0x27 ? suffix(p) : p;
}

function suffix(p: usize): usize {
  const word = load<u32>(p);
  const first = (word >> 8) & 0xff | 0x20;
  // s, t, m, d
  if (first == 0x73 || first == 0x74 || first == 0x6d || first == 0x64) return p + 2;
  if (p + 2 >= end) return p;
  // U+017F is an s, too, when case does not count.
  if ((word & 0xffff00) == 0xbfc500) return p + 3;
  const two = (word >> 8) & 0xffff | 0x2020;
  // re, ve, ll
  return two == 0x6572 || two == 0x6576 || two == 0x6c6c ? p + 3 : p;
}

/** From `p` on while the class is in `set`. */
// @ts-ignore: decorator
@inline
function run(p: usize, set: u32): usize {
  while ((classAt(p) & set) != 0) p += width;
  return p;
}

/** Lower case letters are most of all text: sixteen at once. */
// @ts-ignore: decorator
@inline
function secondHalf(p: usize): usize {
  while (true) {
    const not = ~i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(p), i8x16.splat(0x61)), i8x16.splat(26))) & 0xffff;
    if (not == 0) {
      p += 16;
      continue;
    }
    p += <usize>ctz(not);
    if (load<u8>(p) < 0x80) return p;
    const from = p;
    p = run(p, SECOND_HALF);
    if (p == from) return p;
  }
}

/** The end of the word that begins at `p`, or 0. */
// @ts-ignore: decorator
@inline
function word(p: usize, kind: u32, after: usize): usize {
  const from = (kind & PREFIX) != 0 ? after : p;
  let q = from;
  // Behind the last that could also be of the second half: there the first half ends when no lower case follows.
  let turn: usize = 0;
  let found: u32;
  while (((found = classAt(q)) & FIRST_HALF) != 0) {
    q += width;
    if ((found & BOTH_HALVES) != 0) turn = q;
  }
  if ((found & CLASS_LOWER) != 0) q = secondHalf(q);
  else if (turn != 0) q = turn;
  else if (kind == CLASS_MARK) q = after;
  else if (q == from) return 0;
  return contraction(q);
}

/** The end of the piece that begins at `p` < end. Looks at most at 4 bytes behind it, or at the whole of a run of white space. */
export function pieceEnd(p: usize): usize {
  const kind = classAt(p);
  let q = p + width;
  if (kind == CLASS_NUMBER) {
    if ((classAt(q) & CLASS_NUMBER) == 0) return q;
    q += width;
    return (classAt(q) & CLASS_NUMBER) == 0 ? q : q + width;
  }
  if (kind != CLASS_BREAK) {
    const found = word(p, kind, q);
    if (found != 0) return found;
    const from = load<u8>(p) == 0x20 ? p + 1 : p;
    q = run(from, PUNCTUATION);
    if (q > from) {
      while (q < end) {
        const c = load<u8>(q);
        if (c != 0x0a && c != 0x0d && c != 0x2f) break;
        q++;
      }
      return q;
    }
  }
  // White space: up to its last line break; else all but its last, which belongs to what follows.
  let lines: usize = 0;
  let last = p;
  let found: u32;
  q = p;
  while (((found = classAt(q)) & WHITE) != 0) {
    last = q;
    q += width;
    if (found == CLASS_BREAK) lines = q;
  }
  seen = q;
  if (lines != 0) return lines;
  return q < end && last > p ? last : q;
}
