// What a run tells: records of 16 bytes (abi/sse.ts), back to back, and a table of counts.
import { COUNTS, FIELD_MASK, FLAG_RUN, KIND_COUNT, KIND_MASK, RECORDS, RECORDS_MAX, RECORD_BYTES } from "../abi/sse";

/** Where the next record goes. */
export let record: usize = RECORDS;
/** Records of this run that point into IN. */
export let pointers: u32 = 0;
/** A bit for each count field that this run saw. */
export let counts: u32 = 0;

export function setRecord(at: usize): void {
  record = at;
}
export function startRun(): void {
  record = RECORDS;
  pointers = 0;
  counts = 0;
}

/** False when the records are full: no event has so many but a hostile one. */
export function emit(tag: u32, length: usize, extra: usize): bool {
  if (record == RECORDS + RECORDS_MAX * RECORD_BYTES) return false;
  store<u32>(record, tag);
  store<u32>(record, <u32>length, 4);
  store<u32>(record, <u32>extra, 8);
  record += RECORD_BYTES;
  return true;
}

/** A record whose bytes are in IN. */
export function emitSlice(tag: u32, from: usize, to: usize): bool {
  pointers++;
  return emit(tag, to - from, from);
}

/** Counts become records in front of an event that the host reads: it may count too, and the last one is told. */
export function tellCounts(): void {
  for (let at: u32 = 0; counts >> at != 0; at++) if ((counts >> at) & 1) emit(KIND_COUNT | at, 0, load<u32>(<usize>COUNTS + at * 4));
  counts = 0;
}

/**
 * The records from `first` on are of a whole event: counts go to their table, a delta goes to the record before it when that one is
 * of the same kind. So a chunk of a hundred deltas is one record.
 */
export function settle(first: usize): void {
  let to = first;
  for (let r = first; r < record; r += RECORD_BYTES) {
    const tag = load<u32>(r);
    if ((tag & KIND_MASK) == KIND_COUNT) {
      const at = tag & FIELD_MASK;
      store<u32>(<usize>COUNTS + at * 4, load<u32>(r, 8));
      counts |= 1 << at;
    } else if ((tag & FLAG_RUN) != 0 && to != RECORDS && load<u32>(to - RECORD_BYTES) == tag) {
      store<u32>(to - RECORD_BYTES, load<u32>(to - RECORD_BYTES, 4) + load<u32>(r, 4), 4);
      store<u32>(to - RECORD_BYTES, load<u32>(to - RECORD_BYTES, 8) + load<u32>(r, 8), 8);
    } else {
      if (to != r) v128.store(to, v128.load(r));
      to += RECORD_BYTES;
    }
  }
  record = to;
}
