// Writes two tables from the Unicode data inside this runtime:
//   src/terminal/width-table.ts    what must be known of each code point, as runs
//   assembly/tables/graphemes.ts   the same for the layout kernel, in two stages
//   node src/build/make-width-table.mjs
// What breaks graphemes is asked of Intl.Segmenter; properties come from regular expressions. East Asian Width has no
// property escape, so the wide blocks are listed here (UAX 11: W and F); test/terminal/width.test.ts compares every code
// point with string-width, test/kernels/layout.test.ts both tables with one another.
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

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const all = new Uint8Array(0x110000);
for (let cp = 0; cp < all.length; cp++) all[cp] = classOf(cp);

// Classes of UAX 29 as assembly/layout/cluster.ts numbers them. Emoji and Indic consonants are "other" with a flag.
const gcb = { other: 0, control: 1, extend: 2, zwj: 3, spacing: 4, prepend: 5, regional: 6, l: 7, v: 8, t: 9, lv: 10, lvt: 11 };
const conjunct = { none: 0, consonant: 1, linker: 2, extend: 3 };
const flag = {
  pictograph: 1 << 8,
  joins: 1 << 9,
  mark: 1 << 10,
  addsColumns: 1 << 11,
  leftOut: 1 << 12,
  tag: 1 << 13,
  modifier: 1 << 14,
  modifierBase: 1 << 15,
  unsafe: 1 << 16,
  emoji: 1 << 17,
  nonspacing: 1 << 18,
};

const graphemeExtend = /^[\p{Grapheme_Extend}\p{Emoji_Modifier}]$/u;
const zeroWidth = /^[\p{Mn}\p{Me}\u200c\u200d]$/u;
const mark = /^[\p{M}\u200c\u200d]$/u;
const spacing = /^[\p{Mc}\uff00-\uffef]$/u;
// What src/ui/layout/measure.ts makes visible before it lays out.
const unsafe = /^[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]$/u;

/** One code point does not break from `before`. */
const follows = (before, c) => count(before + c) === count(before);

function breakClass(cp, c) {
  // What shows nothing, or U+FFFD, stands alone on the screen, Hangul fillers and noncharacters too.
  if (/^\p{Cc}$/u.test(c) || all[cp] === dropped || all[cp] === replaced) return gcb.control;
  if (cp === 0x200d) return gcb.zwj;
  if (regional.test(c)) return gcb.regional;
  if (cp >= 0xac00 && cp <= 0xd7a3) return (cp - 0xac00) % 28 === 0 ? gcb.lv : gcb.lvt;
  if (all[cp] !== complex) return count(`${c}\u0301`) === 2 ? gcb.control : gcb.other;
  if (graphemeExtend.test(c) && follows("a", c)) return gcb.extend;
  if (follows("a", c)) return gcb.spacing;
  if (follows("\uac01", c)) return gcb.t;
  if (follows("\uac00", c)) return gcb.v;
  if (follows("\u1100", c)) return gcb.l;
  if (follows(c, "a")) return gcb.prepend;
  throw new Error(`U+${cp.toString(16)} joins its neighbours in a way that is not known here`);
}

const mayBeConsonant = /^[\p{Lo}]$/u;
const ka = "\u0915";
const virama = "\u094d";
function conjunctClass(cp, c, breaks) {
  if (breaks === gcb.extend || breaks === gcb.zwj) {
    if (count(ka + c + ka) === 1) return conjunct.linker;
    return count(ka + virama + c + ka) === 1 ? conjunct.extend : conjunct.none;
  }
  if (breaks !== gcb.other || all[cp] !== narrow || !mayBeConsonant.test(c)) return conjunct.none;
  return count(ka + virama + c) === 1 ? conjunct.consonant : conjunct.none;
}

function propertiesOf(cp) {
  if (cp >= 0xd800 && cp <= 0xdfff) return gcb.control | (1 << 6);
  const c = String.fromCodePoint(cp);
  const breaks = breakClass(cp, c);
  // The columns of the code point alone: marks have none of their own, leading jamo and skin tones two.
  let columns = 1;
  if (all[cp] === wide || all[cp] === emoji) columns = 2;
  else if (all[cp] === dropped || (all[cp] === complex && zeroWidth.test(c))) columns = 0;
  else if (breaks === gcb.l || /^\p{Emoji_Modifier}$/u.test(c)) columns = 2;
  const joiner = cp === 0x200c || cp === 0x200d || cp === 0xfe0e || cp === 0xfe0f;
  const inTags = cp >= 0xe0000 && cp <= 0xe0fff;
  let word = breaks | (conjunctClass(cp, c, breaks) << 4) | (columns << 6);
  if (/^\p{Extended_Pictographic}$/u.test(c)) word |= flag.pictograph;
  if (all[cp] === complex) word |= flag.joins;
  if (mark.test(c)) word |= flag.mark;
  if (spacing.test(c)) word |= flag.addsColumns;
  if (inTags || (!joiner && ignorable.test(c) && !(cp >= 0x1160 && cp <= 0x11a7))) word |= flag.leftOut;
  if (inTags && cp < 0xe0100) word |= flag.tag;
  if (/^\p{Emoji_Modifier}$/u.test(c)) word |= flag.modifier;
  if (/^\p{Emoji_Modifier_Base}$/u.test(c)) word |= flag.modifierBase;
  if (unsafe.test(c)) word |= flag.unsafe;
  if (all[cp] === emoji) word |= flag.emoji;
  if (/^\p{Mn}$/u.test(c) && !joiner) word |= flag.nonspacing;
  return word;
}

/** Blocks of 1 << shift code points, each once. */
function twoStages(ids, shift) {
  const known = new Map();
  const first = [];
  for (let at = 0; at < ids.length; at += 1 << shift) {
    const key = Buffer.from(ids.buffer, at, 1 << shift).toString("latin1");
    if (!known.has(key)) known.set(key, known.size);
    first.push(known.get(key));
  }
  return { first, second: Buffer.from([...known.keys()].join(""), "latin1") };
}

const known = new Map();
const ids = new Uint8Array(all.length);
for (let cp = 0; cp < ids.length; cp++) {
  const word = propertiesOf(cp);
  if (!known.has(word)) known.set(word, known.size);
  ids[cp] = known.get(word);
}
const words = [...known.keys()];
const list = (numbers) =>
  numbers
    .join(",")
    .match(/.{1,138}(?:,|$)/g)
    .join("\n");

function writeRuns() {
  // A length in base 36 ends with a character that is no digit of it.
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ!#%&()*+,-./:;<=>?@[]^_{|}~";
  if (words.length > letters.length) throw new Error("More kinds of code points than letters for them");
  let text = "";
  let start = 0;
  for (let cp = 1; cp <= ids.length; cp++) {
    if (cp < ids.length && ids[cp] === ids[start]) continue;
    text += (cp - start).toString(36) + letters[ids[start]];
    start = cp;
  }
  const lines = text
    .match(/.{1,130}/g)
    .map((line) => `  "${line}"`)
    .join(" +\n");
  fs.writeFileSync(
    path.join(here, "../terminal/width-table.ts"),
    `// Made by src/build/make-width-table.mjs from Unicode ${process.versions.unicode}; do not edit. Runs over all code points: length in base 36, then
// a letter for the kind; the properties of the kinds in the order of the letters, bits as in code-points.ts.
export const kindLetters = "${letters.slice(0, words.length)}";
// biome-ignore format: a table
export const kindProperties: readonly number[] = [
${list(words)}];
export const kindRuns: string =
${lines};
`,
  );
  console.log(`${text.length} characters of runs`);
}

function writeStages() {
  const shift = 8;
  const { first, second } = twoStages(ids, shift);
  if (Math.max(...first) > 255) throw new Error("A stage of the table does not fit into bytes any more");
  fs.writeFileSync(
    path.join(here, "../../assembly/tables/graphemes.ts"),
    `// Made by src/build/make-width-table.mjs from Unicode ${process.versions.unicode}; do not edit. What layout must know of a code point cp:
//   PROPERTIES[STAGE2[STAGE1[cp >> ${shift}] << ${shift} | cp & ${(1 << shift) - 1}]], one u32: bits as ../layout/cluster.ts names them.
// PLAIN is PROPERTIES for text whose controls are shown as pictures before it is laid out: those join nothing and take a column.
// Size: ${first.length} + ${second.length} + 2 x ${words.length * 4} bytes, a data segment of the module.
export const BLOCK_SHIFT = ${shift};
export const STAGE1 = memory.data<u8>([
${list(first)}]);
export const STAGE2 = memory.data<u8>([
${list([...second])}]);
export const PROPERTIES = memory.data<u32>([
${list(words)}]);
export const PLAIN = memory.data<u32>([
${list(words.map((word) => (word & flag.unsafe ? flag.unsafe | (1 << 6) : word)))}]);
`,
  );
  console.log(`${words.length} kinds, stages of ${first.length} and ${second.length} bytes`);
}

writeRuns();
fs.mkdirSync(path.join(here, "../../assembly/tables"), { recursive: true });
writeStages();
