// Strict JSON over bytes: every function takes the address of the first byte and answers the address after the last one, or
// 0 when the bytes are not JSON (or end). Zero bytes after the input stop each scan. Bytes over 0x7f are taken as they are.
import { LOG, LOG_ENTRIES_MAX, LOG_ENTRY_BYTES, NEST, NEST_MAX } from "../abi/sse";
import { stopAt } from "./text";

/** Where a scalar is logged next; 0 = not logging. */
let logAt: usize = 0;
/** CR and LF are white space (a whole document), or end the line (an event). */
let lines: bool = false;

export const SCALAR_STRING = 1;
export const SCALAR_NUMBER = 2;
export const SCALAR_TEXT = 3;
export const SCALAR_COUNT = 4;
/** White space that some providers pad their events with. */
export const SCALAR_SPACE = 5;

export function setLines(on: bool): void {
  lines = on;
}
export function startLog(): void {
  logAt = LOG;
}
export function stopLog(): void {
  logAt = 0;
}
/** Stops logging for a while; the answer is for `resumeLog`. */
export function pauseLog(): usize {
  const at = logAt;
  logAt = 0;
  return at;
}
export function resumeLog(at: usize): void {
  logAt = at;
}
/** Scalars logged, or -1 when there were too many. */
export function logged(): i32 {
  return logAt == 0 ? -1 : <i32>((logAt - LOG) / LOG_ENTRY_BYTES);
}
/** Entry: start, length, kind, record (of a wanted text or count). */
export function logScalar(start: usize, length: usize, kind: i32, record: usize): void {
  if (logAt == 0) return;
  if (logAt >= <usize>(LOG + LOG_ENTRIES_MAX * LOG_ENTRY_BYTES)) {
    logAt = 0;
    return;
  }
  store<u32>(logAt, <u32>start);
  store<u32>(logAt, <u32>length, 4);
  store<u32>(logAt, kind, 8);
  store<u32>(logAt, <u32>record, 12);
  logAt += LOG_ENTRY_BYTES;
}

// @ts-ignore: decorator
@inline
export function skipSpace(p: usize): usize {
  let c = <u32>load<u8>(p);
  while (c == 0x20 || c == 0x09 || (lines && (c == 0x0a || c == 0x0d))) c = <u32>load<u8>(++p);
  return p;
}

// @ts-ignore: decorator
@inline
function isHex(c: u32): bool {
  return c - 0x30 < 10 || (c | 0x20) - 0x61 < 6;
}

/** From the backslash. */
function skipEscape(p: usize): usize {
  const c = <u32>load<u8>(p, 1);
  if (c == 0x75) return isHex(load<u8>(p, 2)) && isHex(load<u8>(p, 3)) && isHex(load<u8>(p, 4)) && isHex(load<u8>(p, 5)) ? p + 6 : 0;
  if (c == 0x22 || c == 0x5c || c == 0x2f || c == 0x6e || c == 0x74 || c == 0x72 || c == 0x62 || c == 0x66) return p + 2;
  return 0;
}

/** From after the opening quote. */
export function skipString(p: usize): usize {
  while (true) {
    const v = v128.load(p);
    const m = i8x16.bitmask(
      v128.or(v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))), i8x16.lt_u(v, i8x16.splat(0x20))),
    );
    if (m == 0) {
      p += 16;
      continue;
    }
    p += ctz(m);
    const c = load<u8>(p);
    if (c == 0x22) return p + 1;
    if (c != 0x5c) {
      stopAt(p);
      return 0;
    }
    p = skipEscape(p);
    if (p == 0) return 0;
  }
}

// @ts-ignore: decorator
@inline
function isDigit(c: u32): bool {
  return c - 0x30 < 10;
}

export function skipNumber(p: usize): usize {
  let c = <u32>load<u8>(p);
  if (c == 0x2d) c = <u32>load<u8>(++p);
  if (c == 0x30) c = <u32>load<u8>(++p);
  else if (isDigit(c)) do c = <u32>load<u8>(++p); while (isDigit(c));
  else return 0;
  if (c == 0x2e) {
    c = <u32>load<u8>(++p);
    if (!isDigit(c)) return 0;
    do c = <u32>load<u8>(++p); while (isDigit(c));
  }
  if ((c | 0x20) == 0x65) {
    c = <u32>load<u8>(++p);
    if (c == 0x2b || c == 0x2d) c = <u32>load<u8>(++p);
    if (!isDigit(c)) return 0;
    do c = <u32>load<u8>(++p); while (isDigit(c));
  }
  return p;
}

/** The number read last by `readCount`. */
export let count: u32 = 0;
/** A whole number below 2^31; 0 when it is anything else. */
export function readCount(p: usize): usize {
  const first = <u32>load<u8>(p);
  if (!isDigit(first)) return 0;
  let n: u64 = first - 0x30;
  let c = <u32>load<u8>(++p);
  while (isDigit(c)) {
    n = n * 10 + c - 0x30;
    if (first == 0x30 || n > 0x7fffffff) return 0;
    c = <u32>load<u8>(++p);
  }
  if (c == 0x2e || (c | 0x20) == 0x65) return 0;
  count = <u32>n;
  return p;
}

/** From the quote of a key to its value. */
export function skipKey(p: usize): usize {
  if (load<u8>(p) != 0x22) return 0;
  p = skipString(p + 1);
  if (p == 0) return 0;
  p = skipSpace(p);
  return load<u8>(p) == 0x3a ? skipSpace(p + 1) : 0;
}

/** Any value, however deep up to NEST_MAX. Without recursion, so that no input can end the stack. */
export function skipValue(p: usize): usize {
  let depth: usize = 0;
  while (true) {
    const c = load<u8>(p);
    if (c == 0x22) {
      const start = p + 1;
      p = skipString(start);
      if (p == 0) return 0;
      logScalar(start, p - 1 - start, SCALAR_STRING, 0);
    } else if (c == 0x7b) {
      p = skipSpace(p + 1);
      if (load<u8>(p) == 0x7d) p++;
      else {
        if (depth == NEST_MAX) return 0;
        store<u8>(<usize>NEST + depth++, 0x7d);
        p = skipKey(p);
        if (p == 0) return 0;
        continue;
      }
    } else if (c == 0x5b) {
      p = skipSpace(p + 1);
      if (load<u8>(p) == 0x5d) p++;
      else {
        if (depth == NEST_MAX) return 0;
        store<u8>(<usize>NEST + depth++, 0x5d);
        continue;
      }
    } else if (c == 0x74) {
      if (load<u32>(p) != 0x65757274) return 0;
      p += 4;
    } else if (c == 0x66) {
      if (load<u32>(p, 1) != 0x65736c61) return 0;
      p += 5;
    } else if (c == 0x6e) {
      if (load<u32>(p) != 0x6c6c756e) return 0;
      p += 4;
    } else {
      const start = p;
      p = skipNumber(p);
      if (p == 0) return 0;
      logScalar(start, p - start, SCALAR_NUMBER, 0);
    }
    while (true) {
      if (depth == 0) return p;
      p = skipSpace(p);
      const close = load<u8>(<usize>NEST + depth - 1);
      const d = load<u8>(p);
      if (d == 0x2c) {
        p = skipSpace(p + 1);
        if (close == 0x7d) {
          p = skipKey(p);
          if (p == 0) return 0;
        }
        break;
      }
      if (d != close) return 0;
      depth--;
      p++;
    }
  }
}
