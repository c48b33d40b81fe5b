// assembly/partial/index.ts: JSON that is still arriving, byte by byte -> what it says, at the cost of the new bytes only.
//   Memory: abi/partial.ts. open(slot) makes a parser of a slot; run(slot, length) takes the bytes in IN.
// run -> bytes taken: all of them; or fewer, and then the slot's state is REFUSED (the byte behind the taken ones cannot stand there,
//   by the judgement of JSON.parse) or else the byte opens a level beyond DEPTH_MAX, for the host to go on without a kernel.
// The host sees to it that TEXT has room for `length` bytes and TAPE for RECORDS_A_BYTE * length records, and sets
//   the three words of STATE to 0 when it has read them. Bytes over 0x7f are taken as they are, within strings.
// Plain version: src/kernels/reference/partial.ts. Budget: <= 0.1 us a fragment of 4 bytes, 1 GB/s of plain text (bench/partial.ts).
import {
  AFTER_ALL,
  AFTER_MINUS,
  AFTER_VALUE,
  DEPTH_MAX,
  EXPECT_COLON,
  EXPECT_FIRST_KEY,
  EXPECT_FIRST_VALUE,
  EXPECT_KEY,
  EXPECT_VALUE,
  IN,
  IN_ESCAPE,
  IN_HEX,
  IN_INTEGER,
  IN_LITERAL,
  IN_STRING,
  IN_ZERO,
  MEMORY_PAGES,
  RECORD_ARRAY,
  RECORD_CLOSE,
  RECORD_END,
  RECORD_FALSE,
  RECORD_KEY,
  RECORD_KIND,
  RECORD_NULL,
  RECORD_NUMBER,
  RECORD_OBJECT,
  RECORD_SHIFT,
  RECORD_STRING,
  RECORD_TEXT,
  RECORD_TRUE,
  RECORD_UNIT,
  REFUSED,
  SLOTS,
  SLOT_BYTES,
  SLOT_DEPTH,
  SLOT_HEAD,
  SLOT_HEX,
  SLOT_KEY,
  SLOT_REST,
  SLOT_STATE,
  STATE_TAPE,
  STATE_TEXT,
  STATE_WIDE,
  TAPE,
  TEXT,
} from "../abi/partial";
import { escaped, isDigit, isSpace, numberState } from "./grammar";

/** The slot that runs. */
let slot: usize = 0;
let state: i32 = 0;
let depth: i32 = 0;
/** Where the next byte of text and the next record go. */
let to: usize = 0;
let tape: usize = 0;

export function init(): void {
  const have = memory.size();
  if (have < MEMORY_PAGES) memory.grow(MEMORY_PAGES - have);
}

// @ts-ignore: decorator
@inline
function address(index: i32): usize {
  return <usize>SLOTS + <usize>index * SLOT_BYTES;
}

export function open(index: i32): void {
  memory.fill(address(index), 0, SLOT_HEAD);
}

// @ts-ignore: decorator
@inline
function record(kind: u32): void {
  store<u32>(tape, kind);
  tape += 4;
}

/** `count` bytes were put into TEXT: they prolong the record of those before, if there is one. */
// @ts-ignore: decorator
@inline
function grown(count: usize): void {
  if (count == 0) return;
  const added = <u32>count << RECORD_SHIFT;
  if (tape > <usize>TAPE && (load<u32>(tape - 4) & RECORD_KIND) == RECORD_TEXT) store<u32>(tape - 4, load<u32>(tape - 4) + added);
  else record(added | RECORD_TEXT);
}

// @ts-ignore: decorator
@inline
function afterValue(): i32 {
  return depth == 0 ? AFTER_ALL : AFTER_VALUE;
}

/** Opens a level; false when it is one too many. */
function descend(isArray: bool): bool {
  if (depth == DEPTH_MAX) return false;
  const at = slot + SLOT_HEAD + (<usize>depth >> 3);
  const bit = <u32>1 << (<u32>depth & 7);
  const bits = <u32>load<u8>(at);
  store<u8>(at, isArray ? bits | bit : bits & ~bit);
  depth++;
  return true;
}

// @ts-ignore: decorator
@inline
function inArray(): bool {
  const top = <u32>(depth - 1);
  return ((<u32>load<u8>(slot + SLOT_HEAD + (top >> 3)) >> (top & 7)) & 1) != 0;
}

function ascend(): void {
  depth--;
  record(RECORD_CLOSE);
  state = afterValue();
}

/** The first byte of a value; false when there is none that begins so, or it is one level too deep. */
function begin(c: u32): bool {
  if (c == 0x22) {
    store<u32>(slot, 0, SLOT_KEY);
    record(RECORD_STRING);
    state = IN_STRING;
  } else if (c == 0x7b) {
    if (!descend(false)) return false;
    record(RECORD_OBJECT);
    state = EXPECT_FIRST_KEY;
  } else if (c == 0x5b) {
    if (!descend(true)) return false;
    record(RECORD_ARRAY);
    state = EXPECT_FIRST_VALUE;
  } else if (c == 0x2d || isDigit(c)) {
    record(RECORD_NUMBER);
    store<u8>(to++, c);
    grown(1);
    state = c == 0x2d ? AFTER_MINUS : c == 0x30 ? IN_ZERO : IN_INTEGER;
  } else if (c == 0x74) literal(RECORD_TRUE, 0x657572);
  else if (c == 0x66) literal(RECORD_FALSE, 0x65736c61);
  else if (c == 0x6e) literal(RECORD_NULL, 0x6c6c75);
  else {
    state = REFUSED;
    return false;
  }
  return true;
}

function literal(kind: u32, rest: u32): void {
  record(kind);
  store<u32>(slot, rest, SLOT_REST);
  state = IN_LITERAL;
}

function unit(c: u32): void {
  if (c < 0x80) {
    store<u8>(to++, c);
    grown(1);
    return;
  }
  if ((c & 0xf800) == 0xd800) {
    record((c << RECORD_SHIFT) | RECORD_UNIT);
    return;
  }
  store<u32>(STATE_WIDE, 1);
  if (c < 0x800) {
    store<u8>(to, 0xc0 | (c >> 6));
    store<u8>(to, 0x80 | (c & 0x3f), 1);
    to += 2;
    grown(2);
  } else {
    store<u8>(to, 0xe0 | (c >> 12));
    store<u8>(to, 0x80 | ((c >> 6) & 0x3f), 1);
    store<u8>(to, 0x80 | (c & 0x3f), 2);
    to += 3;
    grown(3);
  }
}

/** Copies the plain bytes of a string to TEXT; answers the address of what is no plain byte (or behind the input). */
// @ts-ignore: decorator
@inline
function copyString(from: usize): usize {
  let p = from;
  let seen = i8x16.splat(0);
  while (true) {
    const v = v128.load(p);
    v128.store(to + (p - from), v);
    const m = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))), i8x16.lt_u(v, i8x16.splat(0x20))),
    );
    seen = v128.or(seen, v);
    if (m != 0) {
      p += ctz(m);
      break;
    }
    p += 16;
  }
  if (i8x16.bitmask(seen) != 0) store<u32>(STATE_WIDE, 1);
  to += p - from;
  grown(p - from);
  return p;
}

export function run(index: i32, length: i32): i32 {
  slot = address(index);
  state = load<i32>(slot, SLOT_STATE);
  depth = load<i32>(slot, SLOT_DEPTH);
  to = <usize>TEXT + <usize>load<u32>(STATE_TEXT);
  tape = <usize>TAPE + (<usize>load<u32>(STATE_TAPE) << 2);
  const end = <usize>IN + <usize>length;
  v128.store(end, i8x16.splat(0));
  const stopped = scan(IN, end);
  store<i32>(slot, state, SLOT_STATE);
  store<i32>(slot, depth, SLOT_DEPTH);
  store<u32>(STATE_TEXT, <u32>(to - TEXT));
  store<u32>(STATE_TAPE, <u32>((tape - TAPE) >> 2));
  return <i32>(stopped - IN);
}

/** Reads up to `end`, or to the byte where it must stop. */
function scan(start: usize, end: usize): usize {
  let p = start;
  while (p < end) {
    if (state == IN_STRING) {
      p = copyString(p);
      if (p >= end) break;
      const c = load<u8>(p);
      if (c == 0x22) {
        record(RECORD_END);
        state = load<u32>(slot, SLOT_KEY) != 0 ? EXPECT_COLON : afterValue();
      } else if (c == 0x5c) state = IN_ESCAPE;
      else {
        state = REFUSED;
        break;
      }
      p++;
      continue;
    }
    const c = <u32>load<u8>(p);
    if (state >= AFTER_MINUS) {
      if (state == REFUSED) break;
      const next = numberState(state, c);
      if (next != 0) {
        store<u8>(to++, c);
        grown(1);
        state = next;
        p++;
        continue;
      }
      if (state < IN_ZERO) {
        state = REFUSED;
        break;
      }
      record(RECORD_END);
      state = afterValue();
    }
    if (state <= AFTER_ALL && isSpace(c)) {
      p++;
      continue;
    }
    switch (state) {
      case EXPECT_FIRST_VALUE:
        if (c == 0x5d) {
          ascend();
          break;
        }
      case EXPECT_VALUE:
        if (!begin(c)) return p;
        break;
      case EXPECT_FIRST_KEY:
        if (c == 0x7d) {
          ascend();
          break;
        }
      case EXPECT_KEY:
        if (c == 0x22) {
          store<u32>(slot, 1, SLOT_KEY);
          record(RECORD_KEY);
          state = IN_STRING;
        } else state = REFUSED;
        break;
      case EXPECT_COLON:
        state = c == 0x3a ? EXPECT_VALUE : REFUSED;
        break;
      case AFTER_VALUE:
        if (c == 0x2c) state = inArray() ? EXPECT_VALUE : EXPECT_KEY;
        else if (c == (inArray() ? <u32>0x5d : <u32>0x7d)) ascend();
        else state = REFUSED;
        break;
      case IN_ESCAPE: {
        if (c == 0x75) {
          store<u32>(slot, 1, SLOT_HEX);
          state = IN_HEX;
          break;
        }
        const byte = escaped(c);
        if (byte == 0) state = REFUSED;
        else {
          store<u8>(to++, byte);
          grown(1);
          state = IN_STRING;
        }
        break;
      }
      case IN_HEX: {
        const low = c | 0x20;
        const digit: u32 = isDigit(c) ? c - 0x30 : low - 0x61 < 6 ? low - 0x57 : 16;
        if (digit == 16) {
          state = REFUSED;
          break;
        }
        const hex = (load<u32>(slot, SLOT_HEX) << 4) | digit;
        store<u32>(slot, hex, SLOT_HEX);
        if (hex >= 0x10000) {
          unit(hex & 0xffff);
          state = IN_STRING;
        }
        break;
      }
      case IN_LITERAL: {
        const rest = load<u32>(slot, SLOT_REST);
        if (c != (rest & 0xff)) state = REFUSED;
        else {
          store<u32>(slot, rest >> 8, SLOT_REST);
          if (rest >> 8 == 0) state = afterValue();
        }
        break;
      }
      default:
        state = REFUSED;
    }
    if (state == REFUSED) break;
    p++;
  }
  return p;
}
