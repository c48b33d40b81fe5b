// Widths for layout: those of the screen (terminal/width.ts), so that a line is as long here as it is there.
import { type Grapheme as Cluster, graphemeAt, stringWidth } from "../../terminal/width.ts";

const ascii = /^[\x20-\x7e]*$/;
// C0, DEL, C1, line separators, bidi controls, half pairs and the invisible tag characters: a copy must not carry them either.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]|[\u{e0000}-\u{e007f}]/gu;

/** `text` is the source's text of one grapheme; what shows nothing has width 0. */
export type Grapheme = { text: string; width: number };

/** Columns that `text` takes. */
export const widthOf: (text: string) => number = stringWidth;

/** The graphemes of `text` with their columns; their texts add up to it. */
export function graphemesOf(text: string): Grapheme[] {
  const all: Grapheme[] = [];
  if (ascii.test(text)) {
    for (let i = 0; i < text.length; i++) all.push({ text: text[i]!, width: 1 });
    return all;
  }
  const one: Cluster = { text: "", width: 0, unsure: false };
  for (let at = 0; at < text.length; ) {
    const next = graphemeAt(text, at, one);
    all.push({ text: text.slice(at, next), width: one.width });
    at = next;
  }
  return all;
}

/** Printable ASCII throughout: as many columns as characters. */
export const isPrintable = (text: string): boolean => ascii.test(text);

const anyUnsafe =
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]|[\u{e0000}-\u{e007f}]/u;
const printableLines = /^[\n\x20-\x7e]*$/;

/** No control but the line feed: cleanLines would change nothing. */
export const isClean = (text: string): boolean => printableLines.test(text) || !anyUnsafe.test(text);

/** The lines of `text` with tabs expanded, then clean. */
export function cleanLines(text: string): string {
  return text
    .split("\n")
    .map((each) => clean(expandTabs(each)))
    .join("\n");
}

/** Makes control characters visible: C0 as control pictures, the rest as U+FFFD. Lines must be split before. */
export function clean(text: string): string {
  if (ascii.test(text)) return text;
  return text.replace(unsafe, (char) => {
    const code = char.codePointAt(0)!;
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}

const tabColumns = 4;

/** Tabs become spaces up to the next multiple of four columns. */
export function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  let out = "";
  let col = 0;
  for (const piece of text.split(/(\t)/)) {
    const add = piece === "\t" ? " ".repeat(tabColumns - (col % tabColumns)) : piece;
    out += add;
    col += piece === "\t" ? add.length : widthOf(clean(piece));
  }
  return out;
}
