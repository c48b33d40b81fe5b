// Writes src/terminal/width-table.ts: one class for each code point, from the Unicode data inside this runtime.
//   node src/build/make-width-table.mjs
// What breaks graphemes is asked of Intl.Segmenter; properties come from regular expressions. East Asian Width has no
// property escape, so the wide blocks are listed here (UAX 11: W and F); test/terminal/width.test.ts compares every code
// point with string-width.
import fs from "node:fs";
import path from "node:path";

const narrow = 0;
const wide = 1;
const emoji = 2;
const complex = 3;
const dropped = 4;
const replaced = 5;

const wideRanges = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0x4dbf],
  [0x4dc0, 0x4dff],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1d300, 0x1d356],
  [0x1d360, 0x1d376],
  [0x1f200, 0x1f265],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];
/** These blocks are wide where nothing is assigned, too: a later Unicode version will fill them with ideographs. */
const wideUnassigned = [
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xf900, 0xfaff],
  [0x20000, 0x2fffd],
  [0x30000, 0x3fffd],
];
const within = (ranges, cp) => ranges.some(([from, to]) => cp >= from && cp <= to);

const assigned = /^[^\p{Cn}]$/u;
const emojiPresentation = /^\p{Emoji_Presentation}$/u;
const regional = /^\p{Regional_Indicator}$/u;
const ignorable = /^[\p{Default_Ignorable_Code_Point}\p{Cf}]$/u;
// Embeddings, overrides, isolates (they can show code in another order than it runs), separators, interlinear marks, C1, noncharacters.
const seen = /^(?:[\u202a-\u202e\u2066-\u2069\u2028\u2029\ufff9-\ufffb\u0080-\u009f]|\p{Noncharacter_Code_Point})$/u;
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const count = (text) => [...segmenter.segment(text)].length;

function classOf(cp) {
  if (cp >= 0xd800 && cp <= 0xdfff) return replaced;
  const c = String.fromCodePoint(cp);
  if (cp < 0x7f) return narrow; // controls are handled before the table is asked
  if (seen.test(c) || cp === 0x7f) return replaced;
  // Variation selectors, tags and joiners belong to a cluster, and so do marks, jamo and flags.
  if (count(`a${c}a`) !== 3 || count(c + c) !== 2) return complex;
  if (ignorable.test(c)) return dropped;
  if (emojiPresentation.test(c) && !regional.test(c)) return emoji;
  if (within(wideRanges, cp) && (assigned.test(c) || within(wideUnassigned, cp))) return wide;
  return narrow;
}

const runs = [];
let previous = -1;
let start = 0;
for (let cp = 0; cp <= 0x110000; cp++) {
  const now = cp === 0x110000 ? -2 : classOf(cp);
  if (now === previous) continue;
  if (cp > 0) runs.push([cp - start, previous]);
  previous = now;
  start = cp;
}
const text = runs.map(([length, kind]) => length.toString(36) + "ABCDEF"[kind]).join("");
const lines = text
  .match(/.{1,130}/g)
  .map((line) => `  "${line}"`)
  .join(" +\n");
const out = path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), "../terminal/width-table.ts");
fs.writeFileSync(
  out,
  `// Made by src/build/make-width-table.mjs from Unicode ${process.versions.unicode}; do not edit. Runs over all code points: length in base 36, then
// A narrow, B wide, C emoji (wide; terminals disagree), D joins its neighbours, E dropped, F shown as U+FFFD.
export const widthRuns: string =
${lines};
`,
);
console.log(`${runs.length} runs, ${text.length} characters`);
