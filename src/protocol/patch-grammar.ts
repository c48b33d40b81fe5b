// The closed grammar of patches. The server sends bytes; the client checks each patch before it writes it, so that nothing
// upstream (a model, a tool's output, a file name, a hostile server) can make a terminal do more than show cells.
//
//   patch    = *( text / control )
//   text     = UTF-8 of what has a shape: no C0, C1, DEL, bidi control, line separator, invisible filler, tag, noncharacter
//   control  = CSI moves  A B C D G H d        CSI erase  J (0 1 2) K (0 1 2) X
//            / CSI edits  @ P L M S T b        CSI r      margins
//            / CSI m      0-9 21-29 30-49 90-107, 38 and 48 with 5;n or 2;r;g;b
//            / CSI ?25 h/l    CSI ?2026 h/l
//            / OSC 8 ; ; address ST            address empty, or http, https, file in printable ASCII
//            / CR LF                           inline mode: the one way into the terminal's own scrollback
//
// A patch leaves nothing behind but cells, the cursor and whether it shows: at its end margins are whole, style is plain, no
// link is open, synchronized output is off. Not in the grammar, on purpose: J 3 (erases scrollback), every other OSC, DCS,
// APC, PM, SOS, queries (they answer into the keyboard), other modes, charsets, tabs, cursor save and shape.

export type PatchCheck = { ok: true } | { ok: false /** byte offset of the first offence */; at: number; why: string };

/** Largest number in a control sequence: columns, rows, repetitions. More is a terminal's work for nothing. */
const numberMax = 999;
/** Numbers in one SGR: everything on and two RGB colours make 18. */
const numbersMax = 32;
const addressBytesMax = 1_024;
/** Sum over all repetitions of a patch: two fillings of the largest screen. */
const repeatedCellsMax = 200_000;

const fine: PatchCheck = { ok: true };
const numbers = new Uint16Array(numbersMax);

/** Whether a code point above U+007F may be shown. Everything refused is invisible, reorders text, or breaks lines. */
function shows(code: number): boolean {
  if (code < 0xa0) return false; // C1
  if (code < 0x61c) return code !== 0xad;
  if (code < 0x2000) return code !== 0x61c && code !== 0x180e;
  if (code < 0x2070) {
    if (code === 0x200b || code === 0x200e || code === 0x200f) return false;
    return !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2060 && code <= 0x206f);
  }
  if (code < 0xd800) return true;
  if (code <= 0xdfff) return false;
  if (code < 0xfff0) return code !== 0xfeff && !(code >= 0xfdd0 && code <= 0xfdef);
  if (code <= 0xffff) return code >= 0xfffc && code <= 0xfffd;
  if (code >= 0xe0000 && code <= 0xe0fff) return false; // tags and more selectors: text that nobody sees
  return (code & 0xfffe) !== 0xfffe;
}

/** SGR parameters are of the known kind; answers 1 when the style is plain after them, 0 when not, -1 when they are refused. */
function style(count: number): number {
  let plain = 0;
  for (let i = 0; i < count; i++) {
    const n = numbers[i]!;
    if (n === 0) plain = 1;
    else if (n === 38 || n === 48) {
      const kind = i + 1 < count ? numbers[i + 1]! : 0;
      const more = kind === 5 ? 1 : kind === 2 ? 3 : 0;
      if (more === 0 || i + 1 + more >= count) return -1;
      for (let k = 0; k < more; k++) if (numbers[i + 2 + k]! > 255) return -1;
      i += 1 + more;
      plain = 0;
    } else if ((n >= 1 && n <= 9) || (n >= 30 && n <= 47) || (n >= 90 && n <= 97) || (n >= 100 && n <= 107)) plain = 0;
    else if (!(n >= 21 && n <= 29) && n !== 39 && n !== 49) return -1;
    else if (n === 21) plain = 0; // double underline in most terminals
  }
  return plain;
}

/**
 * Checks a whole patch in one pass; allocates nothing when it is fine.
 * Budget: 1 GB/s of ASCII is not needed, 100 MB/s is plenty: a patch is a few hundred bytes.
 */
export function checkPatch(bytes: Uint8Array): PatchCheck {
  const length = bytes.length;
  let i = 0;
  let plain = true;
  let link = false;
  let margins = false;
  let sync = false;
  let repeated = 0;
  let shown = false; // a character came just before, so that REP has something to repeat

  while (i < length) {
    const b = bytes[i]!;
    if (b >= 0x20 && b < 0x7f) {
      i++;
      shown = true;
      continue;
    }
    const start = i;

    if (b >= 0xc2 && b <= 0xf4) {
      const more = b < 0xe0 ? 1 : b < 0xf0 ? 2 : 3;
      let code = b & (0x3f >> more);
      if (i + more >= length) return refused(start, "cut UTF-8");
      for (let k = 1; k <= more; k++) {
        const next = bytes[i + k]!;
        if ((next & 0xc0) !== 0x80) return refused(start, "no UTF-8");
        code = (code << 6) | (next & 0x3f);
      }
      if (code < (more === 1 ? 0x80 : more === 2 ? 0x800 : 0x10000) || code > 0x10ffff) return refused(start, "no UTF-8");
      if (!shows(code)) return refused(start, "a character that does not show");
      i += more + 1;
      shown = true;
      continue;
    }

    if (b === 0x0d) {
      if (bytes[i + 1] !== 0x0a) return refused(start, "a CR without LF");
      i += 2;
      shown = false;
      continue;
    }
    if (b !== 0x1b) return refused(start, b < 0x20 || b === 0x7f ? "a control character" : "no UTF-8");

    const kind = bytes[i + 1];
    if (kind === 0x5d) {
      // OSC 8 ; ; address ESC backslash
      if (bytes[i + 2] !== 0x38 || bytes[i + 3] !== 0x3b || bytes[i + 4] !== 0x3b) return refused(start, "an OSC other than a plain OSC 8");
      const from = i + 5;
      let to = from;
      while (to < length && bytes[to]! > 0x20 && bytes[to]! < 0x7f) to++;
      if (bytes[to] !== 0x1b || bytes[to + 1] !== 0x5c) return refused(start, "an OSC 8 that does not end in ST");
      if (to - from > addressBytesMax) return refused(start, "too long an address");
      if (to > from && !mayLink(bytes, from, to)) return refused(start, "an address other than http, https or file");
      link = to > from;
      i = to + 2;
      shown = false;
      continue;
    }
    if (kind !== 0x5b) return refused(start, "an escape sequence outside of the grammar");

    i += 2;
    const isPrivate = bytes[i] === 0x3f;
    if (isPrivate) i++;
    let count = 0;
    let digits = 0;
    let value = 0;
    for (; ; i++) {
      const c = bytes[i];
      if (c !== undefined && c >= 0x30 && c <= 0x39) {
        value = value * 10 + c - 0x30;
        digits++;
        if (digits > 4) return refused(start, "too large a number");
        continue;
      }
      if (c !== 0x3b && count === 0 && digits === 0) break;
      if (count === numbersMax) return refused(start, "too many numbers");
      numbers[count++] = value;
      if (c !== 0x3b) break;
      value = 0;
      digits = 0;
    }
    const final = bytes[i];
    if (final === undefined) return refused(start, "a cut control sequence");
    i++;
    const first = count > 0 ? numbers[0]! : 0;

    if (isPrivate) {
      if ((final !== 0x68 && final !== 0x6c) || count !== 1) return refused(start, "a private sequence outside of the grammar");
      if (first === 2026) sync = final === 0x68;
      else if (first !== 25) return refused(start, "a mode other than 25 and 2026");
      shown = false;
      continue;
    }
    if (final === 0x6d) {
      const after = count === 0 ? 1 : style(count);
      if (after < 0) return refused(start, "an SGR outside of the grammar");
      plain = after === 1 || (plain && undoes(count));
      // REP repeats the character before it whatever style came between: not relied upon, so not allowed.
      shown = false;
      continue;
    }
    for (let k = 0; k < count; k++) if (numbers[k]! > numberMax) return refused(start, "too large a number");
    switch (final) {
      case 0x48: // H
        if (count > 2) return refused(start, "too many numbers");
        break;
      case 0x72: // r
        if (count > 2) return refused(start, "too many numbers");
        margins = count > 0;
        break;
      case 0x4a: // J
      case 0x4b: // K
        if (count > 1 || first > 2) return refused(start, "an erase outside of the grammar");
        break;
      case 0x62: // b
        if (count > 1) return refused(start, "too many numbers");
        if (!shown) return refused(start, "a repetition of nothing");
        repeated += first;
        if (repeated > repeatedCellsMax) return refused(start, "too many repetitions");
        break;
      case 0x40: // @
      case 0x41: // A
      case 0x42: // B
      case 0x43: // C
      case 0x44: // D
      case 0x47: // G
      case 0x4c: // L
      case 0x4d: // M
      case 0x50: // P
      case 0x53: // S
      case 0x54: // T
      case 0x58: // X
      case 0x64: // d
        if (count > 1) return refused(start, "too many numbers");
        break;
      default:
        return refused(start, "a control sequence outside of the grammar");
    }
    shown = false;
  }

  if (margins) return refused(length, "margins are left behind");
  if (!plain) return refused(length, "a style is left behind");
  if (link) return refused(length, "a link is left open");
  if (sync) return refused(length, "synchronized output is left on");
  return fine;
}

function refused(at: number, why: string): PatchCheck {
  return { ok: false, at, why };
}

/** Only codes that take something back: a plain style stays plain. */
function undoes(count: number): boolean {
  for (let i = 0; i < count; i++) {
    const n = numbers[i]!;
    if (!((n >= 22 && n <= 29) || n === 39 || n === 49 || n === 0)) return false;
  }
  return true;
}

function startsWith(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from <= text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

function mayLink(bytes: Uint8Array, from: number, to: number): boolean {
  return startsWith(bytes, from, to, "https://") || startsWith(bytes, from, to, "http://") || startsWith(bytes, from, to, "file://");
}
