import type { KeyEvent, Modifiers } from "./events.ts";

export const plain: Modifiers = { ctrl: false, alt: false, shift: false, meta: false };

/** Final bytes of `CSI [1;mod] X` and `SS3 X`. */
export const finals: { readonly [final: string]: string } = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "begin",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

/** Keypad in application mode, SS3 only. */
export const keypad: { readonly [final: string]: string } = {
  M: "enter",
  j: "*",
  k: "+",
  l: ",",
  m: "-",
  n: ".",
  o: "/",
  p: "0",
  q: "1",
  r: "2",
  s: "3",
  t: "4",
  u: "5",
  v: "6",
  w: "7",
  x: "8",
  y: "9",
};

/** Numbers of `CSI n ~`. */
export const tildes: { readonly [number: number]: string } = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Code points of `CSI n u` that are not characters (kitty keyboard protocol). */
const kittyNames: { readonly [code: number]: string } = {
  9: "tab",
  13: "enter",
  27: "escape",
  32: "space",
  127: "backspace",
  57399: "0",
  57400: "1",
  57401: "2",
  57402: "3",
  57403: "4",
  57404: "5",
  57405: "6",
  57406: "7",
  57407: "8",
  57408: "9",
  57409: ".",
  57410: "/",
  57411: "*",
  57412: "-",
  57413: "+",
  57414: "enter",
  57415: "=",
  57417: "left",
  57418: "right",
  57419: "up",
  57420: "down",
  57421: "pageup",
  57422: "pagedown",
  57423: "home",
  57424: "end",
  57425: "insert",
  57426: "delete",
  57427: "begin",
};

/** The modifier parameter of xterm and kitty: a bit field plus one. Locks (64, 128) are not modifiers. */
export function modifiers(parameter: number): Modifiers {
  const bits = parameter > 0 ? parameter - 1 : 0;
  return { shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0, meta: (bits & (8 | 32)) !== 0 };
}

export function named(key: string, mods: Modifiers = plain): KeyEvent {
  return { type: "key", key, ...mods };
}

/** A character key. With ctrl, alt or meta it types nothing. */
export function character(char: string, mods: Modifiers = plain): KeyEvent {
  const key = char === " " ? "space" : char;
  if (mods.ctrl || mods.alt || mods.meta) return { type: "key", key, ...mods };
  return { type: "key", key, text: char, ...mods };
}

/** A key of `CSI code ; mods u`, or undefined for keys that are none of ours (lone modifiers, media keys). */
export function kittyKey(code: number, mods: Modifiers, text: string): KeyEvent | undefined {
  const name = kittyNames[code];
  if (name !== undefined) {
    const types = name.length === 1 ? name : name === "space" ? " " : undefined;
    return types === undefined ? named(name, mods) : character(types, mods);
  }
  if (code >= 57376 && code <= 57387) return named(`f${code - 57376 + 13}`, mods);
  // The private use area holds only function keys in this protocol.
  if (code < 32 || (code >= 57344 && code <= 63743) || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
  const base = String.fromCodePoint(code);
  const typed = text || (mods.shift ? base.toUpperCase() : base);
  if (mods.ctrl || mods.alt || mods.meta) return { type: "key", key: base, ...mods };
  return { type: "key", key: typed, text: typed, ...mods };
}

/** Keys of C0 control bytes and DEL. */
export function control(byte: number): KeyEvent {
  switch (byte) {
    case 0x00:
      return named("space", { ...plain, ctrl: true });
    // Terminals disagree whether backspace sends BS or DEL; nobody expects ctrl+h here.
    case 0x08:
    case 0x7f:
      return named("backspace");
    case 0x09:
      return named("tab");
    case 0x0d:
      return named("enter");
    default:
      return named(String.fromCharCode(byte < 0x1b ? byte + 0x60 : byte + 0x40), { ...plain, ctrl: true });
  }
}
