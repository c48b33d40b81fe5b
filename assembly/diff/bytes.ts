// Bytes of the terminal's language, written where the cursor and the style are remembered.
import { CELL_UNSURE, COLOUR_PALETTE, DECIMAL, GRAPHEME, GRAPHEMES, GRAPHEME_SLOT_BYTES, LINKS, LINK_SHIFT, LINK_SLOT_BYTES, OUT } from "../abi/diff";

/** The writing position in OUT. */
export let o: usize = OUT;
// The state of the terminal after the bytes so far. -1: not known.
export let curRow: i32 = -1;
export let curCol: i32 = -1;
export let sgrFg: u32 = 0;
export let sgrBg: u32 = 0;
export let sgrAttrs: u32 = 0;
export let link: u32 = 0;

/** The host has taken OUT: it is filled from its start again. */
export function rewind(): void {
  o = OUT;
}

/** What follows is written at `at`: some was taken back, or written without `put`. */
// @ts-ignore: decorator
@inline
export function rewindTo(at: usize): void {
  o = at;
}

export function written(): i32 { return <i32>(o - OUT); }

/** Where the terminal's cursor is after bytes that moved it by themselves; -1: not known. */
// @ts-ignore: decorator
@inline
export function setCursor(y: i32, x: i32): void {
  curRow = y;
  curCol = x;
}

/** A terminal of which nothing is known but that its style is the default one. */
export function forget(): void {
  curRow = curCol = -1;
  sgrFg = sgrBg = sgrAttrs = link = 0;
}

/** Default style and no link, whatever was set before. */
export function resetStyle(): void {
  put3(0x6d5b1b); // ESC [ m: nothing is known of the style, nor whether a link is open
  closeLink();
  sgrFg = sgrBg = sgrAttrs = link = 0;
}

export function lineFeed(): void {
  store<u16>(o, 0x0a0d);
  o += 2;
}

// @ts-ignore: decorator
@inline
export function put(byte: u32): void {
  store<u8>(o, byte);
  o++;
}

// @ts-ignore: decorator
@inline
export function put3(bytes: u32): void {
  store<u16>(o, <u16>bytes);
  store<u8>(o + 2, <u8>(bytes >> 16));
  o += 3;
}

// @ts-ignore: decorator
@inline
export function csi(): void {
  store<u16>(o, 0x5b1b);
  o += 2;
}

/** Fills DECIMAL: a colour is three numbers, and a division each is most of what a frame full of colours costs. */
export function fillDecimal(): void {
  for (let n = 0; n < 256; n++) {
    const length = digits(n);
    let text = 0x30 + n % 10;
    if (length > 1) text = (text << 8) | (0x30 + (n / 10) % 10);
    if (length > 2) text = (text << 8) | (0x30 + n / 100);
    store<u32>(DECIMAL + n * 4, (length << 24) | text);
  }
}

/** 0..999 */
// @ts-ignore: decorator
@inline
export function number(n: i32): void {
  if (n < 256) {
    const text = load<u32>(DECIMAL + n * 4);
    store<u32>(o, text);
    o += text >> 24;
  } else {
    put(0x30 + n / 100);
    put(0x30 + n / 10 % 10);
    put(0x30 + n % 10);
  }
}

// @ts-ignore: decorator
@inline
export function digits(n: i32): i32 {
  return n >= 100 ? 3 : n >= 10 ? 2 : 1;
}

export function moveTo(y: i32, x: i32): void {
  if (curRow == y) {
    if (curCol == x) return;
    csi();
    const forward = x - curCol;
    if (curCol >= 0 && forward > 0 && (forward == 1 || digits(forward) < digits(x + 1))) {
      if (forward > 1) number(forward);
      put(0x43); // C
    } else if (curCol >= 0 && forward < 0 && (forward == -1 || digits(-forward) < digits(x + 1))) {
      if (forward < -1) number(-forward);
      put(0x44); // D
    } else {
      if (x > 0) number(x + 1);
      put(0x47); // G
    }
  } else {
    csi();
    if (curRow >= 0 && curCol == x) {
      if (y == curRow + 1) put(0x42); // B
      else if (y == curRow - 1) put(0x41); // A
      else {
        number(y + 1);
        put(0x64); // d
      }
    } else {
      if (y > 0 || x > 0) number(y + 1);
      if (x > 0) {
        put(0x3b);
        number(x + 1);
      }
      put(0x48); // H
    }
  }
  curRow = y;
  curCol = x;
}

export function closeLink(): void {
  // ESC ] 8 ; ; ESC backslash
  store<u32>(o, 0x3b385d1b);
  store<u16>(o + 4, 0x1b3b);
  store<u8>(o + 6, 0x5c);
  o += 7;
}

export function plainStyle(): void {
  if ((sgrFg | sgrBg | sgrAttrs) != 0) {
    put3(0x6d5b1b);
    sgrFg = sgrBg = sgrAttrs = 0;
  }
  if (link != 0) {
    closeLink();
    link = 0;
  }
}

export function colour(value: u32, background: bool): void {
  if (value == 0) {
    put(background ? 0x34 : 0x33);
    put(0x39);
  } else if (value & COLOUR_PALETTE) {
    const n = <i32>(value & 0xff);
    if (n < 8) {
      put(background ? 0x34 : 0x33);
      put(0x30 + n);
    } else if (n < 16) {
      number((background ? 100 : 90) + n - 8);
    } else {
      put(background ? 0x34 : 0x33);
      store<u32>(o, 0x3b353b38); // 8;5;
      o += 4;
      number(n);
    }
  } else {
    put(background ? 0x34 : 0x33);
    store<u32>(o, 0x3b323b38); // 8;2;
    o += 4;
    number((value >> 16) & 0xff);
    put(0x3b);
    number((value >> 8) & 0xff);
    put(0x3b);
    number(value & 0xff);
  }
  put(0x3b);
}

/** Codes that switch attributes on: 1 2 3 4 5 7 8 9, in the order of the bits. */
export function attributesOn(bits: u32): void {
  for (let i = 0; i < 8; i++) {
    if (bits & (1 << i)) {
      put(i < 5 ? 0x31 + i : 0x32 + i);
      put(0x3b);
    }
  }
}

export function attributesOff(bits: u32): void {
  if (bits & 3) { put(0x32); put(0x32); put(0x3b); }
  for (let i = 2; i < 8; i++) {
    if (bits & (1 << i)) {
      put(0x32);
      put(i < 5 ? 0x31 + i : 0x32 + i);
      put(0x3b);
    }
  }
}

/** Underline, inverse, strike: what shows on a space. */
const ON_SPACE: u32 = 0xa8;

/** True for a space that looks the same in the style that is set: colour, bold and the like do not show on it. */
// @ts-ignore: decorator
@inline
export function spaceFits(cell: usize): bool {
  const word = load<u32>(cell, 12);
  return load<u32>(cell) == 0x20 && load<u32>(cell, 8) == sgrBg && ((word | sgrAttrs) & (ON_SPACE | CELL_UNSURE)) == 0 && word >> LINK_SHIFT == link;
}

export function styleTo(fg: u32, bg: u32, word: u32): void {
  const attrs = word & 0xff;
  const wanted = word >> LINK_SHIFT;
  if (fg != sgrFg || bg != sgrBg || attrs != sgrAttrs) {
    csi();
    if ((fg | bg | attrs) == 0) put(0x6d);
    else {
      const off = sgrAttrs & ~attrs;
      let fgNow = sgrFg;
      let bgNow = sgrBg;
      let on = attrs & ~sgrAttrs;
      // Two or more things to take back: a reset and all anew is shorter.
      const back = popcnt(off) + (fg == 0 && sgrFg != 0 ? 1 : 0) + (bg == 0 && sgrBg != 0 ? 1 : 0);
      if (back >= 2) {
        put(0x30);
        put(0x3b);
        fgNow = bgNow = 0;
        on = attrs;
      } else if (off != 0) {
        attributesOff(off);
        // 22 takes bold and dim back together.
        if (off & 3) on |= attrs & 3;
      }
      attributesOn(on);
      if (fg != fgNow) colour(fg, false);
      if (bg != bgNow) colour(bg, true);
      store<u8>(o - 1, 0x6d); // the last semicolon becomes m
    }
    sgrFg = fg;
    sgrBg = bg;
    sgrAttrs = attrs;
  }
  if (wanted != link) {
    if (wanted == 0) closeLink();
    else {
      store<u32>(o, 0x3b385d1b);
      o += 4;
      put(0x3b);
      const slot: usize = <usize>LINKS + <usize>wanted * LINK_SLOT_BYTES;
      const length = <usize>load<u16>(slot);
      memory.copy(o, slot + 2, length);
      o += length;
      store<u16>(o, 0x5c1b);
      o += 2;
    }
    link = wanted;
  }
}

export function character(glyph: u32): void {
  if (glyph < 0x80) {
    put(glyph);
  } else if (glyph & <u32>GRAPHEME) {
    const slot: usize = <usize>GRAPHEMES + <usize>(glyph & 0xffff) * GRAPHEME_SLOT_BYTES;
    const length = <usize>load<u8>(slot);
    memory.copy(o, slot + 1, length);
    o += length;
  } else if (glyph < 0x800) {
    put(0xc0 | (glyph >> 6));
    put(0x80 | (glyph & 63));
  } else if (glyph < 0x10000) {
    put(0xe0 | (glyph >> 12));
    put(0x80 | ((glyph >> 6) & 63));
    put(0x80 | (glyph & 63));
  } else {
    put(0xf0 | (glyph >> 18));
    put(0x80 | ((glyph >> 12) & 63));
    put(0x80 | ((glyph >> 6) & 63));
    put(0x80 | (glyph & 63));
  }
}
