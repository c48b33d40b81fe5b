// Looks for the one scroll that saves most rows from being written, and writes it.
import { BUCKETS, BUCKETS_MAX, CELL_BYTES, DIRTY, ROWS_MAX, SIGN, SIGN_NEXT, SIGN_STALE, VOTES } from "../abi/diff";
import { csi, number, plainStyle, put, put3, setCursor } from "./bytes";
import { cols, differ, narrow, next, prevRow, rowCount, rowsEqual, stride, turn } from "./grid";

export const SCROLL_ROWS_MIN = 4;
/** Rows that must be saved, net of those that the scroll empties and that are written again. */
const SCROLL_GAIN_MIN = 2;
/** A stream scrolls by a line or a few at a time, a wheel by three or five. */
const SHIFTS_TRIED = 8;
/** All of the first columns, where lines differ most, and each fourth up to a usual line's length. */
const SAMPLES_DENSE = 24;
const SAMPLES_END = 88;
/** Changed rows that are looked up before all are: when hardly one was on the screen before, nothing has scrolled. */
const ROWS_SAMPLED = 8;

/** SIGN_NEXT is that of this frame. */
export let signed: bool = false;
export function unsign(): void { signed = false; }

/** A cheap signature of a row from its glyphs. Equal rows have equal ones; the reverse is checked cell by cell. 0: blank there. */
function signature(at: usize): u32 {
  // Two chains, so that one multiplication does not wait for the other.
  let h: u32 = 0;
  let k: u32 = 0;
  let seen: u32 = 0;
  const dense = at + <usize>min(cols & ~1, SAMPLES_DENSE) * CELL_BYTES;
  const end = at + <usize>min(cols, SAMPLES_END) * CELL_BYTES;
  for (; at < dense; at += 2 * CELL_BYTES) {
    const g = load<u32>(at);
    const f = load<u32>(at, CELL_BYTES);
    seen |= (g ^ 0x20) | (f ^ 0x20);
    h = rotl<u32>(h, 5) * 0x9e3779b1 + g;
    k = rotl<u32>(k, 7) * 0x85ebca6b + f;
  }
  for (; at < end; at += 4 * CELL_BYTES) {
    const g = load<u32>(at);
    seen |= g ^ 0x20;
    h = rotl<u32>(h, 5) * 0x9e3779b1 + g;
  }
  h ^= k * 0xc2b2ae35;
  return seen == 0 ? 0 : h | 1;
}

/** The bucket of a signature that is not 0. */
// @ts-ignore: decorator
@inline
function bucket(s: u32): usize {
  return <usize>BUCKETS + <usize>((s >> 7) & (BUCKETS_MAX - 1)) * 2;
}
const TWICE = 0xffff;

function signNext(y: i32): u32 {
  let s = load<u32>(SIGN_NEXT + y * 4);
  if (s == SIGN_STALE) {
    s = signature(next + y * stride);
    store<u32>(SIGN_NEXT + y * 4, s);
  }
  return s;
}

/** Rows top..bottom of the terminal and of the previous grid move up by `by`, or down when it is negative; what becomes free is blank. */
export function scrollRows(top: i32, bottom: i32, by: i32): void {
  plainStyle();
  const whole = top == 0 && bottom == rowCount - 1;
  if (!whole) {
    csi();
    if (top > 0) number(top + 1);
    if (bottom < rowCount - 1) {
      put(0x3b);
      number(bottom + 1);
    }
    put(0x72); // r
  }
  const count = by > 0 ? by : -by;
  csi();
  if (count > 1) number(count);
  put(by > 0 ? 0x53 : 0x54); // S T
  if (!whole) {
    put3(0x725b1b);
    setCursor(-1, -1); // DECSTBM homes the cursor
  }
  turn(top, bottom, by);
}

/** Looks for the one shift that explains most of the changed rows low..high; writes the scroll and moves the previous grid. */
export function scroll(low: i32, high: i32): void {
  memory.fill(BUCKETS, 0, BUCKETS_MAX * 2);
  let dirty = 0;
  for (let y = low; y <= high; y++) {
    let s = load<u32>(SIGN + y * 4);
    if (s == SIGN_STALE) {
      s = signature(prevRow(y));
      store<u32>(SIGN + y * 4, s);
    }
    store<u32>(SIGN_NEXT + y * 4, SIGN_STALE);
    if (load<u8>(DIRTY + y) != 0) dirty++;
    if (s == 0) continue;
    const slot = bucket(s);
    // Two rows in one bucket, most often the same text twice, say nothing about a shift.
    store<u16>(slot, load<u16>(slot) == 0 ? <u16>(y + 1) : TWICE);
  }
  signed = true;
  const step = max(1, dirty / ROWS_SAMPLED);
  let hits = 0;
  let seen = 0;
  for (let y = low; y <= high; y++) {
    if (load<u8>(DIRTY + y) == 0 || seen++ % step != 0) continue;
    const s = signNext(y);
    if (s == 0) continue;
    const found = <i32>load<u16>(bucket(s));
    if (found == TWICE || (found != 0 && found - 1 != y && load<u32>(SIGN + (found - 1) * 4) == s)) hits++;
  }
  if (hits < SCROLL_GAIN_MIN) return;

  memory.fill(VOTES, 0, (2 * ROWS_MAX + 1) * 2);
  let best = 0;
  let bestVotes = 0;
  for (let y = low; y <= high; y++) {
    if (load<u8>(DIRTY + y) == 0) continue;
    const s = signNext(y);
    if (s == 0) continue;
    const found = <i32>load<u16>(bucket(s));
    if (found == 0 || found == TWICE || load<u32>(SIGN + (found - 1) * 4) != s || found - 1 == y) continue;
    const shift = found - 1 - y;
    const vote = <usize>VOTES + <usize>(shift + ROWS_MAX) * 2;
    const n = <i32>load<u16>(vote) + 1;
    store<u16>(vote, <u16>n);
    if (n > bestVotes) {
      bestVotes = n;
      best = shift;
    }
  }
  // Text that repeats itself has no row that is like one other only: then the short shifts are tried one by one.
  if (bestVotes < SCROLL_GAIN_MIN) {
    for (let shift = 1; shift <= SHIFTS_TRIED; shift++) {
      for (let side = 0; side < 2; side++) {
        const by = side == 0 ? shift : -shift;
        let n = 0;
        for (let y = max(low, low - by); y <= min(high, high - by); y++) {
          if (load<u8>(DIRTY + y) == 0) continue;
          const s = load<u32>(SIGN_NEXT + y * 4);
          if (s != 0 && s == load<u32>(SIGN + (y + by) * 4)) n++;
        }
        if (n > bestVotes) {
          bestVotes = n;
          best = by;
        }
      }
    }
    if (bestVotes < SCROLL_GAIN_MIN) return;
  }

  // The run of rows for which next[y] == prev[y + best] that saves most.
  const from = max(low, low - best);
  const to = min(high, high - best);
  let runStart = -1;
  let gain = 0;
  let bestStart = -1;
  let bestEnd = -1;
  let bestGain = 0;
  for (let y = from; y <= to; y++) {
    if (rowsEqual(next + y * stride, prevRow(y + best))) {
      if (runStart < 0) {
        runStart = y;
        gain = 0;
      }
      if (load<u8>(DIRTY + y)) gain++;
      if (gain > bestGain) {
        bestGain = gain;
        bestStart = runStart;
        bestEnd = y;
      }
    } else runStart = -1;
  }
  if (bestStart < 0) return;
  // Rows next to the run that nearly match come along: a paragraph's last line that has grown is not written anew.
  let start = bestStart;
  let last = bestEnd;
  if (best > 0) while (last + 1 + best <= high && comesAlong(last + 1, last + 1 + best)) last++;
  else while (start - 1 + best >= low && comesAlong(start - 1, start - 1 + best)) start--;
  // Rows that the scroll empties although they were right.
  const top = min(start, start + best);
  const bottom = max(last, last + best);
  const count = best > 0 ? best : -best;
  const emptied = best > 0 ? bottom - count + 1 : top;
  let loss = 0;
  for (let y = emptied; y < emptied + count; y++) if (load<u8>(DIRTY + y) == 0) loss++;
  if (bestGain - loss < SCROLL_GAIN_MIN) return;

  scrollRows(top, bottom, best);
  // The run is right now; what the scroll emptied is not.
  memory.fill(DIRTY + bestStart, 0, bestEnd - bestStart + 1);
  for (let y = start; y < bestStart; y++) narrow(y);
  for (let y = bestEnd + 1; y <= last; y++) narrow(y);
  for (let y = emptied; y < emptied + count; y++) narrow(y);
}

/** Cells that must be saved to take one more row along. */
const ALONG_GAIN_MIN = 8;

/** True when row `y` is nearer to the row that would be scrolled to it than row `from`, which would be emptied, is to blank. */
function comesAlong(y: i32, from: i32): bool {
  const source = prevRow(from);
  const gain = ink(next + y * stride) - unlike(next + y * stride, source) + unlike(next + from * stride, source) - ink(next + from * stride);
  return gain >= ALONG_GAIN_MIN;
}

function unlike(a: usize, b: usize): i32 {
  const end = a + stride;
  let n = 0;
  for (; a < end; a += CELL_BYTES, b += CELL_BYTES) if (differ(a, b)) n++;
  return n;
}

function ink(a: usize): i32 {
  const end = a + stride;
  const empty = i32x4(0x20, 0, 0, 0);
  let n = 0;
  for (; a < end; a += CELL_BYTES) if (v128.any_true(v128.xor(v128.load(a), empty))) n++;
  return n;
}
