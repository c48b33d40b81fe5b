// assembly/sse/index.ts: bytes of a server-sent event stream -> records of what a schema wants, and one UTF-8 text.
//   Memory: abi/sse.ts. The host writes the schema once, and per call up to IN_BYTES of input.
// run(length, scanned) -> number of records. STATE has: bytes consumed (whole events; the host keeps the rest and gives it again
//   in front of the next bytes), bytes of OUT, whether OUT goes beyond ASCII, `scanned` (to be passed on with the rest), and
//   whether records were full before the input ended (call again behind what was consumed).
//   Deltas that follow one another are one record; counts are in their table, the last of each. What was not consumed lies at the
//   begin of IN already, unless a record points into IN: then `shift` moves it, after the records were read.
// An event that is not JSON, or has something rare, becomes one record of kind EVENT: its data as a slice of IN, for the host to parse.
// Keeps nothing of a stream between calls but learned templates, so one instance serves all streams of a schema.
// Plain version: src/kernels/reference/sse.ts. Budget: >= 1 GB/s at 16 KB a call (bench/sse.ts).
import {
  IN,
  KIND_DONE,
  KIND_ERROR_EVENT,
  KIND_EVENT,
  MEMORY_PAGES,
  OUT,
  RECORDS,
  RECORDS_MAX,
  RECORD_BYTES,
  SCHEMA,
  SENTINEL,
  STATE,
  STATE_CONSUMED,
  STATE_COUNTS,
  STATE_HITS,
  STATE_MORE,
  STATE_MOVED,
  STATE_OUT_BYTES,
  STATE_SCANNED,
  STATE_WIDE,
} from "../abi/sse";
import { setLines, skipSpace, skipValue, startLog, stopLog } from "./json";
import { learn, matchAny, partial } from "./template";
import { out, resetOut, rewindOut, wide } from "./text";
import { counts, emit, emitSlice, pointers, record, setRecord, settle, startRun, tellCounts } from "./records";
import { raws, startEvent, walkObject } from "./walk";

/**
 * An event that is cut is compared again with its template when more of it has come, unless it is longer: then its end is looked
 * for, and no byte twice.
 */
const PARTIAL_MAX: usize = 4096;

/** After the last byte of input. */
let end: usize = 0;
/** Where `boundary` stopped: bytes seen * 2 + whether that is the begin of a line. */
let scannedTo: u32 = 0;

export function init(): void {
  const have = memory.size();
  if (have < MEMORY_PAGES) memory.grow(MEMORY_PAGES - have);
}

/** Zeros behind the input, so that no scan reads what an earlier one left. */
function seal(): void {
  for (let i: usize = 0; i < <usize>SENTINEL; i += 16) v128.store(end + i, i8x16.splat(0));
}

/** Moves what a run did not consume to the begin of IN; not before its records were read, for some point into IN. */
export function shift(consumed: i32, length: i32): void {
  memory.copy(IN, IN + consumed, length - consumed);
}

/** Is IN, `length` bytes, one JSON text? 1 yes, 0 no (or nested deeper than NEST_MAX, which IN_BYTES cannot be). */
export function check(length: i32): i32 {
  end = <usize>IN + <usize>length;
  seal();
  setLines(true);
  stopLog();
  const p = skipValue(skipSpace(IN));
  const yes = p != 0 && skipSpace(p) == end;
  setLines(false);
  return <i32>yes;
}

// @ts-ignore: decorator
@inline
function isEol(c: u32): bool {
  return c == 0x0a || c == 0x0d;
}

/** The first CR or LF from `p` on, or `end`. */
function findEol(p: usize): usize {
  while (p < end) {
    const v = v128.load(p);
    const m = i8x16.bitmask(v128.or(i8x16.eq(v, i8x16.splat(0x0a)), i8x16.eq(v, i8x16.splat(0x0d))));
    if (m != 0) {
      p += ctz(m);
      break;
    }
    p += 16;
  }
  return p < end ? p : end;
}

// @ts-ignore: decorator
@inline
function afterEol(p: usize): usize {
  return load<u8>(p) == 0x0d && load<u8>(p, 1) == 0x0a ? p + 2 : p + 1;
}

/** The end of the event at `p` (after its blank line), or 0 when it is not all there. */
function boundary(p: usize, scanned: u32): usize {
  let from = p + (scanned >> 1);
  let begins = scanned == 0 || (scanned & 1) != 0;
  while (true) {
    const e = findEol(from);
    const blank = begins && e == from;
    // A CR at the very end may be half a line end; if the line is blank that does not matter: a lone LF says nothing.
    if (e == end || (!blank && load<u8>(e) == 0x0d && e + 1 == end)) {
      scannedTo = (<u32>(e - p) << 1) | <u32>blank;
      return 0;
    }
    from = afterEol(e);
    if (from > end) from = end;
    if (blank) return from;
    begins = true;
  }
}

// @ts-ignore: decorator
@inline
function isData(p: usize): bool {
  return load<u32>(p) == 0x61746164;
}

/** Is p..eol a line that names the event? */
function isEvent(p: usize, eol: usize): bool {
  return load<u32>(p) == 0x6e657665 && load<u8>(p, 4) == 0x74 && (eol == p + 5 || load<u8>(p, 5) == 0x3a);
}

/** Does it name it "error"? */
function isErrorLine(p: usize, eol: usize): bool {
  if (eol == p + 5) return false;
  p += 6;
  if (p < eol && load<u8>(p) == 0x20) p++;
  return eol - p == 5 && load<u32>(p) == 0x6f727265 && load<u8>(p, 4) == 0x72;
}

/** The whole event p..e, the slow way: its data lines are joined in place. */
function gather(p: usize, e: usize): void {
  let to = p;
  let q = p;
  let lines = 0;
  let error = false;
  while (q < e) {
    const eol = findEol(q);
    const next = eol < e ? afterEol(eol) : e;
    if (isData(q) && (eol == q + 4 || load<u8>(q, 4) == 0x3a)) {
      let from = eol == q + 4 ? eol : q + 5;
      if (from < eol && load<u8>(from) == 0x20) from++;
      if (lines++ > 0) store<u8>(to++, 0x0a);
      memory.copy(to, from, eol - from);
      to += eol - from;
    } else if (isEvent(q, eol)) error = isErrorLine(q, eol);
    q = next;
  }
  while (p < to && (load<u8>(p) == 0x20 || load<u8>(p) == 0x09 || isEol(load<u8>(p)))) p++;
  while (p < to && (load<u8>(to - 1) == 0x20 || load<u8>(to - 1) == 0x09 || isEol(load<u8>(to - 1)))) to--;
  if (p == to) return;
  // "[DONE]"
  if (to - p == 6 && load<u32>(p) == 0x4e4f445b && load<u16>(p, 4) == 0x5d45) emit(KIND_DONE, 0, 0);
  else {
    tellCounts();
    emitSlice(error ? KIND_ERROR_EVENT : KIND_EVENT, p, to);
  }
}

/** The event p..e. There is room for a record. */
function take(p: usize, e: usize): void {
  let v = p;
  let error = false;
  // Comments and ids differ each time; an event's name belongs to its shape.
  let same = true;
  while (v < e && !isData(v)) {
    if (isEol(load<u8>(v))) return;
    const eol = findEol(v);
    if (isEvent(v, eol)) error = isErrorLine(v, eol);
    else same = false;
    v = afterEol(eol);
  }
  if (v >= e) return;
  if (!error && load<u8>(v, 4) == 0x3a) {
    v += 5;
    if (load<u8>(v) == 0x20) v++;
    if (load<u8>(v) == 0x7b) {
      const outBefore = out;
      const recordBefore = record;
      startLog();
      let r = walkObject(SCHEMA, v);
      if (r != 0) r = skipSpace(r);
      if (r != 0 && isEol(load<u8>(r))) {
        const blank = afterEol(r);
        // No further line: what follows is the blank one.
        if (blank < e && isEol(load<u8>(blank))) {
          if (raws == 0 && same && e < end) learn(p, e);
          settle(recordBefore);
          return;
        }
      }
      rewindOut(outBefore);
      setRecord(recordBefore);
    }
  }
  gather(p, e);
}

export function run(length: i32, scanned: i32): i32 {
  end = <usize>IN + <usize>length;
  seal();
  setLines(false);
  resetOut(OUT);
  startRun();
  let p: usize = IN;
  let hits: i32 = 0;
  let more: i32 = 0;
  let seen: u32 = scanned;
  scannedTo = 0;
  while (p < end) {
    const known = seen == 0 ? matchAny(p, end) : 0;
    if (known != 0) {
      p = known;
      hits++;
    } else if (isEol(load<u8>(p))) {
      p++;
      continue;
    } else {
      if (seen == 0 && partial && end - p < PARTIAL_MAX) break;
      const e = boundary(p, seen);
      if (e == 0) break;
      startEvent();
      const again = seen != 0 ? matchAny(p, end) : 0;
      if (again != 0) {
        p = again;
        hits++;
      } else {
        take(p, e);
        p = e;
      }
    }
    seen = 0;
    scannedTo = 0;
    // Half of the records is room for the next event; one that has more than that becomes an EVENT.
    if (record > <usize>(RECORDS + (RECORDS_MAX / 2) * RECORD_BYTES) && p < end) {
      more = 1;
      break;
    }
  }
  const moved = pointers == 0 && p > <usize>IN;
  if (moved && p < end) memory.copy(IN, p, end - p);
  store<i32>(STATE + STATE_MOVED, <i32>moved);
  store<u32>(STATE + STATE_COUNTS, counts);
  store<u32>(STATE + STATE_CONSUMED, <u32>(p - IN));
  store<u32>(STATE + STATE_OUT_BYTES, <u32>(out - OUT));
  store<i32>(STATE + STATE_WIDE, wide);
  store<u32>(STATE + STATE_SCANNED, scannedTo);
  store<i32>(STATE + STATE_MORE, more);
  store<i32>(STATE + STATE_HITS, hits);
  return <i32>((record - RECORDS) / RECORD_BYTES);
}
