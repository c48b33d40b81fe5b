// Byte pair encoding of a piece that is no token itself: of all neighbours whose bytes together are a token, the two of the lowest rank
// (the leftmost of them) become one, until no two are left. A short piece is scanned for its lowest rank, four at a time; a long one
// keeps a queue for each rank, so that its cost is that of its length.
import { SMALL_IDS, SMALL_KEYS, SMALL_NEXT, SMALL_PREV } from "../abi/tokens";
import { byteToken, joinedToken, NONE, pairToken } from "./table";

/** Ranks looked at, for the test that shows how the cost grows. */
export let scans: u64 = 0;

// @ts-ignore: decorator
@inline
function key(rank: u32, i: i32): u32 {
  return rank == NONE ? NONE : (rank << 8) | <u32>i;
}

// @ts-ignore: decorator
@inline
function next16(i: i32): i32 {
  return <i32>load<u16>(<usize>SMALL_NEXT + (<usize>i << 1));
}

/** Merges the piece of 2..SMALL_MAX bytes at `p`. Returns how many tokens it is; with `out` writes them there. */
export function mergeSmall(p: usize, length: i32, out: usize): i32 {
  const padded = (length + 3) & ~3;
  for (let i = 0; i < length; i++) {
    const rank = i + 1 < length ? pairToken(p + <usize>i) : NONE;
    store<u32>(<usize>SMALL_KEYS + (<usize>i << 2), key(rank, i));
    store<u16>(<usize>SMALL_NEXT + (<usize>i << 1), <u16>(i + 1));
    store<u16>(<usize>SMALL_PREV + (<usize>i << 1), <u16>(i - 1));
  }
  for (let i = length; i < padded; i++) store<u32>(<usize>SMALL_KEYS + (<usize>i << 2), NONE);
  const stop = <usize>SMALL_KEYS + (<usize>padded << 2);
  let count = length;
  while (true) {
    let low = v128.load(SMALL_KEYS);
    for (let at: usize = SMALL_KEYS + 16; at < stop; at += 16) low = i32x4.min_u(low, v128.load(at));
    low = i32x4.min_u(low, i8x16.shuffle(low, low, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    low = i32x4.min_u(low, i8x16.shuffle(low, low, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3));
    scans += <u64>padded;
    const lowest = <u32>i32x4.extract_lane(low, 0);
    if (lowest == NONE) break;
    const i = <i32>(lowest & 0xff);
    const gone = next16(i);
    const after = next16(gone);
    store<u16>(<usize>SMALL_NEXT + (<usize>i << 1), <u16>after);
    store<u32>(<usize>SMALL_KEYS + (<usize>gone << 2), NONE);
    store<u32>(<usize>SMALL_IDS + (<usize>i << 2), lowest >> 8);
    let rank = NONE;
    if (after < length) {
      store<u16>(<usize>SMALL_PREV + (<usize>after << 1), <u16>i);
      rank = joinedToken(p + <usize>i, next16(after) - i);
    }
    store<u32>(<usize>SMALL_KEYS + (<usize>i << 2), key(rank, i));
    if (i > 0) {
      const before = <i32>load<u16>(<usize>SMALL_PREV + (<usize>i << 1));
      store<u32>(<usize>SMALL_KEYS + (<usize>before << 2), key(joinedToken(p + <usize>before, after - before), before));
    }
    count--;
  }
  if (out != 0)
    for (let i = 0; i < length; out += 4) {
      const next = next16(i);
      store<u32>(out, next == i + 1 ? byteToken(p + <usize>i) : load<u32>(<usize>SMALL_IDS + (<usize>i << 2)));
      i = next;
    }
  return count;
}
