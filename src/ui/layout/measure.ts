// Widths for layout. Text that goes through `clean` holds nothing that a surface would drop, so both count the same columns.

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ascii = /^[\x20-\x7e]*$/;
// C0, DEL, C1, line separators, bidi controls and the invisible tag characters: never shown as themselves.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const wide = /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}])/u;
const zero = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

export type Grapheme = { text: string; width: number };

function graphemeWidth(text: string): number {
  if (zero.test(text)) return 0;
  if (text.includes("\ufe0f")) return 2;
  return wide.test(text) ? 2 : 1;
}

/** Columns that `text` takes. */
export function widthOf(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** The graphemes of `text` with their columns. */
export function graphemesOf(text: string): Grapheme[] {
  const all: Grapheme[] = [];
  if (ascii.test(text)) {
    for (let i = 0; i < text.length; i++) all.push({ text: text[i]!, width: 1 });
    return all;
  }
  for (const { segment } of segmenter.segment(text)) all.push({ text: segment, width: graphemeWidth(segment) });
  return all;
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
    col += piece === "\t" ? add.length : widthOf(piece);
  }
  return out;
}
