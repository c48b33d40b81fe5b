// Memory of the layout kernel, in order. Constants only: asc and tsc both read this file.
//
//   (tables)  0x400..IN   a data segment: assembly/tables/graphemes.ts, 37 KB
//   IN        UTF-8; the ZERO_BYTES behind it stay zero (SIMD reads past the end)
//   LINES     records of LINE_BYTES: {u32 first byte, u32 byte behind the last, u32 columns << 2 | how it ended}, bytes counted from IN.
//             One a line: as many as IN has bytes, and one more, so they cannot overflow.
export const IN = 0x10000;
/** The longest paragraph that is laid out in one go; a longer text is cut at line feeds by the host. */
export const IN_BYTES = 0x10000;
export const ZERO_BYTES = 64;
export const LINES = 0x20040;
export const LINE_BYTES = 12;
/** 64 KiB pages: (LINES + (IN_BYTES + 1) * LINE_BYTES) / 65536, rounded up. */
export const PAGES = 15;

// How a line ended: at a line feed or the end of the text; at blanks, which are in no line; within a word, or beside a wide character.
export const END_HARD = 0;
export const END_BLANK = 1;
export const END_CUT = 2;

/** Wider than any terminal; columns of a line fit beside the two bits of its end. */
export const WIDTH_MAX = 0x100000;
