// assembly/layout/index.ts: UTF-8 text -> lines of at most so many columns, as offsets and widths.
// Memory map: ../abi/layout.ts (tables, IN, LINES). Plain versions: src/kernels/reference/layout.ts, src/terminal/width.ts.
//
// One text: the host writes it to IN -> begin(width) -> run(end) for each run of one style, `end` its last byte + 1 -> finish() =
// number of lines, whose records lie at LINES. No cluster reaches over the end of a run; a word may. State is kept from begin()
// to finish() only.
//
// What is laid out is what will be shown: controls (all but LF and tab) as one picture each, a tab as blanks up to the next column
// of four, counted from the beginning of the run or the last LF. A byte that belongs to no UTF-8 sequence counts as U+FFFD.
// A mark behind a tab is taken alone: it cannot join a blank that is no byte.
import { IN } from "../abi/layout";
import { cluster, columns, readRaw } from "./cluster";
import { finish, run as runTo, start } from "./lines";

export { finish };

export function begin(width: i32): void {
  readRaw(false);
  start(width);
}

export function run(end: i32): void {
  runTo(IN + end);
}

/** UTF-16 units of the bytes from..to, which are whole sequences. */
export function units(from: i32, to: i32): i32 {
  const end: usize = IN + to;
  let p: usize = IN + from;
  let n = 0;
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    // All but the bytes behind a first one; four bytes are a pair.
    n += popcnt(i8x16.bitmask(i8x16.gt_s(v, i8x16.splat(-65)))) + popcnt(i8x16.bitmask(i8x16.ge_u(v, i8x16.splat(-16))));
  }
  for (; p < end; p++) {
    const c = load<u8>(p);
    n += i32((c & 0xc0) != 0x80) + i32(c >= 0xf0);
  }
  return n;
}

/**
 * The cluster that begins at byte `from`, of text as it stands, before `to`: byte behind it << 2 | its columns. Controls break
 * clusters, and CR LF is one: UAX 29 to the letter.
 */
export function next(from: i32, to: i32): i32 {
  readRaw(true);
  const end = <i32>(cluster(IN + from, IN + to) - IN);
  return (end << 2) | columns;
}
