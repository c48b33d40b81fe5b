// assembly/diff/index.ts: two grids of cells -> the bytes that take a terminal from one to the other.
// Memory map and cell format: ../abi/diff.ts. Plain version: src/kernels/reference/diff.ts.
//
// One frame: begin() -> [clear()] [feed()] -> compare() -> rows() until it answers 0 -> finish(). What was written lies at OUT
// and begin() starts it again; rows() stops when a row might not fit, so the host takes OUT away and calls it again.
// compare() narrows dirty rows to their first and last difference and looks for one scroll. Rows that rows() was not
// called for stay dirty. The previous grid always holds what the bytes so far have made of the terminal.
//
// Rules that keep every terminal right:
// - after the last column the cursor's column is unknown (pending wrap), after a grapheme of unsure width all of it is;
// - what is right of an unsure grapheme is written again whenever that is written;
// - erasing happens in the default style only, so background-colour-erase does not matter;
// - REP follows its character at once, and only ASCII is repeated: tmux 3.3 repeats nothing else.
import {
  BUCKETS, BUCKETS_MAX, CELL_BYTES, CELL_OUT_MAX, CELL_UNSURE, CELL_WIDE, COLOUR_PALETTE, COLOUR_RGB, COLS_MAX, DIRTY, FIRST,
  GRAPHEME, GRAPHEMES, GRAPHEME_SLOT_BYTES, LAST, LINKS, LINK_SHIFT, LINK_SLOT_BYTES, OPTION_LIVE, OPTION_REPEAT, OPTION_SCROLL,
  OUT, OUT_ROOM, ROWS_MAX, SIGN, SIGN_NEXT, VOTES,
} from "../abi/diff";

let cols: i32 = 0;
let rows_: i32 = 0;
let stride: i32 = 0;
let prev: usize = 0;
let next: usize = 0;
let live: usize = 0;
let options: i32 = 0;

// The writing position and the state of the terminal after the bytes so far. -1: not known.
let o: usize = OUT;
let curRow: i32 = -1;
let curCol: i32 = -1;
let sgrFg: u32 = 0;
let sgrBg: u32 = 0;
let sgrAttrs: u32 = 0;
let link: u32 = 0;
let row: i32 = 0; // the row that rows() goes on with

/** Lays the memory out, blanks the grids. Answers the first byte after the grids, or 0 when memory is refused. */
export function open(newCols: i32, newRows: i32, newOptions: i32): i32 {
  if (newCols < 1 || newCols > COLS_MAX || newRows < 1 || newRows > ROWS_MAX) return 0;
  const grid = newCols * newRows * CELL_BYTES;
  const first = (OUT + newCols * CELL_OUT_MAX + OUT_ROOM + 63) & ~63;
  const end = first + grid * (newOptions & OPTION_LIVE ? 3 : 2);
  const missing = ((end + 0xffff) >> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  cols = newCols;
  rows_ = newRows;
  options = newOptions;
  stride = newCols * CELL_BYTES;
  prev = first;
  next = first + grid;
  live = first + 2 * grid;
  blank(first, (end - first) / CELL_BYTES);
  memory.fill(DIRTY, 0, LAST - DIRTY);
  curRow = curCol = -1;
  sgrFg = sgrBg = sgrAttrs = link = 0;
  return end;
}

export function nextGrid(): usize { return next; }
export function liveGrid(): usize { return live; }
export function previousGrid(): usize { return prev; }

/** Starts a frame, or goes on after the host has taken OUT. */
export function begin(): void {
  o = OUT;
}

/** The terminal's content is unknown from row `from` on: style and margins reset, cleared; the previous grid is blank there. */
export function clear(from: i32): i32 {
  put3(0x6d5b1b); // ESC [ m: nothing is known of the style either, nor whether a link is open
  closeLink();
  sgrFg = sgrBg = sgrAttrs = link = 0;
  if (from == 0) {
    put3(0x725b1b); // ESC [ r
  }
  curRow = curCol = -1;
  moveTo(from, 0);
  put3(0x4a5b1b); // ESC [ J
  blank(prev + from * stride, (rows_ - from) * cols);
  memory.fill(DIRTY + from, 1, rows_ - from);
  return <i32>(o - OUT);
}

/** Inline, after a resize: rows are where the terminal put them, only the cursor is known to have moved along. Clears from `up` rows above it. */
export function clearAround(up: i32): i32 {
  put3(0x6d5b1b);
  closeLink();
  sgrFg = sgrBg = sgrAttrs = link = 0;
  put3(0x475b1b); // ESC [ G
  if (up > 0) {
    csi();
    number(up);
    put(0x41); // A
  }
  put3(0x4a5b1b);
  curRow = curCol = -1;
  return <i32>(o - OUT);
}

/** The terminal's rows move up by `count` through line feeds at the bottom; the previous grid follows. */
export function feed(count: i32): i32 {
  if (count > rows_) count = rows_;
  plainStyle();
  curRow = curCol = -1; // with CUP even where a relative move would do: all else rests on this position
  moveTo(rows_ - 1, 0);
  for (let i = 0; i < count; i++) {
    store<u16>(o, 0x0a0d);
    o += 2;
  }
  memory.copy(prev, prev + count * stride, (rows_ - count) * stride);
  blank(prev + (rows_ - count) * stride, count * cols);
  return <i32>(o - OUT);
}

/** Finds what differs in dirty rows, and scrolls when that saves work. Answers the number of rows to write. */
export function compare(): i32 {
  let changed = 0;
  let low = -1;
  let high = -1;
  row = 0;
  for (let y = 0; y < rows_; y++) {
    if ((y & 7) == 0) {
      while (y + 8 <= rows_ && load<u64>(DIRTY + y) == 0) y += 8;
      if (y >= rows_) break;
    }
    if (load<u8>(DIRTY + y) == 0) continue;
    if (!narrow(y)) continue;
    changed++;
    if (low < 0) low = y;
    high = y;
  }
  if (changed >= SCROLL_ROWS_MIN && options & OPTION_SCROLL) scroll(low, high);
  return changed;
}

/** Writes dirty rows until one might not fit into OUT. Answers 1 when rows are left. */
export function rows(): i32 {
  const limit: usize = OUT + OUT_ROOM - 4096;
  for (; row < rows_; row++) {
    if (load<u8>(DIRTY + row) == 0) continue;
    if (o > limit) return 1;
    writeRow(row);
    store<u8>(DIRTY + row, 0);
  }
  return 0;
}

/** Default style, no link, cursor in its place. Answers the bytes in OUT. */
export function finish(y: i32, x: i32): i32 {
  plainStyle();
  moveTo(y, x);
  return <i32>(o - OUT);
}

export function written(): i32 { return <i32>(o - OUT); }

// ---- comparing

// @ts-ignore: decorator
@inline
function differ(a: usize, b: usize): bool {
  return v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}

/** Sets FIRST and LAST of a row; a row without difference is no longer dirty. */
function narrow(y: i32): bool {
  const a = next + y * stride;
  const b = prev + y * stride;
  const end = a + stride;
  let p = a;
  let q = b;
  while (p + 64 <= end) {
    const d = v128.or(
      v128.or(v128.xor(v128.load(p), v128.load(q)), v128.xor(v128.load(p, 16), v128.load(q, 16))),
      v128.or(v128.xor(v128.load(p, 32), v128.load(q, 32)), v128.xor(v128.load(p, 48), v128.load(q, 48))),
    );
    if (v128.any_true(d)) break;
    p += 64;
    q += 64;
  }
  while (p < end && !differ(p, q)) { p += 16; q += 16; }
  if (p >= end) {
    store<u8>(DIRTY + y, 0);
    return false;
  }
  store<u8>(DIRTY + y, 1);
  store<u16>(FIRST + y * 2, <u16>((p - a) / CELL_BYTES));
  p = end - 16;
  q = b + stride - 16;
  while (p >= a + 48) {
    const d = v128.or(
      v128.or(v128.xor(v128.load(p), v128.load(q)), v128.xor(v128.load(p - 16), v128.load(q - 16))),
      v128.or(v128.xor(v128.load(p - 32), v128.load(q - 32)), v128.xor(v128.load(p - 48), v128.load(q - 48))),
    );
    if (v128.any_true(d)) break;
    p -= 64;
    q -= 64;
  }
  while (!differ(p, q)) { p -= 16; q -= 16; }
  store<u16>(LAST + y * 2, <u16>((p - a) / CELL_BYTES));
  return true;
}

function rowsEqual(a: usize, b: usize): bool {
  const end = a + stride;
  while (a < end) {
    if (differ(a, b)) return false;
    a += 16;
    b += 16;
  }
  return true;
}

function blank(at: usize, cells: i32): void {
  const empty = i32x4(0x20, 0, 0, 0);
  for (let i = 0; i < cells; i++) v128.store(at + (<usize>i) * CELL_BYTES, empty);
}

// ---- scrolling

const SCROLL_ROWS_MIN = 4;
/** Rows that must be saved, net of those that the scroll empties and that are written again. */
const SCROLL_GAIN_MIN = 2;
/** A stream scrolls by a line or a few at a time, a wheel by three or five. */
const SHIFTS_TRIED = 8;
/** All of the first columns, where lines differ most, and each fourth up to a usual line's length. */
const SAMPLES_DENSE = 24;
const SAMPLES_END = 88;

/** A cheap signature of a row from its glyphs. Equal rows have equal ones; the reverse is checked cell by cell. 0: blank there. */
function signature(at: usize): u32 {
  // Two chains, so that one multiplication does not wait for the other.
  let h: u32 = 0;
  let k: u32 = 0;
  let seen: u32 = 0;
  const dense = at + <usize>min(cols & ~1, SAMPLES_DENSE) * CELL_BYTES;
  const end = at + <usize>min(cols, SAMPLES_END) * CELL_BYTES;
  for (; at < dense; at += 2 * CELL_BYTES) {
    const g = load<u32>(at);
    const f = load<u32>(at, CELL_BYTES);
    seen |= (g ^ 0x20) | (f ^ 0x20);
    h = rotl<u32>(h, 5) * 0x9e3779b1 + g;
    k = rotl<u32>(k, 7) * 0x85ebca6b + f;
  }
  for (; at < end; at += 4 * CELL_BYTES) {
    const g = load<u32>(at);
    seen |= g ^ 0x20;
    h = rotl<u32>(h, 5) * 0x9e3779b1 + g;
  }
  h ^= k * 0xc2b2ae35;
  return seen == 0 ? 0 : h | 1;
}

/** Looks for the one shift that explains most of the changed rows low..high; writes the scroll and moves the previous grid. */
function scroll(low: i32, high: i32): void {
  memory.fill(BUCKETS, 0, BUCKETS_MAX * 2);
  memory.fill(VOTES, 0, (2 * ROWS_MAX + 1) * 2);
  for (let y = low; y <= high; y++) {
    const s = signature(prev + y * stride);
    store<u32>(SIGN + y * 4, s);
    if (s == 0) continue;
    const slot = <usize>BUCKETS + <usize>((s >> 7) & (BUCKETS_MAX - 1)) * 2;
    // Two rows in one bucket, most often the same text twice, say nothing about a shift.
    store<u16>(slot, load<u16>(slot) == 0 ? <u16>(y + 1) : 0xffff);
  }
  let best = 0;
  let bestVotes = 0;
  for (let y = low; y <= high; y++) {
    if (load<u8>(DIRTY + y) == 0) continue;
    const s = signature(next + y * stride);
    store<u32>(SIGN_NEXT + y * 4, s);
    if (s == 0) continue;
    const found = <i32>load<u16>(<usize>BUCKETS + <usize>((s >> 7) & (BUCKETS_MAX - 1)) * 2);
    if (found == 0 || found == 0xffff || load<u32>(SIGN + (found - 1) * 4) != s || found - 1 == y) continue;
    const shift = found - 1 - y;
    const vote = <usize>VOTES + <usize>(shift + ROWS_MAX) * 2;
    const n = <i32>load<u16>(vote) + 1;
    store<u16>(vote, <u16>n);
    if (n > bestVotes) {
      bestVotes = n;
      best = shift;
    }
  }
  // Text that repeats itself has no row that is like one other only: then the short shifts are tried one by one.
  if (bestVotes < SCROLL_GAIN_MIN) {
    for (let shift = 1; shift <= SHIFTS_TRIED; shift++) {
      for (let side = 0; side < 2; side++) {
        const by = side == 0 ? shift : -shift;
        let n = 0;
        for (let y = max(low, low - by); y <= min(high, high - by); y++) {
          if (load<u8>(DIRTY + y) == 0) continue;
          const s = load<u32>(SIGN_NEXT + y * 4);
          if (s != 0 && s == load<u32>(SIGN + (y + by) * 4)) n++;
        }
        if (n > bestVotes) {
          bestVotes = n;
          best = by;
        }
      }
    }
    if (bestVotes < SCROLL_GAIN_MIN) return;
  }

  // The run of rows for which next[y] == prev[y + best] that saves most.
  const from = max(low, low - best);
  const to = min(high, high - best);
  let runStart = -1;
  let gain = 0;
  let bestStart = -1;
  let bestEnd = -1;
  let bestGain = 0;
  for (let y = from; y <= to; y++) {
    if (rowsEqual(next + y * stride, prev + (y + best) * stride)) {
      if (runStart < 0) {
        runStart = y;
        gain = 0;
      }
      if (load<u8>(DIRTY + y)) gain++;
      if (gain > bestGain) {
        bestGain = gain;
        bestStart = runStart;
        bestEnd = y;
      }
    } else runStart = -1;
  }
  if (bestStart < 0) return;
  // Rows next to the run that nearly match come along: a paragraph's last line that has grown is not written anew.
  let start = bestStart;
  let last = bestEnd;
  if (best > 0) while (last + 1 + best <= high && comesAlong(last + 1, last + 1 + best)) last++;
  else while (start - 1 + best >= low && comesAlong(start - 1, start - 1 + best)) start--;
  // Rows that the scroll empties although they were right.
  const top = min(start, start + best);
  const bottom = max(last, last + best);
  const count = best > 0 ? best : -best;
  const emptied = best > 0 ? bottom - count + 1 : top;
  let loss = 0;
  for (let y = emptied; y < emptied + count; y++) if (load<u8>(DIRTY + y) == 0) loss++;
  if (bestGain - loss < SCROLL_GAIN_MIN) return;

  plainStyle();
  const whole = top == 0 && bottom == rows_ - 1;
  if (!whole) {
    csi();
    number(top + 1);
    put(0x3b);
    number(bottom + 1);
    put(0x72); // r
  }
  csi();
  if (count > 1) number(count);
  put(best > 0 ? 0x53 : 0x54); // S T
  if (!whole) {
    put3(0x725b1b);
    curRow = curCol = -1; // DECSTBM homes the cursor
  }
  const kept = bottom - top + 1 - count;
  if (best > 0) memory.copy(prev + top * stride, prev + (top + count) * stride, kept * stride);
  else memory.copy(prev + (top + count) * stride, prev + top * stride, kept * stride);
  blank(prev + emptied * stride, count * cols);
  // The run is right now; what the scroll emptied is not.
  memory.fill(DIRTY + bestStart, 0, bestEnd - bestStart + 1);
  for (let y = start; y < bestStart; y++) narrow(y);
  for (let y = bestEnd + 1; y <= last; y++) narrow(y);
  for (let y = emptied; y < emptied + count; y++) narrow(y);
}

/** Cells that must be saved to take one more row along. */
const ALONG_GAIN_MIN = 8;

/** True when row `y` is nearer to the row that would be scrolled to it than row `from`, which would be emptied, is to blank. */
function comesAlong(y: i32, from: i32): bool {
  const source = prev + from * stride;
  const gain = ink(next + y * stride) - unlike(next + y * stride, source) + unlike(next + from * stride, source) - ink(next + from * stride);
  return gain >= ALONG_GAIN_MIN;
}

function unlike(a: usize, b: usize): i32 {
  const end = a + stride;
  let n = 0;
  for (; a < end; a += CELL_BYTES, b += CELL_BYTES) if (differ(a, b)) n++;
  return n;
}

function ink(a: usize): i32 {
  const end = a + stride;
  const empty = i32x4(0x20, 0, 0, 0);
  let n = 0;
  for (; a < end; a += CELL_BYTES) if (v128.any_true(v128.xor(v128.load(a), empty))) n++;
  return n;
}

// ---- writing

// @ts-ignore: decorator
@inline
function put(byte: u32): void {
  store<u8>(o, byte);
  o++;
}

// @ts-ignore: decorator
@inline
function put3(bytes: u32): void {
  store<u16>(o, <u16>bytes);
  store<u8>(o + 2, <u8>(bytes >> 16));
  o += 3;
}

// @ts-ignore: decorator
@inline
function csi(): void {
  store<u16>(o, 0x5b1b);
  o += 2;
}

/** 0..999 */
function number(n: i32): void {
  if (n >= 100) {
    put(0x30 + n / 100);
    n %= 100;
    put(0x30 + n / 10);
    put(0x30 + n % 10);
  } else if (n >= 10) {
    put(0x30 + n / 10);
    put(0x30 + n % 10);
  } else put(0x30 + n);
}

// @ts-ignore: decorator
@inline
function digits(n: i32): i32 {
  return n >= 100 ? 3 : n >= 10 ? 2 : 1;
}

function moveTo(y: i32, x: i32): void {
  if (curRow == y) {
    if (curCol == x) return;
    csi();
    const forward = x - curCol;
    if (curCol >= 0 && forward > 0 && (forward == 1 || digits(forward) < digits(x + 1))) {
      if (forward > 1) number(forward);
      put(0x43); // C
    } else if (curCol >= 0 && forward < 0 && (forward == -1 || digits(-forward) < digits(x + 1))) {
      if (forward < -1) number(-forward);
      put(0x44); // D
    } else {
      if (x > 0) number(x + 1);
      put(0x47); // G
    }
  } else {
    csi();
    if (curRow >= 0 && curCol == x) {
      if (y == curRow + 1) put(0x42); // B
      else if (y == curRow - 1) put(0x41); // A
      else {
        number(y + 1);
        put(0x64); // d
      }
    } else {
      if (y > 0 || x > 0) number(y + 1);
      if (x > 0) {
        put(0x3b);
        number(x + 1);
      }
      put(0x48); // H
    }
  }
  curRow = y;
  curCol = x;
}

function closeLink(): void {
  // ESC ] 8 ; ; ESC backslash
  store<u32>(o, 0x3b385d1b);
  store<u16>(o + 4, 0x1b3b);
  store<u8>(o + 6, 0x5c);
  o += 7;
}

function plainStyle(): void {
  if ((sgrFg | sgrBg | sgrAttrs) != 0) {
    put3(0x6d5b1b);
    sgrFg = sgrBg = sgrAttrs = 0;
  }
  if (link != 0) {
    closeLink();
    link = 0;
  }
}

function colour(value: u32, background: bool): void {
  if (value == 0) {
    put(background ? 0x34 : 0x33);
    put(0x39);
  } else if (value & COLOUR_PALETTE) {
    const n = <i32>(value & 0xff);
    if (n < 8) {
      put(background ? 0x34 : 0x33);
      put(0x30 + n);
    } else if (n < 16) {
      number((background ? 100 : 90) + n - 8);
    } else {
      put(background ? 0x34 : 0x33);
      store<u32>(o, 0x3b353b38); // 8;5;
      o += 4;
      number(n);
    }
  } else {
    put(background ? 0x34 : 0x33);
    store<u32>(o, 0x3b323b38); // 8;2;
    o += 4;
    number((value >> 16) & 0xff);
    put(0x3b);
    number((value >> 8) & 0xff);
    put(0x3b);
    number(value & 0xff);
  }
  put(0x3b);
}

/** Codes that switch attributes on: 1 2 3 4 5 7 8 9, in the order of the bits. */
function attributesOn(bits: u32): void {
  for (let i = 0; i < 8; i++) {
    if (bits & (1 << i)) {
      put(i < 5 ? 0x31 + i : 0x32 + i);
      put(0x3b);
    }
  }
}

function attributesOff(bits: u32): void {
  if (bits & 3) { put(0x32); put(0x32); put(0x3b); }
  for (let i = 2; i < 8; i++) {
    if (bits & (1 << i)) {
      put(0x32);
      put(i < 5 ? 0x31 + i : 0x32 + i);
      put(0x3b);
    }
  }
}

/** Underline, inverse, strike: what shows on a space. */
const ON_SPACE: u32 = 0xa8;

/** True for a space that looks the same in the style that is set: colour, bold and the like do not show on it. */
// @ts-ignore: decorator
@inline
function spaceFits(cell: usize): bool {
  const word = load<u32>(cell, 12);
  return load<u32>(cell) == 0x20 && load<u32>(cell, 8) == sgrBg && ((word | sgrAttrs) & (ON_SPACE | CELL_UNSURE)) == 0 && word >> LINK_SHIFT == link;
}

function styleTo(fg: u32, bg: u32, word: u32): void {
  const attrs = word & 0xff;
  const wanted = word >> LINK_SHIFT;
  if (fg != sgrFg || bg != sgrBg || attrs != sgrAttrs) {
    csi();
    if ((fg | bg | attrs) == 0) put(0x6d);
    else {
      const off = sgrAttrs & ~attrs;
      let fgNow = sgrFg;
      let bgNow = sgrBg;
      let on = attrs & ~sgrAttrs;
      // Two or more things to take back: a reset and all anew is shorter.
      const back = popcnt(off) + (fg == 0 && sgrFg != 0 ? 1 : 0) + (bg == 0 && sgrBg != 0 ? 1 : 0);
      if (back >= 2) {
        put(0x30);
        put(0x3b);
        fgNow = bgNow = 0;
        on = attrs;
      } else if (off != 0) {
        attributesOff(off);
        // 22 takes bold and dim back together.
        if (off & 3) on |= attrs & 3;
      }
      attributesOn(on);
      if (fg != fgNow) colour(fg, false);
      if (bg != bgNow) colour(bg, true);
      store<u8>(o - 1, 0x6d); // the last semicolon becomes m
    }
    sgrFg = fg;
    sgrBg = bg;
    sgrAttrs = attrs;
  }
  if (wanted != link) {
    if (wanted == 0) closeLink();
    else {
      store<u32>(o, 0x3b385d1b);
      o += 4;
      put(0x3b);
      const slot: usize = <usize>LINKS + <usize>wanted * LINK_SLOT_BYTES;
      const length = <usize>load<u16>(slot);
      memory.copy(o, slot + 2, length);
      o += length;
      store<u16>(o, 0x5c1b);
      o += 2;
    }
    link = wanted;
  }
}

function character(glyph: u32): void {
  if (glyph < 0x80) {
    put(glyph);
  } else if (glyph & <u32>GRAPHEME) {
    const slot: usize = <usize>GRAPHEMES + <usize>(glyph & 0xffff) * GRAPHEME_SLOT_BYTES;
    const length = <usize>load<u8>(slot);
    memory.copy(o, slot + 1, length);
    o += length;
  } else if (glyph < 0x800) {
    put(0xc0 | (glyph >> 6));
    put(0x80 | (glyph & 63));
  } else if (glyph < 0x10000) {
    put(0xe0 | (glyph >> 12));
    put(0x80 | ((glyph >> 6) & 63));
    put(0x80 | (glyph & 63));
  } else {
    put(0xf0 | (glyph >> 18));
    put(0x80 | ((glyph >> 12) & 63));
    put(0x80 | ((glyph >> 6) & 63));
    put(0x80 | (glyph & 63));
  }
}

/** The longest stretch of unchanged ASCII that is written again instead of a move. */
const BRIDGE_MAX = 4;
/** A tail of blanks shorter than this is written as spaces. */
const ERASE_MIN = 4;

/** Moves within a row, or writes the few unchanged cells between when they are in the style that is set. */
function reach(line: usize, y: i32, x: i32): void {
  if (curRow == y && curCol >= 0 && curCol < x && x - curCol <= BRIDGE_MAX) {
    let plain = true;
    for (let i = curCol; i < x; i++) {
      const cell = line + i * CELL_BYTES;
      const word = load<u32>(cell, 12);
      if (spaceFits(cell)) continue;
      if (
        load<u32>(cell) - 0x20 >= 0x5f || load<u32>(cell, 4) != sgrFg || load<u32>(cell, 8) != sgrBg ||
        (word & 0xff) != sgrAttrs || word >> LINK_SHIFT != link
      ) {
        plain = false;
        break;
      }
    }
    if (plain) {
      for (let i = curCol; i < x; i++) put(load<u32>(line + i * CELL_BYTES));
      curCol = x;
      return;
    }
  }
  moveTo(y, x);
}

function writeRow(y: i32): void {
  const line = next + y * stride;
  const old = prev + y * stride;
  let first = <i32>load<u16>(FIRST + y * 2);
  let last = <i32>load<u16>(LAST + y * 2);
  // Half a wide cell is never written alone.
  if (first > 0 && load<u32>(line + first * CELL_BYTES) == 0) first--;

  // Where the blank tail of the row begins.
  const empty = i32x4(0x20, 0, 0, 0);
  let tail = cols;
  while (tail > 0 && !v128.any_true(v128.xor(v128.load(line + (tail - 1) * CELL_BYTES), empty))) tail--;

  let end = min(last + 1, tail);
  let erase = last + 1 - max(first, tail);
  if (erase > 0 && erase < ERASE_MIN) {
    end = last + 1;
    erase = 0;
  }
  let all = false; // after an unsure grapheme everything to the end is written
  let x = first;
  while (x < end) {
    const cell = line + x * CELL_BYTES;
    if (!all && !differ(cell, old + x * CELL_BYTES)) {
      x++;
      continue;
    }
    let glyph = load<u32>(cell);
    if (glyph == 0) {
      // The second half differs though the first does not: write both. Alone it is a mistake of the painter: a space.
      if (x > first && load<u32>(cell - CELL_BYTES) != 0 && load<u32>(cell - CELL_BYTES, 12) & CELL_WIDE) {
        x--;
        all = true;
        continue;
      }
      glyph = 0x20;
    }
    if (load<u32>(cell, 12) & CELL_WIDE && x + 1 == cols) {
      glyph = 0x20; // a mistake of the painter, too: it would wrap
    }
    const word = load<u32>(cell, 12);
    reach(line, y, x);
    if (!spaceFits(cell)) styleTo(load<u32>(cell, 4), load<u32>(cell, 8), word);
    const width = word & CELL_WIDE && load<u32>(cell) != 0 && x + 1 < cols ? 2 : 1;

    if (word & CELL_UNSURE) {
      csi();
      put(0x30 + width);
      put(0x58); // X: a terminal that gives it one column would leave what was in the other
      character(glyph);
      curRow = curCol = -1;
      x += width;
      all = true;
      end = max(end, tail);
      if (tail < cols) erase = 1;
      continue;
    }

    character(glyph);
    if (width == 1 && !(glyph & <u32>GRAPHEME)) {
      let stop = x + 1;
      while (stop < end && !differ(line + stop * CELL_BYTES, cell)) stop++;
      const more = stop - x - 1;
      if (more > 0) {
        if (options & OPTION_REPEAT && glyph < 0x80 && more > 3 + digits(more)) {
          csi();
          number(more);
          put(0x62); // b
        } else {
          for (let i = 0; i < more; i++) character(glyph);
        }
        x += more;
      }
    }
    x += width;
    curRow = y;
    curCol = x < cols ? x : -1;
  }
  if (erase > 0) {
    const from = max(first, tail);
    plainStyle();
    moveTo(y, from);
    put3(0x4b5b1b); // ESC [ K
    last = cols - 1;
  }
  last = max(last, end - 1);
  memory.copy(old + first * CELL_BYTES, line + first * CELL_BYTES, (last - first + 1) * CELL_BYTES);
}
