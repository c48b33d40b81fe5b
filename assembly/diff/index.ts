// assembly/diff/index.ts: two grids of cells -> the bytes that take a terminal from one to the other.
// Memory map and cell format: ../abi/diff.ts. Plain version: src/kernels/reference/diff.ts.
//
// One frame: begin() -> [clear()] [feed()] [scrolled()] -> compare() -> rows() until it answers 0 -> finish(). What was written lies at
// OUT and begin() starts it again; rows() stops when a row might not fit, so the host takes OUT away and calls it again. plainFrame()
// is all of it for a frame that begins with nothing of that and fits.
// compare() narrows dirty rows to those that differ and looks for one scroll; a painter that scrolled says so with scrolled(). Rows that rows() was not
// called for stay dirty. The previous grid always holds what the bytes so far have made of the terminal.
//
// Rules that keep every terminal right:
// - after the last column the cursor's column is unknown (pending wrap), after a grapheme of unsure width all of it is;
// - what is right of an unsure grapheme is written again whenever that is written;
// - erasing happens in the default style only, so background-colour-erase does not matter;
// - REP follows its character at once, and only ASCII is repeated: tmux 3.3 repeats nothing else.
import { DIRTY, OPTION_SCROLL, OUT, OUT_ROOM } from "../abi/diff";
import { csi, fillDecimal, forget, lineFeed, moveTo, number, o, plainStyle, put, put3, resetStyle, rewind, setCursor, written } from "./bytes";
import { blankRow, layOut, live, narrow, next, options, prev, rowCount, turn } from "./grid";
import { writeRow } from "./row";
import { scroll, SCROLL_ROWS_MIN, scrollRows, unsign } from "./scroll";

export { paint } from "./paint";
export { written };

let row: i32 = 0; // the row that rows() goes on with

/** Lays the memory out, blanks the grids. Answers the first byte after the grids, or 0 when memory is refused. */
export function open(cols: i32, rows: i32, options: i32): i32 {
  const end = layOut(cols, rows, options);
  if (end != 0) {
    forget();
    fillDecimal();
  }
  return end;
}

export function nextGrid(): usize { return next; }
export function liveGrid(): usize { return live; }
export function previousGrid(): usize { return prev; }

/** Starts a frame, or goes on after the host has taken OUT. */
export function begin(): void {
  rewind();
}

/** The terminal's content is unknown from row `from` on: style and margins reset, cleared; the previous grid is blank there. */
export function clear(from: i32): i32 {
  resetStyle();
  if (from == 0) {
    put3(0x725b1b); // ESC [ r
  }
  setCursor(-1, -1);
  moveTo(from, 0);
  put3(0x4a5b1b); // ESC [ J
  for (let y = from; y < rowCount; y++) blankRow(y);
  memory.fill(DIRTY + from, 1, rowCount - from);
  return written();
}

/** Inline, after a resize: rows are where the terminal put them, only the cursor is known to have moved along. Clears from `up` rows above it. */
export function clearAround(up: i32): i32 {
  resetStyle();
  put3(0x475b1b); // ESC [ G
  if (up > 0) {
    csi();
    number(up);
    put(0x41); // A
  }
  put3(0x4a5b1b);
  setCursor(-1, -1);
  return written();
}

/** The terminal's rows move up by `count` through line feeds at the bottom; the previous grid follows. */
export function feed(count: i32): i32 {
  if (count > rowCount) count = rowCount;
  plainStyle();
  setCursor(-1, -1); // with CUP even where a relative move would do: all else rests on this position
  moveTo(rowCount - 1, 0);
  for (let i = 0; i < count; i++) lineFeed();
  turn(0, rowCount - 1, count);
  return written();
}

/** The painter has moved rows top..bottom up by `by` (down when negative), and with them whether they are dirty: so does the terminal. */
export function scrolled(top: i32, bottom: i32, by: i32): i32 {
  scrollRows(top, bottom, by);
  return written();
}

/** Finds what differs in dirty rows, and scrolls when that saves work. Answers the number of rows to write. */
export function compare(): i32 {
  let changed = 0;
  let low = -1;
  let high = -1;
  row = 0;
  unsign();
  for (let y = 0; y < rowCount; y++) {
    if ((y & 7) == 0) {
      while (y + 8 <= rowCount && load<u64>(DIRTY + y) == 0) y += 8;
      if (y >= rowCount) break;
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
  for (; row < rowCount; row++) {
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
  return written();
}

/** A whole frame in one call. Answers the bytes in OUT, or -1 when they would not fit: rows() goes on. */
export function plainFrame(y: i32, x: i32): i32 {
  rewind();
  compare();
  return rows() ? -1 : finish(y, x);
}
