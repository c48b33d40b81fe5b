// Byte pair encoding of long pieces: a line of "=", letters without a break. Pairs wait in a queue for each rank; the lowest rank that has
// one is found by three looks at bits. A pair is looked at when it is at the head of its queue, and dropped when it was merged since.
import { ENTRIES, FIRST_ENTRY, LAST_ENTRY, RUN_NEXT, RUN_PREV, RUN_RANK, WAITING, WAITING_4096, WAITING_64 } from "../abi/tokens";
import { joinedToken, NONE, pairToken, token } from "./table";

/** Entries looked at, for the test that shows how the cost grows. */
export let looks: u64 = 0;

let entries: u32 = 0;

// @ts-ignore: decorator
@inline
function field(array: usize, i: u32): usize {
  return array + (<usize>i << 2);
}

// @ts-ignore: decorator
@inline
function word(bits: usize, i: u32): usize {
  return bits + (<usize>(i >> 6) << 3);
}

// @ts-ignore: decorator
@inline
function bit(i: u32): u64 {
  return <u64>1 << <u64>(i & 63);
}

/** The lowest rank that has a pair, or NONE. */
// @ts-ignore: decorator
@inline
function lowest(): u32 {
  const top = load<u64>(WAITING_4096);
  if (top == 0) return NONE;
  const high = <u32>ctz(top);
  const middle = (high << 6) | <u32>ctz(load<u64>(<usize>WAITING_64 + (<usize>high << 3)));
  return (middle << 6) | <u32>ctz(load<u64>(<usize>WAITING + (<usize>middle << 3)));
}

function begin(rank: u32): void {
  let at = word(WAITING, rank);
  store<u64>(at, load<u64>(at) | bit(rank));
  at = word(WAITING_64, rank >> 6);
  store<u64>(at, load<u64>(at) | bit(rank >> 6));
  store<u64>(WAITING_4096, load<u64>(WAITING_4096) | bit(rank >> 12));
}

function end(rank: u32): void {
  let at = word(WAITING, rank);
  let left = load<u64>(at) & ~bit(rank);
  store<u64>(at, left);
  if (left != 0) return;
  at = word(WAITING_64, rank >> 6);
  left = load<u64>(at) & ~bit(rank >> 6);
  store<u64>(at, left);
  if (left == 0) store<u64>(WAITING_4096, load<u64>(WAITING_4096) & ~bit(rank >> 12));
}

/** The pair at `i` has this rank now. */
function setRank(i: u32, rank: u32): void {
  store<u32>(field(RUN_RANK, i), rank);
  if (rank == NONE) return;
  const entry = <usize>ENTRIES + (<usize>entries << 3);
  entries++;
  store<u32>(entry, i);
  store<u32>(entry, 0, 4);
  if (load<u32>(field(FIRST_ENTRY, rank)) == 0) {
    store<u32>(field(FIRST_ENTRY, rank), entries);
    begin(rank);
  } else store<u32>(<usize>ENTRIES + (<usize>(load<u32>(field(LAST_ENTRY, rank)) - 1) << 3), entries, 4);
  store<u32>(field(LAST_ENTRY, rank), entries);
}

/** Merges a piece of any length up to IN_BYTES. Returns how many tokens it is; with `out` writes them there. */
export function mergeLong(p: usize, length: u32, out: usize): i32 {
  entries = 0;
  for (let i: u32 = 0; i < length; i++) {
    store<u32>(field(RUN_NEXT, i), i + 1);
    store<u32>(field(RUN_PREV, i), i - 1);
    setRank(i, i + 1 < length ? pairToken(p + <usize>i) : NONE);
  }
  let count = length;
  for (let rank = lowest(); rank != NONE; rank = lowest()) {
    looks++;
    const entry = <usize>ENTRIES + (<usize>(load<u32>(field(FIRST_ENTRY, rank)) - 1) << 3);
    const head = load<u32>(entry);
    let i = head;
    if (load<u32>(field(RUN_RANK, i)) == rank) {
      // Of pairs that share a part ("=" "=" "="), the leftmost: nearly always this is it, for a queue fills from left to right.
      while (i > 0 && load<u32>(field(RUN_RANK, load<u32>(field(RUN_PREV, i)))) == rank) {
        i = load<u32>(field(RUN_PREV, i));
        looks++;
      }
    }
    if (i == head) {
      const after = load<u32>(entry, 4);
      store<u32>(field(FIRST_ENTRY, rank), after);
      if (after == 0) end(rank);
    }
    if (load<u32>(field(RUN_RANK, i)) != rank) continue;
    const gone = load<u32>(field(RUN_NEXT, i));
    const after = load<u32>(field(RUN_NEXT, gone));
    store<u32>(field(RUN_NEXT, i), after);
    store<u32>(field(RUN_RANK, gone), NONE);
    if (i > 0) {
      const before = load<u32>(field(RUN_PREV, i));
      setRank(before, joinedToken(p + <usize>before, after - before));
    }
    if (after < length) {
      store<u32>(field(RUN_PREV, after), i);
      setRank(i, joinedToken(p + <usize>i, load<u32>(field(RUN_NEXT, after)) - i));
    } else store<u32>(field(RUN_RANK, i), NONE);
    count--;
  }
  if (out != 0)
    for (let i: u32 = 0; i < length; out += 4) {
      const next = load<u32>(field(RUN_NEXT, i));
      store<u32>(out, token(p + <usize>i, next - i));
      i = next;
    }
  return count;
}
