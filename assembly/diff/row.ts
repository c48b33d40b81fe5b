// Writes what differs in one row: the fewest bytes that make the terminal's row the next one.
import { CELL_BYTES, CELL_UNSURE, CELL_WIDE, FIRST, GRAPHEME, LINK_SHIFT, OPTION_REPEAT, SIGN, SIGN_NEXT, SIGN_STALE } from "../abi/diff";
import { character, csi, curCol, curRow, digits, link, moveTo, number, o, plainStyle, put, put3, rewindTo, setCursor, sgrAttrs, sgrBg, sgrFg, spaceFits, styleTo } from "./bytes";
import { cols, differ, lastDifference, next, options, prevRow, stride, tailOf } from "./grid";
import { signed } from "./scroll";

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
      setCursor(y, x);
      return;
    }
  }
  moveTo(y, x);
}

/** From so many times the same character on, cells that show it already are written with it. */
const SAME_MIN = 4;

/** `same` times an ASCII character, the last of them before `out`: takes the repetitions back and has the terminal repeat it. */
function squeeze(out: usize, same: i32): usize {
  const more = same - 1;
  if (more <= 3 + digits(more) || !(options & OPTION_REPEAT)) return out;
  rewindTo(out - more);
  csi();
  number(more);
  put(0x62); // b
  return o;
}

/**
 * Writes cell `x`, narrow and in the style that is set, and those behind it up to `end` that are alike in style and differ from
 * what is shown. Answers the column after them. Budget: 4 ns a cell (bench/diff.ts, full repaint).
 */
function writeRun(line: usize, old: usize, x: i32, end: i32, all: bool): i32 {
  let cell = line + x * CELL_BYTES;
  let was = old + x * CELL_BYTES;
  const stop = line + end * CELL_BYTES;
  let glyph = load<u32>(cell);
  // Not that of the cell: a space may stand in any that does not show on it.
  const fg = sgrFg;
  const rest = <u64>sgrBg | ((<u64>sgrAttrs | (<u64>link << LINK_SHIFT)) << 32);
  let same = 1; // how often the last character was written
  character(glyph);
  let out = o; // a local: the global would be stored and loaded again for each byte
  for (;;) {
    cell += CELL_BYTES;
    was += CELL_BYTES;
    if (cell >= stop) break;
    const code = load<u32>(cell);
    // Word by word: the first one decides nearly always, which is quicker than all four in a vector.
    if (code == glyph) {
      if (differ(cell, cell - CELL_BYTES)) break;
      if (same < SAME_MIN && !all && !differ(cell, was)) break;
      same++;
    } else {
      if (code == load<u32>(was) && !all && !differ(cell, was)) break;
      if ((load<u32>(cell, 4) != fg || load<u64>(cell, 8) != rest) && !spaceFits(cell)) break;
      if (code - 1 >= <u32>GRAPHEME - 1) break; // also 0
      if (same > SAME_MIN && glyph < 0x80) out = squeeze(out, same);
      same = 1;
      glyph = code;
    }
    if (code < 0x80) store<u8>(out++, code);
    else {
      rewindTo(out);
      character(code);
      out = o;
    }
  }
  if (same > SAME_MIN && glyph < 0x80) out = squeeze(out, same);
  rewindTo(out);
  return <i32>((cell - line) / CELL_BYTES);
}

export function writeRow(y: i32): void {
  const line = next + y * stride;
  const old = prevRow(y);
  store<u32>(SIGN + y * 4, signed ? load<u32>(SIGN_NEXT + y * 4) : SIGN_STALE);
  let first = <i32>load<u16>(FIRST + y * 2);
  let last = lastDifference(line, old);
  // Half a wide cell is never written alone.
  if (first > 0 && load<u32>(line + first * CELL_BYTES) == 0) first--;

  const empty = i32x4(0x20, 0, 0, 0);
  let end = last + 1;
  let erased = 0;
  let tail = -1; // where the blank tail of the row begins; -1: it is not known
  if (!v128.any_true(v128.xor(v128.load(line + last * CELL_BYTES), empty))) {
    tail = tailOf(line);
    if (tail <= last) {
      end = tail;
      erased = last + 1 - max(first, tail);
      if (erased < ERASE_MIN) {
        end = last + 1;
        erased = 0;
      }
    }
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
    const word = load<u32>(cell, 12);
    if (word & CELL_WIDE && x + 1 == cols) {
      glyph = 0x20; // a mistake of the painter, too: it would wrap
    }
    reach(line, y, x);
    if (!spaceFits(cell)) styleTo(load<u32>(cell, 4), load<u32>(cell, 8), word);
    if ((word & (CELL_WIDE | CELL_UNSURE)) == 0 && glyph < <u32>GRAPHEME && glyph == load<u32>(cell)) {
      x = writeRun(line, old, x, end, all);
      setCursor(y, x < cols ? x : -1);
      continue;
    }
    const width = word & CELL_WIDE && load<u32>(cell) != 0 && x + 1 < cols ? 2 : 1;

    if (word & CELL_UNSURE) {
      csi();
      put(0x30 + width);
      put(0x58); // X: a terminal that gives it one column would leave what was in the other
      character(glyph);
      setCursor(-1, -1);
      x += width;
      all = true;
      if (tail < 0) tail = tailOf(line);
      end = max(end, tail);
      if (tail < cols) erased = 1;
      continue;
    }

    character(glyph);
    x += width;
    setCursor(y, x < cols ? x : -1);
  }
  if (erased > 0) {
    const from = max(first, tail);
    plainStyle();
    moveTo(y, from);
    put3(0x4b5b1b); // ESC [ K
    last = cols - 1;
  }
  last = max(last, end - 1);
  memory.copy(old + first * CELL_BYTES, line + first * CELL_BYTES, (last - first + 1) * CELL_BYTES);
}
