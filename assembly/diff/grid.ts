// The grids: where they lie, how two rows are compared, what a blank one is.
import { CELL_BYTES, CELL_OUT_MAX, COLS_MAX, DIRTY, FIRST, LAST, OPTION_LIVE, OUT, OUT_ROOM, ROWS_MAX } from "../abi/diff";

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
  memory.fill(DIRTY, 0, LAST - DIRTY);
  return end;
}

// @ts-ignore: decorator
@inline
export function differ(a: usize, b: usize): bool {
  return v128.any_true(v128.xor(v128.load(a), v128.load(b)));
}

/** Sets FIRST and LAST of a row; a row without difference is no longer dirty. */
export function narrow(y: i32): bool {
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

export function rowsEqual(a: usize, b: usize): bool {
  const end = a + stride;
  while (a < end) {
    if (differ(a, b)) return false;
    a += 16;
    b += 16;
  }
  return true;
}

export function blank(at: usize, cells: i32): void {
  const empty = i32x4(0x20, 0, 0, 0);
  for (let i = 0; i < cells; i++) v128.store(at + (<usize>i) * CELL_BYTES, empty);
}
