// Memory of the escape kernel, in order. Constants only: asc and tsc both read this file.
//
//   TABLE  8 bytes for each of the first 128 code points: what is written for it, zero-filled, and in the last byte how many bytes
//          that is; filled by init()
//   IN     what is to be escaped; SIMD reads up to IN_SLACK beyond it
//   OUT    what was made of it; SIMD stores up to 16 bytes beyond the last one
export const TABLE = 0x0;

export const IN = 0x400;
/** With out it stays in a core's second-level cache; twice as much is no faster. */
export const IN_BYTES = 0x8000;
export const IN_SLACK = 0x60;

export const OUT = 0x8460;
/** At worst a byte of UTF-8, or a unit of UTF-16, becomes \u00xx. */
export const OUT_PER_IN = 6;
export const OUT_SLACK = 0x10;
export const MEMORY_PAGES = 4;
