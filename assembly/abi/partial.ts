// Memory of the partial kernel, in order. Constants only: asc and tsc both read this file.
//
//   STATE  what is not yet read by the host: records on the tape, bytes of text, whether they go beyond ASCII (i32 each)
//   SLOTS  one parser each: SLOT_HEAD bytes of state, then the stack, one bit a level (1 = array)
//   IN     bytes of one piece; the kernel puts 16 zero bytes behind the last one, they stop every scan
//   TEXT   unescaped text of strings, keys and numbers, back to back in the order of the tape
//   TAPE   u32 records of what the input says, in its order: kind in bits 0..3, a count of bytes or a code unit above
//
// STATE, TEXT and TAPE belong to one slot at a time; the host reads them before it runs another one.
export const STATE = 0x0;
export const STATE_TAPE = 0x0;
export const STATE_TEXT = 0x4;
export const STATE_WIDE = 0x8;

export const SLOTS = 0x100;
/** A session streams one call at a time, a worker holds some dozen sessions; one more than these is read in plain TypeScript. */
export const SLOTS_MAX = 64;
export const SLOT_STATE = 0x0;
export const SLOT_DEPTH = 0x4;
/** The open string is a key. */
export const SLOT_KEY = 0x8;
/** Digits of an escape so far, behind a leading 1. */
export const SLOT_HEX = 0xc;
/** Letters of a literal that must follow, the next one lowest. */
export const SLOT_REST = 0x10;
export const SLOT_HEAD = 0x20;
/** Deeper nesting is read on in plain TypeScript. No tool has arguments of even 100 levels. */
export const DEPTH_MAX = 16_384;
export const SLOT_BYTES = 0x820;

export const IN = 0x21000;
export const IN_BYTES = 0x2000;
export const TEXT = 0x23100;
// Some pieces fit before the host must read. Unescaping never lengthens.
export const TEXT_BYTES = 0x8000;
export const TAPE = 0x2b200;
export const TAPE_MAX = 0x4800;
/** A byte makes two records at most (a digit: number and text; its end and the closing bracket come with the next one). */
export const RECORDS_A_BYTE = 2;
export const MEMORY_PAGES = 4;

// Where a parser stands. The plain version counts the same way, so that it can go on where the kernel stopped.
export const EXPECT_VALUE = 0;
export const EXPECT_FIRST_VALUE = 1;
export const EXPECT_FIRST_KEY = 2;
export const EXPECT_KEY = 3;
export const EXPECT_COLON = 4;
export const AFTER_VALUE = 5;
export const AFTER_ALL = 6;
export const IN_STRING = 7;
export const IN_ESCAPE = 8;
export const IN_HEX = 9;
export const IN_LITERAL = 10;
export const AFTER_MINUS = 11;
export const AFTER_DOT = 12;
export const AFTER_E = 13;
export const AFTER_E_SIGN = 14;
// From here on a number may end.
export const IN_ZERO = 15;
export const IN_INTEGER = 16;
export const IN_FRACTION = 17;
export const IN_EXPONENT = 18;
export const REFUSED = 19;

export const RECORD_KIND = 15;
export const RECORD_SHIFT = 4;
export const RECORD_OBJECT = 0;
export const RECORD_ARRAY = 1;
export const RECORD_CLOSE = 2;
export const RECORD_STRING = 3;
export const RECORD_KEY = 4;
export const RECORD_NUMBER = 5;
/** More of the open string, key or number: bytes of TEXT. */
export const RECORD_TEXT = 6;
/** A surrogate that was written as an escape: UTF-8 has none. */
export const RECORD_UNIT = 7;
export const RECORD_END = 8;
export const RECORD_TRUE = 9;
export const RECORD_FALSE = 10;
export const RECORD_NULL = 11;
