// Colours a terminal does not have become the nearest that it has, when they are painted: the diff sees what is shown.
import { colourPalette, colourRgb } from "../../contracts/view.ts";
import type { TerminalTraits } from "../../protocol/index.ts";

/** xterm's 16 colours; what a user's theme makes of them is not known. */
const ansi = [
  0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff,
  0xff00ff, 0x00ffff, 0xffffff,
];
const levels = [0, 95, 135, 175, 215, 255];

const level = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40)));

/** Weighted so that green counts most, as eyes do. */
function distance(a: number, b: number): number {
  const r = (a >> 16) - (b >> 16);
  const g = ((a >> 8) & 255) - ((b >> 8) & 255);
  const blue = (a & 255) - (b & 255);
  return 2 * r * r + 4 * g * g + 3 * blue * blue;
}

function paletteRgb(index: number): number {
  if (index < 16) return ansi[index]!;
  if (index >= 232) return (8 + (index - 232) * 10) * 0x10101;
  const n = index - 16;
  return (levels[Math.floor(n / 36)]! << 16) | (levels[Math.floor(n / 6) % 6]! << 8) | levels[n % 6]!;
}

function to256(rgb: number): number {
  const r = rgb >> 16;
  const g = (rgb >> 8) & 255;
  const b = rgb & 255;
  const cube = 16 + 36 * level(r) + 6 * level(g) + level(b);
  const grey = 232 + Math.max(0, Math.min(23, Math.round(((r + g + b) / 3 - 8) / 10)));
  return distance(rgb, paletteRgb(grey)) < distance(rgb, paletteRgb(cube)) ? grey : cube;
}

function to16(rgb: number): number {
  let best = 0;
  for (let i = 1; i < 16; i++) if (distance(rgb, ansi[i]!) < distance(rgb, ansi[best]!)) best = i;
  return best;
}

/** Colours that are remembered; a theme has some dozens. */
const cacheMax = 1_024;

/** Makes the function that turns a colour of a style into one that the terminal can show. */
export function colourMap(depth: TerminalTraits["colours"]): (colour: number) => number {
  if (depth === "none") return () => 0;
  const plain = (colour: number): number =>
    colour & colourRgb ? colourRgb | (colour & 0xffffff) : colour & colourPalette ? colourPalette | (colour & 255) : 0;
  if (depth === "true") return plain;
  const known = new Map<number, number>();
  return (colour) => {
    let found = known.get(colour);
    if (found === undefined) {
      found = plain(colour);
      if (found & colourRgb) found = colourPalette | (depth === "256" ? to256(found & 0xffffff) : to16(found & 0xffffff));
      else if (found & colourPalette && depth === "16" && (found & 255) > 15) found = colourPalette | to16(paletteRgb(found & 255));
      if (known.size >= cacheMax) known.clear();
      known.set(colour, found);
    }
    return found;
  };
}
