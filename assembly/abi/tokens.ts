// Memory of the tokens kernel, in order. Constants only: asc and tsc both read this file.
//
//   CLASS_INDEX   u16 for each 128 code points: which block
//   CLASS_BLOCKS  128 bytes a block: the CLASS_ bit of a code point
//   BYTE_IDS      u32 for each byte value: its token
//   SMALL_KEYS    u32 a byte of a short piece: rank of the pair that begins there << 8 | position
//   SMALL_NEXT    u16 a byte: where the next part begins;  SMALL_PREV: where the one before begins
//   SMALL_IDS     u32 a byte: the token of a part that was merged
//   PIECES        what merging gave for pieces of up to PIECE_BYTES: {16 bytes, u32 length << 8 | count, u32 id x 3}
//   PAIRS         u32 for each two bytes (little endian): their token + 1, 0 when they are none
//   SHORT         hash table of tokens of 3..8 bytes: {u64 bytes, u32 length << 24 | token + 1, u32 unused}
//   LONG          hash table of tokens of 9..128 bytes: {u64 hash, u32 length << 24 | token + 1, u32 where in BYTES}
//   LENGTHS       u8 a token;  BYTES: the tokens themselves, one after the other (both written by the host)
//   FILTER        a bit for the hash of each token in SHORT and LONG
//   IN            UTF-8; IN_GUARD bytes behind it are written by the kernel
//   OUT           u32 a token
//   RUN_NEXT RUN_PREV RUN_RANK   u32 a byte: the same as SMALL_ for pieces over SMALL_MAX
//   WAITING       which ranks have pairs that wait, in three levels of bits
//   FIRST_ENTRY LAST_ENTRY   u32 a rank: the queue of its pairs, as numbers of ENTRIES + 1
//   ENTRIES       {u32 position, u32 next entry + 1}
export const CLASS_INDEX = 0x1000;
export const CLASS_SHIFT = 7;
export const CLASS_INDEX_BYTES = 0x4400;

export const CLASS_BLOCKS = 0x6000;
export const CLASS_BLOCKS_BYTES = 0x10000;

// Classes of code points, as bits. What the pattern of o200k asks for is a union of them.
export const CLASS_OTHER = 1;
// Upper and title case.
export const CLASS_UPPER = 2;
export const CLASS_LOWER = 4;
// Modifier letters and letters without case.
export const CLASS_LETTER = 8;
export const CLASS_MARK = 16;
export const CLASS_NUMBER = 32;
export const CLASS_SPACE = 64;
// CR and LF.
export const CLASS_BREAK = 128;

export const BYTE_IDS = 0x16000;

export const SMALL_KEYS = 0x16400;
export const SMALL_NEXT = 0x16800;
export const SMALL_PREV = 0x16c00;
export const SMALL_IDS = 0x17000;
// A scan over this many ranks, 4 at a time, costs less than a queue for each rank.
export const SMALL_MAX = 128;

export const PIECES = 0x20000;
export const PIECES_BITS = 12;
export const PIECE_BYTES = 16;
export const PIECE_IDS = 3;

export const PAIRS = 0x40000;

export const LONG = 0x80000;
export const LONG_BITS = 17;

export const SHORT = 0x280000;
export const SHORT_BITS = 18;
export const SHORT_BYTES = 8;

export const LENGTHS = 0x680000;
export const TOKENS_MAX = 200000;

export const BYTES = 0x6c0000;
export const BYTES_MAX = 0x180000;
export const TOKEN_BYTES_MAX = 128;

// 4 M bits for 0.2 M tokens: of bytes that are no token, 19 of 20 are known by half a megabyte, which stays in the cache.
export const FILTER = 0x840000;
export const FILTER_BITS = 22;

export const IN = 0x8c0000;
// The longest piece that is merged as one.
export const IN_BYTES = 0x40000;
export const IN_GUARD = 64;

export const OUT = 0x910000;

export const RUN_NEXT = 0xa10000;
export const RUN_PREV = 0xb10000;
export const RUN_RANK = 0xc10000;

// One bit a rank, then one for each 64 of those, then one for each 64 of these.
export const WAITING = 0xd10000;
export const WAITING_64 = 0xd17000;
export const WAITING_4096 = 0xd17400;

export const FIRST_ENTRY = 0xd18000;
export const LAST_ENTRY = 0xde0000;
export const ENTRIES = 0xeb0000;
// A pair a byte, and two for each merge.
export const ENTRIES_MAX = 0xc0000;
export const MEMORY_PAGES = 0x14b;
