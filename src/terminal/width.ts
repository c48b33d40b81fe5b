// How text becomes cells: graphemes (UAX 29) and the columns that each takes (UAX 11; emoji take two).
// The one sanitiser between untrusted text and the screen: what leaves here holds no control, no bidi control, no invisible
// run, so that text cannot move the cursor, reorder what is shown or hide in it.
// Fast path: printable ASCII costs a comparison a character; other single code points cost a table look-up; only what joins
// its neighbours (marks, joiners, jamo, flags) is taken apart, and remembered.
import { clusterEnd } from "./clusters.ts";
import { breaks, columnsOf, flag, propertiesOf } from "./code-points.ts";

/** UTF-8 bytes of one grapheme; the longest emoji sequence has 35, the rest of a longer one is dropped (stacked marks). */
export const graphemeBytesMax = 60;
/** Clusters that are remembered; text is painted again and again. */
const cacheMax = 2_048;

export type Grapheme = {
  /** What is shown: one or more code points, never a control. Empty: nothing is shown. */
  text: string;
  /** Columns: 0, 1 or 2. */
  width: number;
  /** Terminals disagree about its width: what follows must be addressed absolutely. */
  unsure: boolean;
};

const replacement = "\ufffd";
/** What is shown of a cluster, so long as it is remembered. */
const cache = new Map<string, Grapheme>();

const blackFlag = 0x1f3f4;
const nonJoiner = 0x200c;
const joiner = 0x200d;
const textStyle = 0xfe0e;
const emojiStyle = 0xfe0f;
const keycap = 0x20e3;
const dottedCircle = 0x25cc;

/** Drops what is invisible inside a cluster, keeps what shapes it: code points, at most graphemeBytesMax of UTF-8. */
function shownCodes(cluster: string): number[] {
  const codes: number[] = [];
  let bytes = 0;
  let hidden = false;
  for (const char of cluster) {
    const code = char.codePointAt(0)!;
    const properties = propertiesOf(code);
    if (properties & flag.leftOut) {
      // Tags spell text that nobody sees. After the black flag they name a region: the flag alone is shown then.
      if (properties & flag.tag && cluster.codePointAt(0) !== blackFlag) hidden = true;
      continue;
    }
    if (codes.length === 0) {
      if (code === joiner || code === nonJoiner || code === textStyle || code === emojiStyle) continue;
      if (properties & flag.mark) {
        // A mark without a base would change the cell before it.
        codes.push(dottedCircle);
        bytes = 3;
      }
    }
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (bytes > graphemeBytesMax - (hidden ? 3 : 0)) break;
    codes.push(code);
  }
  while (codes.at(-1) === joiner || codes.at(-1) === nonJoiner) codes.pop();
  return hidden && codes.length === 0 ? [0xfffd] : codes;
}

/** Sequences that are shown as one picture of two columns, whatever their parts are. */
function isPicture(codes: readonly number[]): boolean {
  const [first = 0, second = 0, third = 0] = codes;
  const properties = propertiesOf(first);
  const then = propertiesOf(second);
  if ((properties & breaks.mask) === breaks.regional) return (then & breaks.mask) === breaks.regional;
  if ((first >= 0x30 && first <= 0x39) || first === 0x23 || first === 0x2a)
    return second === keycap || (second === emojiStyle && third === keycap);
  if (properties & flag.pictograph && second === emojiStyle) return true;
  if (codes.length === 2 && properties & flag.modifierBase && then & flag.modifier) return true;
  return codes.includes(joiner) && codes.filter((code) => propertiesOf(code) & flag.pictograph).length >= 2;
}

function widthOfCodes(codes: readonly number[]): number {
  if (codes.length === 0) return 0;
  if (isPicture(codes)) return 2;
  let width = columnsOf(propertiesOf(codes[0]!));
  for (let i = 1; i < codes.length; i++) {
    const properties = propertiesOf(codes[i]!);
    if (properties & flag.addsColumns) width += columnsOf(properties);
  }
  return Math.min(2, Math.max(1, width));
}

/** Emoji, joined sequences and spacing marks are where terminals differ; letters with plain combining marks are not. */
const isUnsure = (codes: readonly number[]): boolean =>
  codes.some((code, i) => {
    const properties = propertiesOf(code);
    return i === 0 ? (properties & (flag.emoji | flag.joins)) !== 0 : !(properties & flag.nonspacing);
  });

/** Columns on a terminal that knows no clusters and gives each code point its own cells: how far such a one would run. */
export function widthWithoutClusters(text: string): number {
  let width = 0;
  for (const char of text) {
    const code = char.codePointAt(0)!;
    const properties = propertiesOf(code);
    width += (properties & breaks.mask) === breaks.regional ? 2 : code === keycap ? 1 : columnsOf(properties);
  }
  return width;
}

function joined(text: string, from: number, into: Grapheme): number {
  const end = clusterEnd(text, from);
  const key = text.slice(from, end);
  let found = cache.get(key);
  if (found === undefined) {
    const codes = shownCodes(key);
    found = { text: String.fromCodePoint(...codes), width: widthOfCodes(codes), unsure: isUnsure(codes) };
    if (cache.size >= cacheMax) cache.clear();
    cache.set(key, found);
  }
  into.text = found.text;
  into.width = found.width;
  into.unsure = found.unsure;
  return end;
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
    if (!(after >= 0x80) || !(propertiesOf(text.codePointAt(next)!) & flag.joins)) {
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
  const properties = propertiesOf(code);
  if ((properties & breaks.mask) === breaks.control) {
    into.width = columnsOf(properties);
    into.text = into.width === 0 ? "" : replacement;
    return next;
  }
  if (properties & flag.joins) return joined(text, from, into);
  const after = text.charCodeAt(next);
  if (after >= 0x80 && propertiesOf(text.codePointAt(next)!) & flag.joins) return joined(text, from, into);
  into.text = text.slice(from, next);
  into.width = columnsOf(properties);
  into.unsure = (properties & flag.emoji) !== 0;
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
