// Prose with `code` and **strong** words in it, alone or as an item of a list: what models write most, without a lexer (whose
// patterns cost ten times as much for the open block of a stream). Whatever could mean more to markdown is left to it.
import type { Style } from "../../contracts/view.ts";
import type { Theme } from "../theme/index.ts";
import { bold, onto, withAttrs } from "../theme/theme.ts";
import { contentColumnsMin } from "./blocks.ts";
import { clipLine, indented, type Line, prefixed, span } from "./line.ts";
import { isAddress, kindOf, letter } from "./prose.ts";
import { type Run, wrap } from "./wrap.ts";

const star = 0x2a;
const tick = 0x60;
const blank = 0x20;

/** `**` and what it encloses begin and end beside one of these, so that the rules about punctuation need not be asked. */
const isWordCode = (code: number): boolean => kindOf(code) === letter || (code >= 0x30 && code <= 0x39);

/** Index behind the prose that begins at `from`, or -1 when something there is not prose. It ends before * or `. */
function proseEnd(source: string, from: number): number {
  for (let at = from; at < source.length; at++) {
    const code = source.codePointAt(at)!;
    if (code === star || code === tick) return at;
    if (kindOf(code) === 0 || (code === blank && source.charCodeAt(at - 1) === blank)) return -1;
    if (code === 0x2e && isAddress(source, at)) return -1;
    if (code > 0xffff) at++;
  }
  return source.length;
}

/**
 * One line of prose as runs, equal to what the lexer would make of it.
 * @returns undefined when it is more than that
 */
export function simpleRuns(source: string, from: number, base: Style, theme: Theme): Run[] | undefined {
  const first = source.codePointAt(from);
  if (first === undefined || !(kindOf(first) === letter || first === star || first === tick)) return undefined;
  const runs: Run[] = [];
  let begun = from;
  let at = from;
  const prose = (end: number): void => {
    if (end > begun) runs.push({ text: source.slice(begun, end), style: base });
  };
  while (at < source.length) {
    const code = source.charCodeAt(at);
    if (code === tick) {
      const end = source.indexOf("`", at + 1);
      const text = source.slice(at + 1, end);
      // More than one backtick, blanks at the edges and entities have rules of their own; an open one is a letter for now.
      if (end < 0 || text === "" || /^ | $|[\n&]/.test(text) || source.charCodeAt(end + 1) === tick) return undefined;
      prose(at);
      runs.push({ text, style: withAttrs(onto(theme.markdown.code, base), base.attrs) });
      begun = at = end + 1;
    } else if (code === star) {
      const end = strongEnd(source, from, at);
      if (end < 0) return undefined;
      prose(at);
      runs.push({ text: source.slice(at + 2, end - 2), style: withAttrs(base, bold) });
      begun = at = end;
    } else {
      at = proseEnd(source, at);
      if (at < 0) return undefined;
    }
  }
  prose(source.length);
  return runs;
}

/** Index behind the closing ** of the strong words that begin at `at`, or -1 when they are not that simple. */
function strongEnd(source: string, from: number, at: number): number {
  if (source.charCodeAt(at + 1) !== star || (at > from && source.charCodeAt(at - 1) !== blank)) return -1;
  const close = proseEnd(source, at + 2);
  if (close < 0 || source.charCodeAt(close) !== star || source.charCodeAt(close + 1) !== star) return -1;
  if (!isWordCode(source.codePointAt(at + 2)!) || !isWordCode(source.charCodeAt(close - 1))) return -1;
  const behind = source.charCodeAt(close + 2);
  return Number.isNaN(behind) || (behind < 0x80 && behind !== star && behind !== tick && !isWordCode(behind)) ? close + 2 : -1;
}

const itemMark = /^(?:[-*+]|\d{1,9}[.)]) (?=\S)/;

/** Lines of a chunk of one line, a paragraph or a list's item, or undefined when the lexer must be asked. */
export function simpleLines(
  source: string,
  kind: "text" | "item",
  ordinal: number | undefined,
  width: number,
  theme: Theme,
  base: Style,
): Line[] | undefined {
  if (kind === "text") {
    const runs = simpleRuns(source, 0, base, theme);
    return runs && wrap(runs, width);
  }
  const mark = itemMark.exec(source)?.[0];
  const runs = mark === undefined ? undefined : simpleRuns(source, mark.length, base, theme);
  if (!runs) return undefined;
  const bullet = span(ordinal === undefined ? "• " : `${ordinal}. `, theme.markdown.bullet);
  if (width - bullet.width < contentColumnsMin) return [clipLine({ spans: [bullet], width: bullet.width }, width), ...wrap(runs, width)];
  return wrap(runs, width - bullet.width).map((each, i) => (i === 0 ? prefixed(bullet, each, true) : indented(bullet.width, each)));
}
