// Learned event shapes. Events of one stream differ in few scalars, so an event that was walked once is kept as literal
// pieces and holes; the next one is compared, not parsed. Still strict: literals were validated when they were learned, holes
// are validated each time. Context numbers, null, true and false stay literals: another value is another shape.
//
//   template   used u32 | scalars u32 | length u32 | operations u32 | ...  then at TEMPLATE_SCALARS
//   scalar     offset u32 | length u32 | kind u32 (| HOLE) | tag u32 (of a wanted text or count)
//   operation  literal address u32 | length u32 | kind u32 (0 = end) | tag u32
import {
  LOG,
  LOG_ENTRY_BYTES,
  TEMPLATES,
  TEMPLATES_MAX,
  TEMPLATE_BYTES,
  TEMPLATE_OPS,
  TEMPLATE_OP_BYTES,
  TEMPLATE_SCALARS,
  TEMPLATE_TEXT,
  TEMPLATE_TEXT_MAX,
} from "../abi/sse";
import { count as read, logged, readCount, SCALAR_COUNT, SCALAR_NUMBER, SCALAR_SPACE, SCALAR_STRING, SCALAR_TEXT, skipNumber, skipSpace, skipString } from "./json";
import { copyString, out, rewindOut, stopAt, stopped, units } from "./text";
import { emit, record, setRecord, settle } from "./records";
import { same } from "./walk";

const HOLE: u32 = 0x100;
const TEMPLATES_END: usize = TEMPLATES + TEMPLATES_MAX * TEMPLATE_BYTES;
/** Matched last: the next event is most often of the same shape. */
let recent: usize = TEMPLATES;
let turn: i32 = 0;
/** After `matchAny`: a template fits all that there is of the event, which is not whole then. */
export let partial: bool = false;

/** The address after the event at `p` when a template fits it, else 0. */
export function matchAny(p: usize, end: usize): usize {
  partial = false;
  let q = match(recent, p, end);
  if (q != 0 || partial) return q;
  for (let t: usize = TEMPLATES; t < TEMPLATES_END; t += TEMPLATE_BYTES) {
    if (t == recent) continue;
    q = match(t, p, end);
    if (partial) return 0;
    if (q != 0) {
      recent = t;
      return q;
    }
  }
  return 0;
}

/** White space as `skipSpace` knows it within an event; the usual up to 15 blanks in one step. */
// @ts-ignore: decorator
@inline
function skipPadding(p: usize): usize {
  const m = i8x16.bitmask(i8x16.ne(v128.load(p), i8x16.splat(0x20)));
  return skipSpace(p + (m != 0 ? <usize>ctz(m) : 16));
}

function match(t: usize, p: usize, end: usize): usize {
  if (load<u32>(t) == 0) return 0;
  const outBefore = out;
  const recordBefore = record;
  stopAt(0);
  let op = t + TEMPLATE_OPS;
  while (true) {
    const length = load<u32>(op, 4);
    if (!same(p, load<u32>(op), length)) {
      // No blank line before the template's end, so none is here either.
      partial = p + length > end && same(p, load<u32>(op), end - p);
      break;
    }
    p += length;
    const kind = load<u32>(op, 8);
    if (kind == SCALAR_TEXT) {
      const before = out;
      p = copyString(p);
      if (p == 0) {
        partial = stopped == end;
        break;
      }
      p--;
      if (out != before && !emit(load<u32>(op, 12), out - before, units)) break;
    } else if (kind == SCALAR_STRING) {
      p = skipString(p);
      if (p == 0) {
        partial = stopped == end;
        break;
      }
      p--;
    } else if (kind == SCALAR_NUMBER) {
      p = skipNumber(p);
      if (p == 0) break;
    } else if (kind == SCALAR_COUNT) {
      p = readCount(p);
      if (p == 0 || !emit(load<u32>(op, 12), 0, read)) break;
    } else if (kind == SCALAR_SPACE) p = skipPadding(p);
    else {
      settle(recordBefore);
      return p;
    }
    op += TEMPLATE_OP_BYTES;
  }
  rewindOut(outBefore);
  setRecord(recordBefore);
  return 0;
}

// @ts-ignore: decorator
@inline
function isWanted(kind: u32): bool {
  return kind == SCALAR_TEXT || kind == SCALAR_COUNT;
}

/** Keeps the shape of the event start..end, whose scalars are in the log and whose records are still there. */
export function learn(start: usize, end: usize): void {
  const count = logged();
  const length = end - start;
  if (count < 0 || length > <usize>TEMPLATE_TEXT_MAX) return;
  for (let t: usize = TEMPLATES; t < TEMPLATES_END; t += TEMPLATE_BYTES) {
    if (load<u32>(t) != 0 && load<u32>(t, 4) == <u32>count && merge(t, start, end, count)) {
      compile(t);
      recent = t;
      return;
    }
  }
  const t: usize = TEMPLATES + turn * TEMPLATE_BYTES;
  turn = (turn + 1) % TEMPLATES_MAX;
  store<u32>(t, 1);
  store<u32>(t, count, 4);
  store<u32>(t, <u32>length, 8);
  memory.copy(t + TEMPLATE_TEXT, start, length);
  for (let i = 0; i < count; i++) {
    const entry: usize = <usize>LOG + i * LOG_ENTRY_BYTES;
    const scalar = t + TEMPLATE_SCALARS + i * LOG_ENTRY_BYTES;
    const kind = load<u32>(entry, 8);
    store<u32>(scalar, load<u32>(entry) - <u32>start);
    store<u32>(scalar, load<u32>(entry, 4), 4);
    const wanted = isWanted(kind);
    store<u32>(scalar, wanted ? kind | HOLE : kind, 8);
    store<u32>(scalar, wanted ? load<u32>(load<u32>(entry, 12)) : 0, 12);
  }
  compile(t);
  recent = t;
}

/** Is it the same shape but for scalars? Then those that differ become holes. Nothing is changed when it is not. */
function merge(t: usize, start: usize, end: usize, count: i32): bool {
  const text = t + TEMPLATE_TEXT;
  let a = text;
  let b = start;
  for (let i = 0; i < count; i++) {
    const scalar = t + TEMPLATE_SCALARS + i * LOG_ENTRY_BYTES;
    const entry: usize = <usize>LOG + i * LOG_ENTRY_BYTES;
    const kind = load<u32>(entry, 8);
    if (kind != (load<u32>(scalar, 8) & ~HOLE)) return false;
    if (isWanted(kind) && load<u32>(scalar, 12) != load<u32>(load<u32>(entry, 12))) return false;
    const gap = text + load<u32>(scalar) - a;
    if (<usize>load<u32>(entry) - b != gap || !same(a, b, gap)) return false;
    a += gap + load<u32>(scalar, 4);
    b += gap + load<u32>(entry, 4);
  }
  const rest = text + load<u32>(t, 8) - a;
  if (end - b != rest || !same(a, b, rest)) return false;
  for (let i = 0; i < count; i++) {
    const scalar = t + TEMPLATE_SCALARS + i * LOG_ENTRY_BYTES;
    const entry: usize = <usize>LOG + i * LOG_ENTRY_BYTES;
    const length = load<u32>(scalar, 4);
    if (load<u32>(entry, 4) != length || !same(text + load<u32>(scalar), load<u32>(entry), length)) store<u32>(scalar, load<u32>(scalar, 8) | HOLE, 8);
  }
  return true;
}

function compile(t: usize): void {
  const text = t + TEMPLATE_TEXT;
  const count = load<u32>(t, 4);
  let op = t + TEMPLATE_OPS;
  let from = text;
  for (let i: u32 = 0; i < count; i++) {
    const scalar = t + TEMPLATE_SCALARS + i * LOG_ENTRY_BYTES;
    const kind = load<u32>(scalar, 8);
    if ((kind & HOLE) == 0) continue;
    const at = text + load<u32>(scalar);
    store<u32>(op, <u32>from);
    store<u32>(op, <u32>(at - from), 4);
    store<u32>(op, kind & ~HOLE, 8);
    store<u32>(op, load<u32>(scalar, 12), 12);
    op += TEMPLATE_OP_BYTES;
    from = at + load<u32>(scalar, 4);
  }
  store<u32>(op, <u32>from);
  store<u32>(op, <u32>(text + load<u32>(t, 8) - from), 4);
  store<u32>(op, 0, 8);
}
