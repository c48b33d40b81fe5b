// Byte pair encoding of a piece that is no token itself: of all neighbours whose bytes together are a token, the two of the lowest rank
// (the leftmost of them) become one, until no two are left. A short piece is scanned for its lowest rank, four at a time; a long one
// keeps a heap, so that a run of 256 KB costs n log n.
import { BYTE_IDS, HEAP, RUN_NEXT, RUN_PREV, RUN_RANK, SMALL_KEYS, SMALL_MAX, SMALL_NEXT, SMALL_PREV } from "../abi/tokens";
import { NONE, pairToken, token } from "./table";

/** Ranks looked at and heap entries moved, for the test that shows how the cost grows. */
export let steps: u64 = 0;

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
    steps += <u64>padded;
    const lowest = <u32>i32x4.extract_lane(low, 0);
    if (lowest == NONE) break;
    const i = <i32>(lowest & 0xff);
    const gone = next16(i);
    const after = next16(gone);
    store<u16>(<usize>SMALL_NEXT + (<usize>i << 1), <u16>after);
    store<u32>(<usize>SMALL_KEYS + (<usize>gone << 2), NONE);
    let rank = NONE;
    if (after < length) {
      store<u16>(<usize>SMALL_PREV + (<usize>after << 1), <u16>i);
      rank = token(p + <usize>i, next16(after) - i);
    }
    store<u32>(<usize>SMALL_KEYS + (<usize>i << 2), key(rank, i));
    if (i > 0) {
      const before = <i32>load<u16>(<usize>SMALL_PREV + (<usize>i << 1));
      store<u32>(<usize>SMALL_KEYS + (<usize>before << 2), key(token(p + <usize>before, after - before), before));
    }
    count--;
  }
  if (out != 0)
    for (let i = 0; i < length; out += 4) {
      const next = next16(i);
      store<u32>(out, token(p + <usize>i, next - i));
      i = next;
    }
  return count;
}

// @ts-ignore: decorator
@inline
function field(array: usize, i: i32): usize {
  return array + (<usize>i << 2);
}

// A heap entry compares as one number: rank, then position.
// @ts-ignore: decorator
@inline
function entry(rank: u32, i: i32): u64 {
  return (<u64>rank << 32) | <u64>i;
}

let heapSize: i32 = 0;

function sink(hole: i32, value: u64): void {
  while (true) {
    let child = 2 * hole + 1;
    if (child >= heapSize) break;
    let least = load<u64>(<usize>HEAP + (<usize>child << 3));
    if (child + 1 < heapSize) {
      const right = load<u64>(<usize>HEAP + (<usize>(child + 1) << 3));
      if (right < least) {
        least = right;
        child++;
      }
    }
    if (value <= least) break;
    store<u64>(<usize>HEAP + (<usize>hole << 3), least);
    hole = child;
    steps++;
  }
  store<u64>(<usize>HEAP + (<usize>hole << 3), value);
}

function push(value: u64): void {
  let hole = heapSize++;
  while (hole > 0) {
    const parent = (hole - 1) >> 1;
    const above = load<u64>(<usize>HEAP + (<usize>parent << 3));
    if (above <= value) break;
    store<u64>(<usize>HEAP + (<usize>hole << 3), above);
    hole = parent;
    steps++;
  }
  store<u64>(<usize>HEAP + (<usize>hole << 3), value);
}

/** The pair at `i` is now bytes i..until. */
function setRank(p: usize, i: i32, until: i32): void {
  const rank = token(p + <usize>i, until - i);
  store<u32>(field(RUN_RANK, i), rank);
  if (rank != NONE) push(entry(rank, i));
}

/** The same for a piece of any length up to IN_BYTES. */
export function mergeLong(p: usize, length: i32, out: usize): i32 {
  heapSize = 0;
  for (let i = 0; i < length; i++) {
    store<u32>(field(RUN_NEXT, i), i + 1);
    store<u32>(field(RUN_PREV, i), i - 1);
    const rank = i + 1 < length ? pairToken(p + <usize>i) : NONE;
    store<u32>(field(RUN_RANK, i), rank);
    if (rank != NONE) {
      store<u64>(<usize>HEAP + (<usize>heapSize << 3), entry(rank, i));
      heapSize++;
    }
  }
  for (let hole = (heapSize >> 1) - 1; hole >= 0; hole--) sink(hole, load<u64>(<usize>HEAP + (<usize>hole << 3)));
  let count = length;
  while (heapSize > 0) {
    const top = load<u64>(HEAP);
    heapSize--;
    if (heapSize > 0) sink(0, load<u64>(<usize>HEAP + (<usize>heapSize << 3)));
    steps++;
    const i = <i32>top;
    // What was merged since has another rank, or none.
    if (load<u32>(field(RUN_RANK, i)) != <u32>(top >> 32)) continue;
    const gone = load<i32>(field(RUN_NEXT, i));
    const after = load<i32>(field(RUN_NEXT, gone));
    store<i32>(field(RUN_NEXT, i), after);
    store<u32>(field(RUN_RANK, gone), NONE);
    if (after < length) {
      store<i32>(field(RUN_PREV, after), i);
      setRank(p, i, load<i32>(field(RUN_NEXT, after)));
    } else store<u32>(field(RUN_RANK, i), NONE);
    if (i > 0) setRank(p, load<i32>(field(RUN_PREV, i)), after);
    count--;
  }
  if (out != 0)
    for (let i = 0; i < length; out += 4) {
      const next = load<i32>(field(RUN_NEXT, i));
      store<u32>(out, token(p + <usize>i, next - i));
      i = next;
    }
  return count;
}
