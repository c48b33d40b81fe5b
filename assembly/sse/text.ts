// Strings that are wanted: unescaped into OUT as UTF-8 while they are scanned.
// Budget: 1 GB/s and more of ASCII; bench/sse.ts measures it within the whole.

/** Where the next byte of OUT goes. */
export let out: usize = 0;
/** UTF-16 length of the string copied last. */
export let units: usize = 0;
/** Something beyond ASCII is in OUT. */
export let wide: i32 = 0;

export function resetOut(at: usize): void {
  out = at;
  wide = 0;
}
export function rewindOut(at: usize): void {
  out = at;
}
/** Where `copyString` or `skipString` met a control byte, the zeros behind the input among them. */
export let stopped: usize = 0;
export function stopAt(p: usize): void {
  stopped = p;
}

// @ts-ignore: decorator
@inline
function hexDigit(c: u32): u32 {
  if (c - 0x30 < 10) return c - 0x30;
  const l = (c | 0x20) - 0x61;
  return l < 6 ? l + 10 : 0x10000;
}

/** Four hex digits, or over 0xffff when they are none. */
function hex4(p: usize): u32 {
  const a = hexDigit(load<u8>(p));
  const b = hexDigit(load<u8>(p, 1));
  const c = hexDigit(load<u8>(p, 2));
  const d = hexDigit(load<u8>(p, 3));
  return (a | b | c | d) > 15 ? 0x10000 : (a << 12) | (b << 8) | (c << 4) | d;
}

// @ts-ignore: decorator
@inline
function isTail(c: u32): bool {
  return (c & 0xc0) == 0x80;
}

/** Bytes of the UTF-8 sequence at `p` that begins with `c`, over 0x7f; 0 when it is none. */
// @ts-ignore: decorator
@inline
function sequence(p: usize, c: u32): usize {
  const c1 = <u32>load<u8>(p, 1);
  if (!isTail(c1)) return 0;
  if (c < 0xe0) return c < 0xc2 ? 0 : 2;
  if (!isTail(load<u8>(p, 2))) return 0;
  if (c < 0xf0) return (c == 0xe0 && c1 < 0xa0) || (c == 0xed && c1 > 0x9f) ? 0 : 3;
  return c > 0xf4 || !isTail(load<u8>(p, 3)) || (c == 0xf0 && c1 < 0x90) || (c == 0xf4 && c1 > 0x8f) ? 0 : 4;
}

/** Copies a value as it is written. False when there are bytes in it that are no UTF-8; OUT is not moved then. */
export function copyJson(p: usize, end: usize): bool {
  const start = p;
  let o = out;
  let extra: usize = 0;
  while (p < end) {
    const v = v128.load(p);
    v128.store(o, v);
    const m = i8x16.bitmask(v);
    const n: usize = m == 0 ? 16 : <usize>ctz(m);
    p += n;
    o += n;
    if (m == 0 || p >= end) continue;
    let c = <u32>load<u8>(p);
    do {
      const n = sequence(p, c);
      if (n == 0) return false;
      store<u32>(o, load<u32>(p));
      p += n;
      o += n;
      extra += n == 2 ? 1 : 2;
      c = load<u8>(p);
    } while (c >= 0x80 && p < end);
  }
  if (extra != 0) wide = 1;
  units = end - start - extra;
  out += end - start;
  return true;
}

/**
 * From after the opening quote to after the closing one. 0 when it is no JSON string, or has what only the host can decode
 * (bytes that are no UTF-8, half a surrogate pair); OUT is not moved then.
 */
export function copyString(p: usize): usize {
  let o = out;
  let extra: usize = 0;
  while (true) {
    const v = v128.load(p);
    v128.store(o, v);
    // The top bit of a byte beyond ASCII counts as a hit by itself.
    const m = i8x16.bitmask(
      v128.or(v, v128.or(v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))), i8x16.lt_u(v, i8x16.splat(0x20)))),
    );
    if (m == 0) {
      p += 16;
      o += 16;
      continue;
    }
    const n = <usize>ctz(m);
    p += n;
    o += n;
    let c = <u32>load<u8>(p);
    if (c == 0x22) {
      units = o - out - extra;
      out = o;
      return p + 1;
    }
    if (c >= 0x80) {
      wide = 1;
      do {
        const n = sequence(p, c);
        if (n == 0) return 0;
        store<u32>(o, load<u32>(p));
        p += n;
        o += n;
        extra += n == 2 ? 1 : 2;
        c = load<u8>(p);
      } while (c >= 0x80);
      continue;
    }
    if (c != 0x5c) {
      stopped = p;
      return 0;
    }
    c = load<u8>(p, 1);
    p += 2;
    if (c == 0x6e) c = 0x0a;
    else if (c == 0x74) c = 0x09;
    else if (c == 0x72) c = 0x0d;
    else if (c == 0x62) c = 0x08;
    else if (c == 0x66) c = 0x0c;
    else if (c == 0x75) {
      let u = hex4(p);
      p += 4;
      if (u > 0xffff || (u & 0xfc00) == 0xdc00) return 0;
      if (u >= 0x80) wide = 1;
      if ((u & 0xfc00) == 0xd800) {
        if (load<u16>(p) != 0x755c) return 0;
        const low = hex4(p + 2);
        if ((low & 0x1fc00) != 0xdc00) return 0;
        p += 6;
        u = 0x10000 + ((u & 0x3ff) << 10) + (low & 0x3ff);
        store<u8>(o, 0xf0 | (u >> 18));
        store<u8>(o, 0x80 | ((u >> 12) & 0x3f), 1);
        store<u8>(o, 0x80 | ((u >> 6) & 0x3f), 2);
        store<u8>(o, 0x80 | (u & 0x3f), 3);
        o += 4;
        extra += 2;
      } else if (u >= 0x800) {
        store<u8>(o, 0xe0 | (u >> 12));
        store<u8>(o, 0x80 | ((u >> 6) & 0x3f), 1);
        store<u8>(o, 0x80 | (u & 0x3f), 2);
        o += 3;
        extra += 2;
      } else if (u >= 0x80) {
        store<u8>(o, 0xc0 | (u >> 6));
        store<u8>(o, 0x80 | (u & 0x3f), 1);
        o += 2;
        extra += 1;
      } else {
        store<u8>(o, u);
        o += 1;
      }
      continue;
    } else if (c != 0x22 && c != 0x5c && c != 0x2f) return 0;
    store<u8>(o, c);
    o += 1;
  }
}
