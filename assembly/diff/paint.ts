// Text to cells, for the characters that make up nearly all of it: those of one code point that join nothing, in one or two columns.
// What they are is told by ranges, so no table is needed here; the first character that is in none of them (marks, emoji, scripts with
// conjuncts, controls) is left to the host, and the one before it too, since that may be joined. The rules are those of
// src/terminal/width.ts; test/session/screen/paint.test.ts compares every code point.
// Budget: 120 columns of ASCII in 0.2 us (bench/diff.ts, "paint").
import { ATTR_INVERSE, ATTR_STRIKE, ATTR_UNDERLINE, CELL_BYTES, CELL_WIDE, LINK_SHIFT } from "../abi/diff";

/** Attributes that show on a space. A space without them has the default style: fewer changes, fewer bytes. */
const SHOWN_ON_SPACE: u32 = ATTR_UNDERLINE | ATTR_INVERSE | ATTR_STRIKE;
const ON_SPACE: u32 = SHOWN_ON_SPACE | (0xffff << LINK_SHIFT);

/** Bytes of the character that was read last, and its code point. */
let size: usize = 0;
let code: u32 = 0;

// @ts-ignore: decorator
@inline
function within(from: u32, to: u32): bool {
  return code - from <= to - from;
}

function narrow(): bool {
  if (code < 0x370) return within(0xa1, 0xac) || within(0xae, 0x2ff);
  if (code < 0x600) return within(0x370, 0x482) || within(0x48a, 0x590);
  if (code < 0x2100) return within(0x1e00, 0x200a) || within(0x2010, 0x2027) || within(0x202f, 0x205f) || within(0x2070, 0x20cf) || code > 0x20f0;
  return within(0x2100, 0x2319) || within(0x232b, 0x23e8) || within(0x23f4, 0x25fc) || within(0x27c0, 0x2b1a) || within(0xe000, 0xf8ff);
}

function wide(): bool {
  return within(0x3250, 0xa48c) || within(0xac00, 0xd7a3) || within(0x3041, 0x3096) || within(0x309b, 0x30ff) || within(0x2ff0, 0x3029) ||
    within(0x3131, 0x3163) || within(0xff01, 0xff60) || within(0xf900, 0xfaff);
}

/** Columns of the character at p, 0 when it is none of those that are painted here. The host writes whole UTF-8 sequences. */
// @ts-ignore: decorator
@inline
function columnsAt(p: usize): i32 {
  code = load<u8>(p);
  size = 1;
  if (code < 0x80) return i32(code - 0x20 < 0x5f);
  if (code < 0xe0) {
    code = ((code & 31) << 6) | (<u32>load<u8>(p, 1) & 63);
    size = 2;
  } else if (code < 0xf0) {
    code = ((code & 15) << 12) | ((<u32>load<u8>(p, 1) & 63) << 6) | (<u32>load<u8>(p, 2) & 63);
    size = 3;
  } else return 0;
  return wide() ? 2 : i32(narrow());
}

/**
 * Paints the bytes from..to on cells from `cell` on, of which `room` are left in the row, as far as it can. Each character is one UTF-16
 * unit. Answers columns | units << 10 | bytes << 20 that were painted.
 */
export function paint(cell: usize, room: i32, from: usize, to: usize, fg: u32, bg: u32, attrs: u32): u32 {
  const style = i32x4(0, fg, bg, attrs);
  const space = i32x4(0x20, attrs & SHOWN_ON_SPACE ? fg : 0, bg, attrs & ON_SPACE);
  const end = cell + room * CELL_BYTES;
  let at = cell;
  let p = from;
  let units: u32 = 0;
  let columns = p < to ? columnsAt(p) : 0;
  while (columns != 0) {
    // ASCII before ASCII, the most of it.
    let c = <u32>load<u8>(p);
    while (p + 1 < to && at < end && c - 0x20 < 0x5f) {
      const after = <u32>load<u8>(p, 1);
      if (after - 0x20 >= 0x5f) break;
      v128.store(at, c == 0x20 ? space : i32x4.replace_lane(style, 0, c));
      at += CELL_BYTES;
      units++;
      p++;
      c = after;
      columns = 1;
      size = 1;
      code = c;
    }
    if (at + columns * CELL_BYTES > end) break;
    const glyph = code;
    const next = p + size;
    const after = next < to ? columnsAt(next) : 0;
    if (next < to && after == 0) break;
    if (columns == 2) {
      const both = v128.or(style, i32x4(0, 0, 0, CELL_WIDE));
      v128.store(at, i32x4.replace_lane(both, 0, glyph));
      v128.store(at, both, CELL_BYTES);
      at += 2 * CELL_BYTES;
    } else {
      v128.store(at, glyph == 0x20 ? space : i32x4.replace_lane(style, 0, glyph));
      at += CELL_BYTES;
    }
    units++;
    p = next;
    columns = after;
  }
  return <u32>((at - cell) / CELL_BYTES) | (units << 10) | (<u32>(p - from) << 20);
}
