// Memory of the diff kernel, in order. Constants only: asc and tsc both read this file.
//
//   DIRTY       one byte a row of the next grid: 1 = painted since the last frame
//   LIVE_DIRTY  the same for the live layer (inline mode); the kernel never reads it
//   FIRST       first column that differs (u16 a row), valid while DIRTY is 1 within a frame
//   PREV_ROWS   u32 a row: where the previous grid's row lies. A scroll turns these and moves no cells
//   SIGN        one u32 a row: signatures of the previous grid, for finding scrolls; kept from frame to frame, SIGN_STALE: not known
//   SIGN_NEXT   the same of the next grid
//   VOTES       u16 for each shift -ROWS_MAX..ROWS_MAX
//   BUCKETS     u16 hash table signature -> row + 1, chain-free
//   DECIMAL     u32 for 0..255: three bytes of digits, and how many they are in the fourth
//   LINKS       slots of {u16 length, bytes}; slot 0 is unused: link 0 is none
//   GRAPHEMES   slots of {u8 length, bytes}
//   OUT         bytes of the patch, cols * CELL_OUT_MAX + OUT_ROOM long; the 64 bytes before it are the host's, for what goes around a frame
//   then the grids: previous, next, and with a live layer that; cols * rows * CELL_BYTES each
//
// A cell is four u32: glyph, foreground, background, attributes.
//   glyph       a code point, or GRAPHEME | slot, or 0 for the second half of the wide cell on its left
//   colours     0 the terminal's own, COLOUR_RGB | 0xRRGGBB, COLOUR_PALETTE | 0..255
//   attributes  bits 0..7 as in contracts/view.ts, CELL_WIDE, CELL_UNSURE, link slot from LINK_SHIFT on
//
// Cells of 8 bytes (glyph, and the number of a style that is kept in a table) were tried on the patterns of bench/diff.ts at 200x60. The
// bytes are the same, the time a frame (us, 16 -> 8): tokens 0.35 -> 0.30, append and scroll 1.14 -> 1.00, the same not told
// 7.8 -> 5.8, wheel 3.0 -> 2.5, dialog 9.6 -> 7.7, full repaint 47 -> 40; only with every row dirty it is much, 4.1 -> 2.3. Dirty rows and
// told scrolls take away the traffic that halves, and each span that is painted would look its style up in a table that
// must be kept from overflowing. Not worth it for a sixth.
export const COLS_MAX = 500;
export const ROWS_MAX = 200;
export const CELL_BYTES = 16;

export const DIRTY = 0x400;
export const LIVE_DIRTY = 0x500;
export const FIRST = 0x600;
export const PREV_ROWS = 0x800;
export const SIGN = 0xc00;
export const SIGN_NEXT = 0x1000;
export const VOTES = 0x1400;
export const BUCKETS = 0x1800;
export const BUCKETS_MAX = 512;
export const DECIMAL = 0x1c00;
/** Never a signature: they are odd, or 0 for a blank row. */
export const SIGN_STALE = 2;

export const LINKS = 0x2000;
export const LINKS_MAX = 128;
export const LINK_SLOT_BYTES = 512;

export const GRAPHEMES = 0x12000;
export const GRAPHEMES_MAX = 2048;
export const GRAPHEME_SLOT_BYTES = 64;

export const OUT = 0x32040;
// What one cell can cost at worst: move 10, erase 5, SGR 64, link off and on 7 + 7 + 510, grapheme 63, repeat 6.
export const CELL_OUT_MAX = 704;
/** Text to be painted is put at OUT, between frames: three bytes for a UTF-16 unit at most. */
export const PAINT_UNITS_MAX = 1_360;
// Beside the row that is being written: many short rows go in one call; also scroll, line feeds and the cursor.
export const OUT_ROOM = 0x10000;

export const GRAPHEME = 0x80000000;
export const COLOUR_RGB = 0x1000000;
export const COLOUR_PALETTE = 0x2000000;

export const ATTR_BOLD = 1;
export const ATTR_DIM = 2;
export const ATTR_ITALIC = 4;
export const ATTR_UNDERLINE = 8;
export const ATTR_BLINK = 16;
export const ATTR_INVERSE = 32;
export const ATTR_HIDDEN = 64;
export const ATTR_STRIKE = 128;
export const ATTR_MASK = 255;
export const CELL_WIDE = 0x100;
export const CELL_UNSURE = 0x200;
export const LINK_SHIFT = 16;

// Options of open().
export const OPTION_SCROLL = 1;
export const OPTION_REPEAT = 2;
export const OPTION_LIVE = 4;
