import { attr, colourPalette, colourRgb, type Style } from "../../contracts/view.ts";
import type { Theme } from "./theme.ts";

const basic = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
const attributes: Readonly<Record<string, number>> = {
  bold: attr.bold,
  dim: attr.dim,
  italic: attr.italic,
  underline: attr.underline,
  inverse: attr.inverse,
  strike: attr.strike,
};

/** `#rgb`, `#rrggbb`, a number of the palette (0 to 255), `red`, `bright-red`, or `default` for the terminal's own. */
function colour(word: string): number | undefined {
  if (word === "default") return 0;
  const hex = /^#(?:([0-9a-f])([0-9a-f])([0-9a-f])|([0-9a-f]{6}))$/i.exec(word);
  if (hex) return colourRgb | Number.parseInt(hex[4] ?? `${hex[1]}${hex[1]}${hex[2]}${hex[2]}${hex[3]}${hex[3]}`, 16);
  if (/^\d{1,3}$/.test(word)) return Number(word) > 255 ? undefined : colourPalette | Number(word);
  const bright = word.startsWith("bright-");
  const index = basic.indexOf(bright ? word.slice(7) : word);
  return index < 0 ? undefined : colourPalette | (index + (bright ? 8 : 0));
}

/** `[colour] [on colour] [bold dim italic underline inverse strike]`; undefined when a word is none of these. */
export function parseStyle(text: string): Style | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const style: Style = { fg: 0, bg: 0, attrs: 0 };
  let coloured = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const bit = Object.hasOwn(attributes, word) ? attributes[word]! : undefined;
    if (bit !== undefined) style.attrs |= bit;
    else if (word === "on") {
      const background = colour(words[++at] ?? "");
      if (background === undefined) return undefined;
      style.bg = background;
    } else {
      const foreground = colour(word);
      if (foreground === undefined || coloured) return undefined;
      coloured = true;
      style.fg = foreground;
    }
  }
  return words.length === 0 ? undefined : style;
}

/** A theme with the named styles in place of its own; names are as in `Theme`, groups with a dot ("diff.add"). */
export function restyled(base: Theme, styles: Readonly<Record<string, string>>): { theme: Theme; problems: string[] } {
  const theme = structuredClone(base);
  const problems: string[] = [];
  for (const [name, text] of Object.entries(styles)) {
    const [group, inner, more] = name.split(".");
    const target = (inner === undefined ? theme : (theme as Record<string, unknown>)[group!]) as Record<string, unknown> | undefined;
    const key = inner ?? group!;
    const known = more === undefined && target !== undefined && Object.hasOwn(target, key) && isStyle(target[key]);
    const style = known ? parseStyle(text) : undefined;
    if (!known) problems.push(`there is no style "${name}"`);
    else if (!style) problems.push(`"${text}" of ${name} is no style: say "#a78bfa on black bold", "bright-red" or "123"`);
    else target![key] = style;
  }
  return { theme, problems };
}

const isStyle = (value: unknown): boolean => typeof value === "object" && value !== null && "attrs" in value;
