// How text becomes cells: graphemes (UAX 29) and the columns that each takes (UAX 11; emoji take two).
// The one sanitiser between untrusted text and the screen: what leaves here holds no control, no bidi control, no invisible
// run, so that text cannot move the cursor, reorder what is shown or hide in it.
// Fast path: printable ASCII costs a comparison a character; other single code points cost a table look-up; only what joins
// its neighbours (marks, joiners, jamo, flags) asks Intl.Segmenter.
import { widthRuns } from "./width-table.ts";

/** Classes of a code point, as width-table.ts has them. */
const kindNarrow = 0;
const kindWide = 1;
const kindEmoji = 2;
const kindComplex = 3;
const kindDropped = 4;
const kindReplaced = 5;

/** UTF-8 bytes of one grapheme; the longest emoji sequence has 35, the rest of a longer one is dropped (stacked marks). */
export const graphemeBytesMax = 60;
/** UTF-16 units looked at to find the end of one grapheme. */
const clusterUnitsMax = 64;
/** Found clusters that are remembered; text is painted again and again. */
const cacheMax = 2_048;

export type Grapheme = {
  /** What is shown: one or more code points, never a control. Empty: nothing is shown. */
  text: string;
  /** Columns: 0, 1 or 2. */
  width: number;
  /** Terminals disagree about its width: what follows must be addressed absolutely. */
  unsure: boolean;
};

let blocks: Uint16Array | undefined;
let classes: Uint8Array = new Uint8Array(0);

/** Names equal blocks alike. Most are of one class throughout, and telling that by a loop is what makes the table cheap. */
function keyOf(part: Uint8Array): string {
  const first = part[0]!;
  for (let i = 1; i < 256; i++) if (part[i] !== first) return String.fromCharCode(...part);
  return String.fromCharCode(first);
}

/** Two-stage table, made at first use (about 3 ms): start-up of an ASCII screen does not pay for it. */
function makeTable(): Uint16Array {
  const flat = new Uint8Array(0x110000);
  let at = 0;
  let length = 0;
  for (let i = 0; i < widthRuns.length; i++) {
    const c = widthRuns.charCodeAt(i);
    if (c >= 65 && c <= 70) {
      if (c !== 65) flat.fill(c - 65, at, at + length);
      at += length;
      length = 0;
    } else length = length * 36 + (c >= 97 ? c - 87 : c - 48);
  }
  const index = new Uint16Array(0x1100);
  const unique = new Map<string, number>();
  const parts: Uint8Array[] = [];
  for (let block = 0; block < 0x1100; block++) {
    const part = flat.subarray(block << 8, (block + 1) << 8);
    const key = keyOf(part);
    let n = unique.get(key);
    if (n === undefined) {
      n = parts.length;
      unique.set(key, n);
      parts.push(part);
    }
    index[block] = n;
  }
  classes = new Uint8Array(parts.length << 8);
  for (const [n, part] of parts.entries()) classes.set(part, n << 8);
  blocks = index;
  return index;
}

function classOf(code: number): number {
  const index = blocks ?? makeTable();
  return classes[(index[code >> 8]! << 8) | (code & 255)]!;
}

const replacement = "\ufffd";
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const cache = new Map<string, { units: number; text: string; width: number; unsure: boolean }>();

const rgiEmoji = /^\p{RGI_Emoji}$/v;
const pictographs = /\p{Extended_Pictographic}/gu;
const emojiStyle = /^\p{Extended_Pictographic}\ufe0f/u;
const regionalPair = /^\p{Regional_Indicator}{2}/u;
const keycap = /^[\d#*]\ufe0f?\u20e3/u;
const mark = /^[\p{M}\u200c\u200d]$/u;
const spacing = /^[\p{Mc}\uff00-\uffef]$/u;
const zeroWidth = /^[\p{Mn}\p{Me}\u200c\u200d]$/u;
const ignorable = /^[\p{Default_Ignorable_Code_Point}\p{Cf}]$/u;

/** Columns of one code point by the table; a mark has none of its own. */
function widthOfCode(code: number, char: string): number {
  const kind = classOf(code);
  if (kind === kindWide || kind === kindEmoji) return 2;
  if (kind !== kindComplex) return 1;
  if (zeroWidth.test(char)) return 0;
  if (code >= 0x1f3fb && code <= 0x1f3ff) return 2; // skin tones
  return (code >= 0x1100 && code <= 0x115f) || (code >= 0xa960 && code <= 0xa97c) ? 2 : 1; // leading jamo
}

/** Drops what is invisible inside a cluster, keeps what shapes it, and says its width. */
function clean(cluster: string): { text: string; width: number } {
  const flag = cluster.startsWith("\u{1f3f4}");
  let text = "";
  let bytes = 0;
  let width = 0;
  let hidden = false;
  for (const char of cluster) {
    const code = char.codePointAt(0)!;
    if (code >= 0xe0000 && code <= 0xe0fff) {
      // Tags spell text that nobody sees. After the black flag they name a region: the flag alone is shown then.
      if (!flag && code < 0xe0100) hidden = true;
      continue;
    }
    const joins = code === 0x200d || code === 0x200c || code === 0xfe0e || code === 0xfe0f;
    if (!joins && ignorable.test(char) && !(code >= 0x1160 && code <= 0x11a7)) continue;
    if (text === "") {
      if (joins) continue;
      if (mark.test(char)) {
        // A mark without a base would change the cell before it.
        text = "\u25cc";
        bytes = 3;
        width = 1;
      }
    }
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes + size > graphemeBytesMax - (hidden ? 3 : 0)) break;
    if (text === "") width = widthOfCode(code, char);
    else if (spacing.test(char)) width += widthOfCode(code, char);
    text += char;
    bytes += size;
  }
  while (text.endsWith("\u200d") || text.endsWith("\u200c")) text = text.slice(0, -1);
  if (hidden && text === "") return { text: replacement, width: 1 };
  if (text === "") return { text, width: 0 };
  if (rgiEmoji.test(text) || regionalPair.test(text) || keycap.test(text)) width = 2;
  else if (emojiStyle.test(text)) width = 2;
  else if (text.includes("\u200d") && (text.match(pictographs)?.length ?? 0) >= 2) width = 2;
  return { text, width: Math.min(2, Math.max(1, width)) };
}

/** Emoji, joined sequences and spacing marks are where terminals differ; letters with plain combining marks are not. */
function isUnsure(text: string): boolean {
  let first = true;
  for (const char of text) {
    if (first) {
      const kind = classOf(char.codePointAt(0)!);
      if (kind === kindEmoji || kind === kindComplex) return true;
      first = false;
    } else if (!/^\p{Mn}$/u.test(char) || char === "\ufe0f" || char === "\ufe0e") return true;
  }
  return false;
}

/** Columns on a terminal that knows no clusters and gives each code point its own cells: how far such a one would run. */
export function widthWithoutClusters(text: string): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    width += code >= 0x1f1e6 && code <= 0x1f1ff ? 2 : code === 0x20e3 ? 1 : widthOfCode(code, char);
  }
  return width;
}

function joined(text: string, from: number, into: Grapheme): number {
  const run = text.slice(from, from + clusterUnitsMax);
  // The run ends where two code points meet that join nothing.
  let end = 0;
  let free = false;
  while (end < run.length) {
    const code = run.codePointAt(end)!;
    const kind = code < 0x80 ? kindNarrow : classOf(code);
    const joins = kind === kindComplex;
    // What is shown as U+FFFD joins nothing here, a noncharacter behind a prefix neither.
    if (end > 0 && (kind === kindReplaced || kind === kindDropped)) break;
    if (free && !joins) break;
    free = !joins && end > 0;
    end += code > 0xffff ? 2 : 1;
  }
  const key = run.slice(0, end);
  let found = cache.get(key);
  if (found === undefined) {
    const cluster = segmenter.segment(key)[Symbol.iterator]().next().value?.segment ?? key;
    const { text: shown, width } = clean(cluster);
    found = { units: cluster.length, text: shown, width, unsure: isUnsure(shown) };
    if (cache.size >= cacheMax) cache.clear();
    cache.set(key, found);
  }
  into.text = found.text;
  into.width = found.width;
  into.unsure = found.unsure;
  let next = from + found.units;
  if (found.units >= clusterUnitsMax - 1) {
    // Marks stacked beyond any use: the rest of the pile is dropped, not shown alone.
    while (next < text.length) {
      const char = String.fromCodePoint(text.codePointAt(next)!);
      if (!mark.test(char)) break;
      next += char.length;
    }
  }
  return next;
}

/**
 * Reads the grapheme that begins at UTF-16 index `from` (a grapheme's beginning) into `into`.
 * Controls become their picture (ESC is shown as ␛), a tab one space, what reorders text U+FFFD; what is invisible gets
 * width 0 and no text.
 * @returns the index of the next grapheme
 */
export function graphemeAt(text: string, from: number, into: Grapheme): number {
  let code = text.charCodeAt(from);
  let next = from + 1;
  into.unsure = false;
  into.width = 1;
  if (code < 0x7f) {
    if (code < 0x20) {
      into.text = code === 9 ? " " : String.fromCharCode(0x2400 + code);
      return code === 13 && text.charCodeAt(next) === 10 ? next + 1 : next;
    }
    const after = text.charCodeAt(next);
    if (!(after >= 0x80) || classOf(text.codePointAt(next)!) !== kindComplex) {
      into.text = text[from]!;
      return next;
    }
    return joined(text, from, into);
  }
  if (code >= 0xd800 && code <= 0xdbff) {
    code = text.codePointAt(from)!;
    if (code > 0xffff) next++;
  }
  if (code === 0x7f) {
    into.text = "\u2421";
    return next;
  }
  const kind = classOf(code);
  if (kind === kindDropped) {
    into.text = "";
    into.width = 0;
    return next;
  }
  if (kind === kindReplaced) {
    into.text = replacement;
    return next;
  }
  if (kind === kindComplex) return joined(text, from, into);
  const after = text.charCodeAt(next);
  if (after >= 0x80 && classOf(text.codePointAt(next)!) === kindComplex) return joined(text, from, into);
  into.text = text.slice(from, next);
  if (kind !== kindNarrow) into.width = 2;
  into.unsure = kind === kindEmoji;
  return next;
}

/** The graphemes of a text as they are shown (see graphemeAt); those that show nothing are left out. */
export function* graphemes(text: string): Generator<Grapheme, void, undefined> {
  for (let at = 0; at < text.length; ) {
    const one: Grapheme = { text: "", width: 0, unsure: false };
    at = graphemeAt(text, at, one);
    if (one.text !== "") yield one;
  }
}

const printable = /^[\x20-\x7e]*$/;
const scratch: Grapheme = { text: "", width: 0, unsure: false };

/** Columns that a text takes in one line. Escape sequences are text here: ESC takes a column like any control. */
export function stringWidth(text: string): number {
  if (printable.test(text)) return text.length;
  let width = 0;
  for (let at = 0; at < text.length; ) {
    at = graphemeAt(text, at, scratch);
    width += scratch.width;
  }
  return width;
}

/**
 * The text if it fits `cols` columns, else its beginning with `ellipsis` (default …) at the end, together at most `cols`.
 * A wide grapheme is never cut; the result can be a column short. Controls stay as they were: painting makes them visible.
 */
export function truncate(text: string, cols: number, ellipsis = "…"): string {
  if (text.length <= cols && printable.test(text)) return text;
  const room = cols - stringWidth(ellipsis);
  let width = 0;
  let cut = 0;
  for (let at = 0; at < text.length; ) {
    at = graphemeAt(text, at, scratch);
    width += scratch.width;
    if (width <= room) cut = at;
    if (width > cols) return room < 0 ? "" : text.slice(0, cut) + ellipsis;
  }
  return text;
}

/** UTF-16 index at which column `col` begins, or the text's length: for clicks and vertical cursor moves. */
export function indexAtColumn(text: string, col: number): number {
  let width = 0;
  for (let at = 0; at < text.length; ) {
    const next = graphemeAt(text, at, scratch);
    if (width + scratch.width > col) return at;
    width += scratch.width;
    at = next;
  }
  return text.length;
}
