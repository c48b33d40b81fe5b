// Grapheme clusters (UAX 29, all rules of Unicode 17) and the columns they take (UAX 11, emoji sequences two).
// The rules are those of src/terminal/clusters.ts and width.ts, which are the plain version: where a cluster ends, what is shown of it,
// and how wide that is.
import { BLOCK_SHIFT, PLAIN, PROPERTIES, STAGE1, STAGE2 } from "../tables/graphemes";

// A word of properties: bits 0..3 the break class, 4..5 the Indic conjunct class, 6..7 columns of the code point alone, then flags.
const CLASS: u32 = 15;
const CONTROL: u32 = 1;
const EXTEND: u32 = 2;
const ZWJ: u32 = 3;
const SPACING: u32 = 4;
const PREPEND: u32 = 5;
const REGIONAL: u32 = 6;
const L: u32 = 7;
const V: u32 = 8;
const T: u32 = 9;
const LV: u32 = 10;
const LVT: u32 = 11;
const CONJUNCT: u32 = 3 << 4;
const CONSONANT: u32 = 1 << 4;
const LINKER: u32 = 2 << 4;
const CONJUNCT_EXTEND: u32 = 3 << 4;
const PICTOGRAPH: u32 = 1 << 8;
/** Can join the code point before it, or after it. */
export const JOINS: u32 = 1 << 9;
const MARK: u32 = 1 << 10;
const ADDS_COLUMNS: u32 = 1 << 11;
const LEFT_OUT: u32 = 1 << 12;
const TAG: u32 = 1 << 13;
const MODIFIER: u32 = 1 << 14;
const MODIFIER_BASE: u32 = 1 << 15;

/** UTF-8 bytes that one cell shows of a cluster, and UTF-16 units looked at to find its end: as in src/terminal/width.ts. */
const SHOWN_BYTES_MAX = 60;
const UNITS_MAX = 64;
const BLACK_FLAG: u32 = 0x1f3f4;

/** Columns of the cluster that was read last: 0, 1 or 2. */
export let columns: i32 = 0;
/** Bytes of the code point that was read last. */
let size: usize = 0;
/** The text has not been cleaned: controls break clusters, and CR LF is one. */
let raw: bool = false;
let table: usize = PLAIN;

/** The code point behind the cluster that was read last: most often the next one begins with it. */
let aheadAt: usize = 0;
let aheadCode: u32 = 0;
let aheadWord: u32 = 0;
let aheadSize: usize = 0;

/** Before each text, too: what was looked at ahead is of the one before. */
export function readRaw(yes: bool): void {
  aheadAt = 0;
  raw = yes;
  table = yes ? PROPERTIES : PLAIN;
}

/** The code point at p, `size` its bytes. A byte that begins no whole sequence before `end` is U+FFFD alone. */
function read(p: usize, end: usize): u32 {
  const c = <u32>load<u8>(p);
  size = 1;
  if (c < 0x80) return c;
  const word = load<u32>(p);
  let n: usize = 1;
  let code: u32 = 0xfffd;
  if ((word & 0xc0c0f0) == 0x8080e0) {
    n = 3;
    code = ((word & 15) << 12) | ((word >> 2) & 0xfc0) | ((word >> 16) & 63);
    if (code < 0x800 || code >> 11 == 27) n = 1;
  } else if ((word & 0xc0e0) == 0x80c0) {
    n = 2;
    code = ((word & 31) << 6) | ((word >> 8) & 63);
    if (code < 0x80) n = 1;
  } else if ((word & 0xc0c0c0f8) == 0x808080f0) {
    n = 4;
    code = ((word & 7) << 18) | ((word << 4) & 0x3f000) | ((word >> 10) & 0xfc0) | ((word >> 24) & 63);
    if (code < 0x10000 || code > 0x10ffff) n = 1;
  }
  if (n == 1 || p + n > end) return 0xfffd;
  size = n;
  return code;
}

// @ts-ignore: decorator
@inline
function propertiesOf(code: u32): u32 {
  const block = <usize>load<u8>(STAGE1 + (code >> BLOCK_SHIFT));
  const kind = <usize>load<u8>(STAGE2 + ((block << BLOCK_SHIFT) | (code & ((1 << BLOCK_SHIFT) - 1))));
  return load<u32>(table + (kind << 2));
}

// @ts-ignore: decorator
@inline
function ownColumns(word: u32): i32 {
  return (word >> 6) & 3;
}

/** Can the code point at p join what is before it? False: it does not. */
export function joinsAt(p: usize, end: usize): bool {
  if (p >= end || load<u8>(p) < 0x80) return false;
  return (propertiesOf(read(p, end)) & JOINS) != 0;
}

/** Where the cluster that begins at p ends; `columns` says how wide it is. */
export function cluster(p: usize, end: usize): usize {
  let code = aheadCode;
  let word = aheadWord;
  if (p == aheadAt) size = aheadSize;
  else {
    code = read(p, end);
    word = propertiesOf(code);
  }
  const next = p + size;
  if (!(word & JOINS)) {
    columns = ownColumns(word);
    if ((word & CLASS) == CONTROL) return raw && code == 13 && next < end && load<u8>(next) == 10 ? next + 1 : next;
    if (next >= end || load<u8>(next) < 0x80) return next;
    aheadAt = next;
    aheadCode = read(next, end);
    aheadWord = propertiesOf(aheadCode);
    aheadSize = size;
    if (!(aheadWord & JOINS)) return next;
  }
  return joined(code, word, p, next, end);
}

// What of a cluster is shown, gathered code point by code point.
let kept: i32 = 0;
let keptBytes: i32 = 0;
/** Kept up to the last that is no joiner: joiners at the end are not shown. */
let solid: i32 = 0;
let width: i32 = 0;
let full: bool = false;
let hidden: bool = false;
let flagged: bool = false;
let joinerInside: bool = false;
let joinerLast: bool = false;
let pictographs: i32 = 0;
let code0: u32 = 0;
let word0: u32 = 0;
let code1: u32 = 0;
let word1: u32 = 0;
let code2: u32 = 0;

function startTaking(code: u32): void {
  kept = 0;
  keptBytes = 0;
  solid = 0;
  width = 0;
  full = false;
  hidden = false;
  flagged = code == BLACK_FLAG;
  joinerInside = false;
  joinerLast = false;
  pictographs = 0;
  code1 = 0;
  word1 = 0;
  code2 = 0;
}

function take(code: u32, word: u32): void {
  if (full) return;
  if (word & LEFT_OUT) {
    if (word & TAG && !flagged) hidden = true;
    return;
  }
  const joiner = code == 0x200d || code == 0x200c;
  if (kept == 0) {
    if (joiner || code == 0xfe0e || code == 0xfe0f) return;
    if (word & MARK) {
      // A mark without a base is shown on U+25CC.
      kept = 1;
      solid = 1;
      keptBytes = 3;
      width = 1;
      code0 = 0x25cc;
      word0 = 0;
    }
  }
  const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  if (keptBytes + bytes > SHOWN_BYTES_MAX - (hidden ? 3 : 0)) {
    full = true;
    return;
  }
  if (kept == 0) {
    width = ownColumns(word);
    code0 = code;
    word0 = word;
  } else {
    if (word & ADDS_COLUMNS) width += ownColumns(word);
    if (kept == 1) {
      code1 = code;
      word1 = word;
    } else if (kept == 2) code2 = code;
  }
  kept++;
  keptBytes += bytes;
  if (word & PICTOGRAPH) pictographs++;
  if (joiner) {
    if (code == 0x200d) joinerLast = true;
  } else {
    solid = kept;
    if (joinerLast) joinerInside = true;
  }
}

function shownColumns(): i32 {
  if (kept == 0) return hidden ? 1 : 0;
  if (solid == 2 && word0 & MODIFIER_BASE && word1 & MODIFIER) return 2;
  if (solid >= 2) {
    if ((word0 & CLASS) == REGIONAL && (word1 & CLASS) == REGIONAL) return 2;
    if (word0 & PICTOGRAPH && code1 == 0xfe0f) return 2;
    if ((code0 - 0x30 < 10 || code0 == 0x23 || code0 == 0x2a) && (code1 == 0x20e3 || (code1 == 0xfe0f && code2 == 0x20e3))) return 2;
  }
  if (joinerInside && pictographs >= 2) return 2;
  return width < 1 ? 1 : width > 2 ? 2 : width;
}

function joined(code: u32, word: u32, p: usize, next: usize, end: usize): usize {
  let before = word & CLASS;
  let regionals = before == REGIONAL ? 1 : 0;
  // 1 after a pictograph and what extends it, 2 after a joiner behind that.
  let picture = word & PICTOGRAPH ? 1 : 0;
  // 1 after a consonant and what extends it, 2 when a linker was among that.
  let conjunct = (word & CONJUNCT) == CONSONANT ? 1 : 0;
  let units = code > 0xffff ? 2 : 1;
  startTaking(code);
  take(code, word);
  while (next < end) {
    const then = read(next, end);
    const thenWord = propertiesOf(then);
    const after = thenWord & CLASS;
    // What separates lines and columns is never shown, so it joins nothing even where other controls have become pictures.
    if (after == CONTROL || then == 10 || then == 9) break;
    if (after < EXTEND || after > SPACING) {
      if (before == PREPEND) {
        // GB9b: joins whatever is no control
      } else if (before == L) {
        if (after != L && after != V && after != LV && after != LVT) break;
      } else if (before == V || before == LV) {
        if (after != V && after != T) break;
      } else if (before == T || before == LVT) {
        if (after != T) break;
      } else if (before == REGIONAL) {
        if (after != REGIONAL || regionals != 1) break;
      } else if (!(conjunct == 2 && (thenWord & CONJUNCT) == CONSONANT) && !(picture == 2 && thenWord & PICTOGRAPH)) break;
    }
    units += then > 0xffff ? 2 : 1;
    if (units > UNITS_MAX) {
      units -= then > 0xffff ? 2 : 1;
      break;
    }
    take(then, thenWord);
    next += size;
    if (thenWord & PICTOGRAPH) picture = 1;
    else if (picture != 0) picture = after == ZWJ && picture == 1 ? 2 : after == EXTEND && picture == 1 ? 1 : 0;
    const kind = thenWord & CONJUNCT;
    if (kind == CONSONANT) conjunct = 1;
    else if (conjunct != 0) conjunct = kind == LINKER ? 2 : kind == CONJUNCT_EXTEND ? conjunct : 0;
    regionals = after == REGIONAL ? regionals + 1 : 0;
    before = after;
  }
  if (units >= UNITS_MAX - 1) {
    // Marks stacked beyond any use: the rest of the pile is not shown alone.
    while (next < end && propertiesOf(read(next, end)) & MARK) next += size;
  }
  columns = shownColumns();
  return next;
}
