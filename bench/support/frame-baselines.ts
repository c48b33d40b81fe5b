// How others bring a grid to a terminal, in TypeScript, over the same cells.
import { cols, rows } from "./frames.ts";

const encoder = new TextEncoder();
/** What both of them put around a frame: synchronized output, the cursor hidden and put back. */
const begin = "\x1b[?2026h\x1b[?25l";
const end = `\x1b[${rows - 2};3H\x1b[?25h\x1b[?2026l`;

const colour = (value: number, background: boolean): string => {
  const base = background ? 48 : 38;
  return value === 0 ? `\x1b[${base + 1}m` : `\x1b[${base};2;${(value >> 16) & 255};${(value >> 8) & 255};${value & 255}m`;
};
const attributes = (attrs: number): string => {
  let out = "";
  for (let bit = 0; bit < 8; bit++) if (attrs & (1 << bit)) out += `\x1b[${bit < 5 ? bit + 1 : bit + 2}m`;
  return out;
};

const styleCode = (fg: number, bg: number, attrs: number): string =>
  `\x1b[0m${fg === 0 ? "" : colour(fg, false)}${bg === 0 ? "" : colour(bg, true)}${attributes(attrs)}`;

/**
 * A stand-in for the loop of OpenTUI's renderer (Zig there, read in its source): every cell is compared; each run of changed cells
 * of one style begins with its position, foreground, background and attributes in full, and ends with a reset. No scroll is looked for.
 * `frugal`: the same comparison with a position at each run and a style only when it changes, as the better TypeScript ones do.
 */
export function cellDiff(previous: Uint32Array, next: Uint32Array, frugal = false): Uint8Array {
  let out = "";
  let at = 0;
  let fg = 0;
  let bg = 0;
  let attrs = 0;
  for (let row = 0; row < rows; row++) {
    let running = false;
    for (let col = 0; col < cols; col++, at += 4) {
      if (
        next[at] === previous[at] &&
        next[at + 1] === previous[at + 1] &&
        next[at + 2] === previous[at + 2] &&
        next[at + 3] === previous[at + 3]
      ) {
        if (running && !frugal) out += "\x1b[0m";
        running = false;
        continue;
      }
      const glyph = next[at]!;
      previous[at] = glyph;
      previous[at + 1] = next[at + 1]!;
      previous[at + 2] = next[at + 2]!;
      previous[at + 3] = next[at + 3]!;
      const restyled = next[at + 1] !== fg || next[at + 2] !== bg || (next[at + 3]! & 255) !== attrs;
      if (!running || restyled) {
        if (running && !frugal) out += "\x1b[0m";
        if (!running || !frugal) out += `\x1b[${row + 1};${col + 1}H`;
        running = true;
        fg = next[at + 1]!;
        bg = next[at + 2]!;
        attrs = next[at + 3]! & 255;
        if (!frugal) out += `${colour(fg, false)}${colour(bg, true)}${attributes(attrs)}`;
        else if (restyled) out += styleCode(fg, bg, attrs);
      }
      // The second half of a wide cell is written with its first.
      if (glyph !== 0) out += String.fromCodePoint(glyph);
    }
    if (running && !frugal) out += "\x1b[0m";
  }
  if (frugal && out !== "") out += "\x1b[0m";
  return out === "" ? new Uint8Array(0) : encoder.encode(begin + out + end);
}

/** As log-update and Ink since version 6: each row is built as a string, and rows whose string is another are written whole. */
export function lineDiff(previous: string[], next: Uint32Array): Uint8Array {
  let out = "";
  for (let row = 0; row < rows; row++) {
    let text = "";
    let fg = 0;
    let bg = 0;
    let attrs = 0;
    let stop = cols;
    for (; stop > 0; stop--) {
      const at = (row * cols + stop - 1) * 4;
      if (next[at] !== 32 || next[at + 2] !== 0 || next[at + 3] !== 0) break;
    }
    for (let col = 0; col < stop; col++) {
      const at = (row * cols + col) * 4;
      if (next[at + 1] !== fg || next[at + 2] !== bg || (next[at + 3]! & 255) !== attrs) {
        fg = next[at + 1]!;
        bg = next[at + 2]!;
        attrs = next[at + 3]! & 255;
        text += styleCode(fg, bg, attrs);
      }
      if (next[at] !== 0) text += String.fromCodePoint(next[at]!);
    }
    if (text === previous[row]) continue;
    previous[row] = text;
    out += `\x1b[${row + 1};1H${text}\x1b[0m${stop < cols ? "\x1b[K" : ""}`;
  }
  return out === "" ? new Uint8Array(0) : encoder.encode(begin + out + end);
}
