// The grids: where they lie, how two rows are compared, what a blank one is.
import { CELL_BYTES, CELL_OUT_MAX, COLS_MAX, DIRTY, FIRST, OPTION_LIVE, OUT, OUT_ROOM, PREV_ROWS, ROWS_MAX, SIGN, VOTES } from "../abi/diff";

/** Votes are counted before rows are turned. */
const SPARE = VOTES;

export let cols: i32 = 0;
export let rowCount: i32 = 0;
/** Bytes of a row. */
export let stride: i32 = 0;
export let prev: usize = 0;
export let next: usize = 0;
export let live: usize = 0;
export let options: i32 = 0;

/** Lays the memory out, blanks the grids. Answers the first byte after the grids, or 0 when memory is refused. */
export function layOut(newCols: i32, newRows: i32, newOptions: i32): i32 {
  if (newCols < 1 || newCols > COLS_MAX || newRows < 1 || newRows > ROWS_MAX) return 0;
  const grid = newCols * newRows * CELL_BYTES;
  const first = (OUT + newCols * CELL_OUT_MAX + OUT_ROOM + 63) & ~63;
  const end = first + grid * (newOptions & OPTION_LIVE ? 3 : 2);
  const missing = ((end + 0xffff) >> 16) - memory.size();
  if (missing > 0 && memory.grow(missing) < 0) return 0;
  cols = newCols;
  rowCount = newRows;
  options = newOptions;
  stride = newCols * CELL_BYTES;
  prev = first;
  next = first + grid;
  live = first + 2 * grid;
  blank(first, (end - first) / CELL_BYTES);
  memory.fill(DIRTY, 0, PREV_ROWS - DIRTY);
  for (let y = 0; y < newRows; y++) store<u32>(PREV_ROWS + y * 4, <u32>(prev + y * stride));
  memory.fill(SIGN, 0, newRows * 4); // blank rows
  return end;
}

/** Where row `y` of the previous grid lies. */
// @ts-ignore: decorator
@inline
export function prevRow(y: i32): usize { return load<u32>(PREV_ROWS + y * 4); }

/** Rows top..bottom of the previous grid move up by `by` (down when negative); those that become free are blank. */
export function turn(top: i32, bottom: i32, by: i32): void {
  const count = min(by > 0 ? by : -by, bottom - top + 1);
  const kept = bottom - top + 1 - count;
  const free = by > 0 ? bottom - count + 1 : top;
  const leaving = by > 0 ? top : bottom - count + 1;
  turnWords(PREV_ROWS, leaving, count, top, kept, free, by);
  turnWords(SIGN, leaving, count, top, kept, free, by);
  for (let y = free; y < free + count; y++) blankRow(y);
}

/** The same for a table of words: what leaves at one side comes in at the other. */
function turnWords(table: usize, leaving: i32, count: i32, top: i32, kept: i32, free: i32, by: i32): void {
  memory.copy(SPARE, table + leaving * 4, count * 4);
  if (by > 0) memory.copy(table + top * 4, table + (top + count) * 4, kept * 4);
  else memory.copy(table + (top + count) * 4, table + top * 4, kept * 4);
  memory.copy(table + free * 4, SPARE, count * 4);
}

/** The previous grid's row `y` is blank from now on. */
export function blankRow(y: i32): void {
  blank(prevRow(y), cols);
  store<u32>(SIGN + y * 4, 0);
}

// @ts-ignore: decorator
@inline
export function differ(a: usize, b: usize): bool {
  return v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}

/** True when 64 bytes differ. */
// @ts-ignore: decorator
@inline
function differ4(p: usize, q: usize): bool {
  return v128.any_true(v128.or(
    v128.or(v128.xor(v128.load(p), v128.load(q)), v128.xor(v128.load(p, 16), v128.load(q, 16))),
    v128.or(v128.xor(v128.load(p, 32), v128.load(q, 32)), v128.xor(v128.load(p, 48), v128.load(q, 48))),
  ));
}

/** Sets FIRST of a row; a row without difference is no longer dirty. */
export function narrow(y: i32): bool {
  const a = next + y * stride;
  const first = firstDifference(a, prevRow(y));
  if (first == cols) {
    store<u8>(DIRTY + y, 0);
    return false;
  }
  store<u8>(DIRTY + y, 1);
  store<u16>(FIRST + y * 2, <u16>first);
  return true;
}

/** The first column in which two rows differ; `cols`: none. */
function firstDifference(a: usize, b: usize): i32 {
  const end = a + stride;
  let p = a;
  while (p + 64 <= end && !differ4(p, b)) { p += 64; b += 64; }
  while (p < end && !differ(p, b)) { p += 16; b += 16; }
  return <i32>((p - a) / CELL_BYTES);
}

/** The last column in which two rows differ that are known to. */
export function lastDifference(a: usize, b: usize): i32 {
  let p = a + stride;
  let q = b + stride;
  while (p >= a + 64 && !differ4(p - 64, q - 64)) { p -= 64; q -= 64; }
  do { p -= 16; q -= 16; } while (!differ(p, q));
  return <i32>((p - a) / CELL_BYTES);
}

/** The column at which the blank tail of a row begins. */
export function tailOf(a: usize): i32 {
  const empty = i32x4(0x20, 0, 0, 0);
  let p = a + stride;
  while (p >= a + 64) {
    const d = v128.or(
      v128.or(v128.xor(v128.load(p - 16), empty), v128.xor(v128.load(p - 32), empty)),
      v128.or(v128.xor(v128.load(p - 48), empty), v128.xor(v128.load(p - 64), empty)),
    );
    if (v128.any_true(d)) break;
    p -= 64;
  }
  while (p > a && !v128.any_true(v128.xor(v128.load(p - 16), empty))) p -= 16;
  return <i32>((p - a) / CELL_BYTES);
}

export function rowsEqual(a: usize, b: usize): bool {
  return firstDifference(a, b) == cols;
}

export function blank(at: usize, cells: i32): void {
  const empty = i32x4(0x20, 0, 0, 0);
  for (let i = 0; i < cells; i++) v128.store(at + (<usize>i) * CELL_BYTES, empty);
}
