// Writes what differs in one row: the fewest bytes that make the terminal's row the next one.
import { CELL_BYTES, CELL_UNSURE, CELL_WIDE, FIRST, GRAPHEME, LAST, LINK_SHIFT, OPTION_REPEAT } from "../abi/diff";
import { character, csi, curCol, curRow, digits, link, moveTo, number, plainStyle, put, put3, setCursor, sgrAttrs, sgrBg, sgrFg, spaceFits, styleTo } from "./bytes";
import { cols, differ, next, options, prev, stride } from "./grid";

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

export function writeRow(y: i32): void {
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
      setCursor(-1, -1);
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
    setCursor(y, x < cols ? x : -1);
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
