// assembly/escape/index.ts: text -> the inside of a JSON string in UTF-8, as JSON.stringify writes it.
//   Memory: abi/escape.ts. The host writes up to IN_BYTES to IN and calls one of
// escapeUtf8(bytes) -> bytes written to OUT. A text may be cut anywhere, for what is not ASCII stays as it is. Whether it is UTF-8
//   is the host's business: bytes from 0x80 on are copied unseen.
// escapeUtf16(units) -> bytes written to OUT. Takes any JS string: half a surrogate pair becomes \udxxx. A text must not be cut
//   within a pair.
// Both stateless between calls. OUT cannot overflow (abi/escape.ts).
// Quote, backslash and what is below U+0020 are escaped (\b \t \n \f \r, else \u00xx in lower case), nothing else; DEL, U+2028 and
// U+2029 are not. Plain version: src/kernels/reference/escape.ts.
// Budget: >= 2 GB/s of source code from either (bench/escape.ts).
import { IN, MEMORY_PAGES, OUT, TABLE } from "../abi/escape";

// @ts-ignore: decorator
@inline
function entry(c: u32, text: u64, length: u64): void {
  store<u64>(TABLE + (c << 3), text | (length << 56));
}

// @ts-ignore: decorator
@inline
function digit(n: u32): u64 {
  return <u64>(n < 10 ? 0x30 + n : 0x57 + n);
}

export function init(): void {
  const have = memory.size();
  if (have < MEMORY_PAGES) memory.grow(MEMORY_PAGES - have);
  for (let c: u32 = 0; c < 0x80; c++) entry(c, c, 1);
  for (let c: u32 = 0; c < 0x20; c++) entry(c, 0x3030755c | (digit(c >> 4) << 32) | (digit(c & 0xf) << 40), 6);
  entry(0x08, 0x625c, 2);
  entry(0x09, 0x745c, 2);
  entry(0x0a, 0x6e5c, 2);
  entry(0x0c, 0x665c, 2);
  entry(0x0d, 0x725c, 2);
  entry(0x22, 0x225c, 2);
  entry(0x5c, 0x5c5c, 2);
}

/** All ones in each byte that is escaped. */
// @ts-ignore: decorator
@inline
function special(v: v128): v128 {
  return v128.or(v128.or(i8x16.eq(v, i8x16.splat(0x22)), i8x16.eq(v, i8x16.splat(0x5c))), i8x16.lt_u(v, i8x16.splat(0x20)));
}

// @ts-ignore: decorator
@inline
function isSpecial(c: u32): bool {
  return c < 0x20 || c == 0x22 || c == 0x5c;
}

/** Writes what stands in the table for an ASCII character. @returns where the next byte goes */
// @ts-ignore: decorator
@inline
function put(o: usize, c: u32): usize {
  const e = load<u64>(TABLE + (<usize>c << 3));
  store<u64>(o, e);
  return o + <usize>(e >> 56);
}

export function escapeUtf8(length: i32): i32 {
  let p: usize = IN;
  let o: usize = OUT;
  const end = p + <usize>length;
  while (p < end) {
    // Stored before it is looked at: what is wrong of it is written over.
    const v = v128.load(p);
    v128.store(o, v);
    let m = i8x16.bitmask(special(v));
    if (m == 0) {
      p += 16;
      o += 16;
      continue;
    }
    const left = end - p;
    if (left < 16) m &= (1 << <i32>left) - 1;
    const block = p;
    while (m != 0) {
      const at = block + <usize>ctz(m);
      m &= m - 1;
      o += at - p;
      o = put(o, load<u8>(at));
      p = at + 1;
      v128.store(o, v128.load(p));
    }
    o += block + 16 - p;
    p = block + 16;
  }
  // The last block may have gone beyond the end.
  return <i32>(o - OUT) - <i32>(p - end);
}

/** Units to bytes; those from 0x80 to 0x7fff saturate with their top bit set, those above become 0. */
// @ts-ignore: decorator
@inline
function narrow(p: usize): v128 {
  return i8x16.narrow_i16x8_u(v128.load(p), v128.load(p, 16));
}

/** All ones for each of four units that does not become three bytes: those below U+0800, and halves of pairs. */
// @ts-ignore: decorator
@inline
function notThree(p: usize): v128 {
  const w = v128.load_ext<u16>(p);
  return v128.or(i32x4.lt_u(w, i32x4.splat(0x800)), i32x4.eq(v128.and(w, i32x4.splat(0xf800)), i32x4.splat(0xd800)));
}

/** Twelve bytes of UTF-8 for four units. */
// @ts-ignore: decorator
@inline
function three(p: usize): v128 {
  const w = v128.load_ext<u16>(p);
  const high = v128.or(i32x4.splat(0x8080e0), i32x4.shr_u(w, 12));
  const low = v128.or(i32x4.shl(v128.and(w, i32x4.splat(0xfc0)), 2), i32x4.shl(v128.and(w, i32x4.splat(0x3f)), 16));
  return i8x16.swizzle(v128.or(high, low), i8x16(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1));
}

export function escapeUtf16(units: i32): i32 {
  let p: usize = IN;
  let o: usize = OUT;
  const end = p + (<usize>units << 1);
  while (p < end) {
    const v = narrow(p);
    v128.store(o, v);
    // Whatever is not plain ASCII is a hit, for 0 is escaped too.
    let m = i8x16.bitmask(v128.or(v, special(v)));
    if (m == 0) {
      p += 32;
      o += 16;
      continue;
    }
    const left = (end - p) >> 1;
    if (left < 16) m &= (1 << <i32>left) - 1;
    const next = p + 32;
    const block = p;
    while (m != 0) {
      const at = block + (<usize>ctz(m) << 1);
      m &= m - 1;
      o += (at - p) >> 1;
      p = at + 2;
      const u: u32 = load<u16>(at);
      if (u < 0x80) o = put(o, u);
      else if (u < 0x800) {
        store<u16>(o, 0x80c0 | (u >> 6) | ((u & 0x3f) << 8));
        o += 2;
      } else {
        // Chinese and the like come in runs: four at once.
        p = at;
        while (p + 8 <= end && !v128.any_true(notThree(p))) {
          v128.store(o, three(p));
          p += 8;
          o += 12;
        }
        if (p == at) {
          p += 2;
          if (u - 0xd800 < 0x800) {
            const low: u32 = p < end ? load<u16>(p) : 0;
            if (u < 0xdc00 && low - 0xdc00 < 0x400) {
              p += 2;
              const c = 0x10000 + ((u & 0x3ff) << 10) + (low & 0x3ff);
              store<u32>(o, 0x808080f0 | (c >> 18) | ((c & 0x3f000) >> 4) | ((c & 0xfc0) << 10) | ((c & 0x3f) << 24));
              o += 4;
            } else {
              // \ud and three digits.
              store<u64>(o, 0x64755c | (digit((u >> 8) & 0xf) << 24) | (digit((u >> 4) & 0xf) << 32) | (digit(u & 0xf) << 40));
              o += 6;
            }
          } else {
            store<u32>(o, 0x8080e0 | (u >> 12) | ((u & 0xfc0) << 2) | ((u & 0x3f) << 16));
            o += 3;
          }
        }
        // More than one unit may be done, each of which was a hit.
        m = p < next ? m & (-1 << (<i32>(p - block) >> 1)) : 0;
      }
      v128.store(o, narrow(p));
    }
    if (p < next) {
      o += (next - p) >> 1;
      p = next;
    }
  }
  return <i32>(o - OUT) - (<i32>(p - end) >> 1);
}
