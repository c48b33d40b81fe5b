// Walks one event's JSON along the schema and emits records of what is wanted. Strict; and simple: whatever is rare (a key
// twice, an escaped key, a value of another type) answers 0 as broken JSON does, and the host takes the event as a whole.
import {
  CONTEXT_MAX,
  CASE_BYTES,
  CASE_VALUE,
  CASES_HEAD_BYTES,
  CASES_KEY,
  CONTEXT_SHIFT,
  ENTRY_ARRAY,
  ENTRY_ARRAY_FIRST,
  ENTRY_BYTES,
  ENTRY_CONTEXT,
  ENTRY_COUNT,
  ENTRY_FLAG,
  ENTRY_JSON,
  ENTRY_KEY,
  ENTRY_OBJECT,
  ENTRY_TEXT,
  ENTRY_WHOLE,
  FLAG_HEAD,
  FLAG_RUN,
  KIND_COUNT,
  KIND_RAW,
  NODE_HEAD_BYTES,
  RECORD_BYTES,
  SCHEMA,
  SCOPE_OPTIONAL,
} from "../abi/sse";
import { count as read, logScalar, pauseLog, readCount, resumeLog, SCALAR_COUNT, SCALAR_SPACE, SCALAR_TEXT, skipSpace, skipString, skipValue } from "./json";
import { emit, emitSlice, record } from "./records";
import { copyJson, copyString, out, units } from "./text";

/** Rare things of this event, raw values first of all: such an event is never learned. */
export let raws: u32 = 0;
/** A record of the present scope that is no head has been emitted. */
let payload: bool = false;

export function startEvent(): void {
  raws = 0;
}

/** Bytes equal? Reads up to 15 bytes past either end. Hot: the literals of a learned event are about a hundred bytes. */
export function same(a: usize, b: usize, length: usize): bool {
  while (length >= 64) {
    const x = v128.or(v128.xor(v128.load(a), v128.load(b)), v128.xor(v128.load(a, 16), v128.load(b, 16)));
    const y = v128.or(v128.xor(v128.load(a, 32), v128.load(b, 32)), v128.xor(v128.load(a, 48), v128.load(b, 48)));
    if (v128.any_true(v128.or(x, y))) return false;
    a += 64;
    b += 64;
    length -= 64;
  }
  while (length >= 16) {
    if (i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b))) != 0) return false;
    a += 16;
    b += 16;
    length -= 16;
  }
  return length == 0 || (i8x16.bitmask(i8x16.ne(v128.load(a), v128.load(b))) & ((1 << <i32>length) - 1)) == 0;
}

/** A small whole number, the context of its scope. 0 when it is anything else. */
let context: u32 = 0;
function readContext(p: usize): usize {
  const first = <u32>load<u8>(p);
  if (first - 0x30 > 9) return 0;
  let n: u32 = first - 0x30;
  let c = <u32>load<u8>(++p);
  while (c - 0x30 < 10) {
    n = n * 10 + c - 0x30;
    if (first == 0x30 || n > <u32>CONTEXT_MAX) return 0;
    c = <u32>load<u8>(++p);
  }
  if (c == 0x2e || (c | 0x20) == 0x65) return 0;
  context = n;
  return p;
}

/** Is key..key+length the key by which the cases are chosen? */
function isCaseKey(cases: usize, key: usize, length: usize): bool {
  return load<u32>(cases, 4) == <u32>length && same(key, cases + CASES_KEY, length);
}

/** The node of the case that the object after the brace at `p` is, `node` itself when it is none, 0 = leave it to the host. */
function choose(node: usize, cases: usize, p: usize): usize {
  const log = pauseLog();
  p = skipSpace(p + 1);
  while (load<u8>(p) == 0x22) {
    const key = p + 1;
    const end = skipString(key);
    if (end == 0) break;
    p = skipSpace(end);
    if (load<u8>(p) != 0x3a) break;
    p = skipSpace(p + 1);
    const value = p + 1;
    const isString = load<u8>(p) == 0x22;
    p = skipValue(p);
    if (p == 0) break;
    if (isCaseKey(cases, key, end - 1 - key)) {
      if (!isString) break;
      const length = p - 1 - value;
      let one = cases + CASES_HEAD_BYTES;
      for (let i = load<u32>(cases); i > 0; i--) {
        if (load<u32>(one) == <u32>length && same(value, one + CASE_VALUE, length)) {
          node = load<u32>(one, 4);
          break;
        }
        one += CASE_BYTES;
      }
      // An escape may spell any value.
      for (let k = value; k < value + length; k++) if (load<u8>(k) == 0x5c) node = 0;
      break;
    }
    p = skipSpace(p);
    if (load<u8>(p) != 0x2c) break;
    p = skipSpace(p + 1);
  }
  resumeLog(log);
  return node;
}

/** From the opening brace to after the closing one; 0 = leave it to the host. */
export function walkObject(node: usize, p: usize): usize {
  const top = node == SCHEMA;
  const cases: usize = load<u32>(node, 8);
  let chosen = false;
  if (cases != 0) {
    node = choose(node, cases, p);
    if (node == 0) return 0;
  }
  const whole = node;
  const count = load<u32>(node);
  const scope = load<u32>(node, 4);
  const first = record;
  const outer = payload;
  let own: i32 = -1;
  let seen: u32 = 0;
  let groups: u32 = 0;
  if (scope != 0) payload = false;
  p = skipSpace(p + 1);
  if (load<u8>(p) == 0x7d) {
    payload = outer;
    return p + 1;
  }
  while (true) {
    if (load<u8>(p) != 0x22) return 0;
    const key = p + 1;
    const end = skipString(key);
    if (end == 0) return 0;
    const length = end - 1 - key;
    // An escape in a key may spell a wanted one. Few keys are as short as the wanted ones, so this looks at few bytes.
    for (let k = key; k < end - 1; k += 16) {
      const left = end - 1 - k;
      let m = i8x16.bitmask(i8x16.eq(v128.load(k), i8x16.splat(0x5c)));
      if (left < 16) m &= (1 << <i32>left) - 1;
      if (m != 0) return 0;
    }
    p = skipSpace(end);
    if (load<u8>(p) != 0x3a) return 0;
    p = skipSpace(p + 1);

    const isCase = cases != 0 && isCaseKey(cases, key, length);
    if (isCase) {
      // The last of two counts, and only the first was looked at.
      if (chosen) return 0;
      chosen = true;
    }
    let entry = node + NODE_HEAD_BYTES;
    let i: u32 = 0;
    while (i < count && !(load<u32>(entry) == <u32>length && same(key, entry + ENTRY_KEY, length))) {
      entry += ENTRY_BYTES;
      i++;
    }
    if (i == count) {
      // What chooses the case is no scalar that may differ: it stays a literal of the template.
      p = isCase && load<u8>(p) == 0x22 ? skipString(p + 1) : skipValue(p);
    } else {
      if (seen & (1 << i)) return 0;
      seen |= 1 << i;
      const kind = load<u32>(entry, 4);
      const arg = load<u32>(entry, 8);
      const c = load<u8>(p);
      if (kind == ENTRY_TEXT) {
        if (c == 0x22) {
          if (load<u8>(p, 1) == 0x22) p += 2;
          else {
            const group = load<u32>(entry, 12);
            if (group != 0) {
              if (groups & (1 << group)) return 0;
              groups |= 1 << group;
            }
            if (arg & FLAG_HEAD) {
              if (payload) return 0;
            } else payload = true;
            const start = p + 1;
            const before = out;
            p = copyString(start);
            if (p == 0) return 0;
            logScalar(start, p - 1 - start, SCALAR_TEXT, record);
            if (!emit(arg, out - before, units)) return 0;
          }
        } else if (c == 0x6e) p = skipValue(p);
        else return 0;
      } else if (kind == ENTRY_OBJECT) {
        p = c == 0x7b ? walkObject(arg, p) : skipValue(p);
      } else if (kind == ENTRY_ARRAY || kind == ENTRY_ARRAY_FIRST) {
        p = c == 0x5b ? walkArray(arg, p, kind == ENTRY_ARRAY_FIRST) : skipValue(p);
      } else if (kind == ENTRY_CONTEXT) {
        p = readContext(p);
        own = context;
      } else if (kind == ENTRY_FLAG) {
        if (c != 0x74 && c != 0x66 && c != 0x6e) return 0;
        own = <i32>(c == 0x74);
        p = skipValue(p);
      } else if (kind == ENTRY_COUNT) {
        const start = p;
        if (c == 0x6e) p = skipValue(p);
        else {
          p = readCount(p);
          if (p == 0) return 0;
          logScalar(start, p - start, SCALAR_COUNT, record);
          if (!emit(arg | KIND_COUNT, 0, read)) return 0;
        }
      } else if (kind == ENTRY_WHOLE) {
        if (c != 0x6e) return 0;
        p = skipValue(p);
      } else if (kind == ENTRY_JSON) {
        const start = p;
        p = skipValue(p);
        if (p != 0 && c != 0x6e) {
          raws++;
          payload = true;
          const before = out;
          if (!copyJson(start, p) || !emit(arg, out - before, units)) return 0;
        }
      } else {
        const start = p;
        p = skipValue(p);
        if (p != 0 && c != 0x6e) {
          raws++;
          payload = true;
          if (!emitSlice(arg | KIND_RAW, start, p)) return 0;
        }
      }
    }
    if (p == 0) return 0;
    const space = p;
    p = skipSpace(p);
    const c = load<u8>(p);
    if (c == 0x2c) p = skipSpace(p + 1);
    else if (c == 0x7d) {
      // Anthropic pads its events in front of the last brace.
      if (top) logScalar(space, p - space, SCALAR_SPACE, 0);
      break;
    } else return 0;
  }
  if (scope != 0) {
    payload = outer;
    if (record != first) {
      if (own < 0) {
        if (scope != SCOPE_OPTIONAL) return 0;
        own = 0;
      }
      // The context may come after what it belongs to.
      let rare = false;
      for (let r = first; r < record; r += RECORD_BYTES) {
        const tag = load<u32>(r);
        if ((tag & FLAG_RUN) == 0) rare = true;
        store<u32>(r, tag | (<u32>own << CONTEXT_SHIFT));
      }
      const ending = load<u32>(whole, 12);
      if (rare && ending != 0) {
        raws++;
        if (!emit(ending | (<u32>own << CONTEXT_SHIFT), 0, 0)) return 0;
      }
    }
  }
  return p + 1;
}

/** From the opening bracket. Elements that are no objects are skipped; with `only` all but the first one are. */
function walkArray(node: usize, p: usize, only: bool): usize {
  p = skipSpace(p + 1);
  if (load<u8>(p) == 0x5d) return p + 1;
  let wanted = true;
  while (true) {
    p = wanted && load<u8>(p) == 0x7b ? walkObject(node, p) : skipValue(p);
    if (p == 0) return 0;
    if (only) wanted = false;
    p = skipSpace(p);
    const c = load<u8>(p);
    if (c == 0x5d) return p + 1;
    if (c != 0x2c) return 0;
    p = skipSpace(p + 1);
  }
}
