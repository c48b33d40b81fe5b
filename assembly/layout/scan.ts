// Looking through ASCII, sixteen bytes at a time: what lies within 16 bytes of the text is read with it.

/** The first byte from `at` on, before `end`, that is not printable ASCII. */
// @ts-ignore: decorator
@inline
export function printableTo(at: usize, end: usize): usize {
  for (; at < end; at += 16) {
    const m = i8x16.bitmask(i8x16.gt_u(i8x16.sub(v128.load(at), i8x16.splat(0x20)), i8x16.splat(0x5e)));
    if (m != 0) {
      at += ctz(m);
      break;
    }
  }
  return at < end ? at : end;
}

/** The last blank in [from, to), or 0. */
// @ts-ignore: decorator
@inline
export function lastBlank(from: usize, to: usize): usize {
  while (to > from) {
    const at = to - 16;
    let m = i8x16.bitmask(i8x16.eq(v128.load(at), i8x16.splat(0x20)));
    if (at < from) m &= 0xffff << <i32>(from - at);
    if (m != 0) return at + (31 - clz(m));
    to = at;
  }
  return 0;
}
