// The vocabulary: a token's bytes -> its number. Two bytes are looked up directly, up to eight by their value, more by hash and compare.
import {
  BYTES,
  BYTES_MAX,
  BYTE_IDS,
  FILTER,
  FILTER_BITS,
  LENGTHS,
  LONG,
  LONG_BITS,
  PAIRS,
  SHORT,
  SHORT_BITS,
  SHORT_BYTES,
  TOKENS_MAX,
  TOKEN_BYTES_MAX,
} from "../abi/tokens";

/** No token. Larger than every rank, so that the lowest of several ranks can be taken without asking. */
export const NONE: u32 = 0xffffffff;

const SLOT_BYTES = 16;
const TOKEN_MASK = 0xffffff;

// @ts-ignore: decorator
@inline
export function head(p: usize, length: i32): u64 {
  return load<u64>(p) & (<u64>-1 >> (<u64>(SHORT_BYTES - length) << 3));
}

// @ts-ignore: decorator
@inline
function shortHash(key: u64, length: i32): u64 {
  return (key ^ (<u64>length << 56)) * 0x9e3779b97f4a7c15;
}

// @ts-ignore: decorator
@inline
function shortSlot(hash: u64): usize {
  return <usize>SHORT + <usize>(hash >> (64 - SHORT_BITS)) * SLOT_BYTES;
}

/** Of 9 bytes and more: whole words, then the last eight bytes. */
function longHash(p: usize, length: i32): u64 {
  const last = p + <usize>length - 8;
  let h: u64 = <u64>length;
  while (p < last) {
    h = (h ^ load<u64>(p)) * 0x9e3779b97f4a7c15;
    h ^= h >> 29;
    p += 8;
  }
  h = (h ^ load<u64>(last)) * 0xd6e8feb86659fd93;
  return h ^ (h >> 32);
}

// @ts-ignore: decorator
@inline
function longSlot(hash: u64): usize {
  return <usize>LONG + <usize>(hash >> (64 - LONG_BITS)) * SLOT_BYTES;
}

// @ts-ignore: decorator
@inline
function filterWord(hash: u64): usize {
  return <usize>FILTER + (<usize>(hash >> (64 - FILTER_BITS + 5)) << 2);
}

// @ts-ignore: decorator
@inline
function filterBit(hash: u64): u32 {
  return <u32>1 << (<u32>(hash >> (64 - FILTER_BITS)) & 31);
}

/** Whether there may be a token of this hash: most bytes that are merged are none. */
// @ts-ignore: decorator
@inline
function likely(hash: u64): bool {
  return (load<u32>(filterWord(hash)) & filterBit(hash)) != 0;
}

function admit(hash: u64): void {
  const at = filterWord(hash);
  store<u32>(at, load<u32>(at) | filterBit(hash));
}

// @ts-ignore: decorator
@inline
function nextSlot(slot: usize, table: usize, bits: i32): usize {
  return table + ((slot - table + SLOT_BYTES) & ((<usize>SLOT_BYTES << bits) - 1));
}

function same(a: usize, b: usize, length: i32): bool {
  const last = <usize>length - 8;
  for (let i: usize = 0; i < last; i += 8) if (load<u64>(a + i) != load<u64>(b + i)) return false;
  return load<u64>(a + last) == load<u64>(b + last);
}

// @ts-ignore: decorator
@inline
export function pairToken(p: usize): u32 {
  return load<u32>(<usize>PAIRS + (<usize>load<u16>(p) << 2)) - 1;
}

function shortToken(p: usize, length: i32): u32 {
  const key = head(p, length);
  const hash = shortHash(key, length);
  if (!likely(hash)) return NONE;
  let slot = shortSlot(hash);
  while (true) {
    const word = load<u32>(slot, 8);
    if (word == 0) return NONE;
    if (load<u64>(slot) == key && word >> 24 == <u32>length) return (word & TOKEN_MASK) - 1;
    slot = nextSlot(slot, SHORT, SHORT_BITS);
  }
}

function longToken(p: usize, length: i32): u32 {
  const hash = longHash(p, length);
  if (!likely(hash)) return NONE;
  let slot = longSlot(hash);
  while (true) {
    const word = load<u32>(slot, 8);
    if (word == 0) return NONE;
    if (load<u64>(slot) == hash && word >> 24 == <u32>length && same(p, <usize>BYTES + <usize>load<u32>(slot, 12), length))
      return (word & TOKEN_MASK) - 1;
    slot = nextSlot(slot, LONG, LONG_BITS);
  }
}

// @ts-ignore: decorator
@inline
export function byteToken(p: usize): u32 {
  return load<u32>(<usize>BYTE_IDS + (<usize>load<u8>(p) << 2));
}

/** The token of the 3 or more bytes at `p`, or NONE. Reads up to 7 bytes behind them. */
// @ts-ignore: decorator
@inline
export function joinedToken(p: usize, length: i32): u32 {
  if (length <= SHORT_BYTES) return shortToken(p, length);
  return length <= TOKEN_BYTES_MAX ? longToken(p, length) : NONE;
}

/** The same of any bytes. */
// @ts-ignore: decorator
@inline
export function token(p: usize, length: i32): u32 {
  if (length == 2) return pairToken(p);
  return length == 1 ? byteToken(p) : joinedToken(p, length);
}

/** Fills the tables from LENGTHS and BYTES. 0: these are not `count` tokens that fit. */
export function fill(count: i32): i32 {
  if (count <= 0 || count > TOKENS_MAX) return 0;
  let p: usize = BYTES;
  let singles = 0;
  for (let i = 0; i < count; i++) {
    const length = <i32>load<u8>(<usize>LENGTHS + i);
    const word = (<u32>length << 24) | <u32>(i + 1);
    if (length == 0 || length > TOKEN_BYTES_MAX || p + <usize>length > <usize>(BYTES + BYTES_MAX)) return 0;
    if (length == 1) {
      store<u32>(<usize>BYTE_IDS + (<usize>load<u8>(p) << 2), i);
      singles++;
    } else if (length == 2) {
      store<u32>(<usize>PAIRS + (<usize>load<u16>(p) << 2), i + 1);
    } else if (length <= SHORT_BYTES) {
      const key = head(p, length);
      const hash = shortHash(key, length);
      admit(hash);
      let slot = shortSlot(hash);
      while (load<u32>(slot, 8) != 0) slot = nextSlot(slot, SHORT, SHORT_BITS);
      store<u64>(slot, key);
      store<u32>(slot, word, 8);
    } else {
      const hash = longHash(p, length);
      admit(hash);
      let slot = longSlot(hash);
      while (load<u32>(slot, 8) != 0) slot = nextSlot(slot, LONG, LONG_BITS);
      store<u64>(slot, hash);
      store<u32>(slot, word, 8);
      store<u32>(slot, <u32>(p - BYTES), 12);
    }
    p += <usize>length;
  }
  // Each byte is a token of its own, so that everything can be said.
  return <i32>(singles == 256);
}
