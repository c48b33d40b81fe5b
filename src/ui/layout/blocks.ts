import { Lexer, type Token, type Tokens } from "marked";
import type { Style } from "../../contracts/view.ts";
import { languageOf } from "../code/languages.ts";
import type { Theme } from "../theme/index.ts";
import { codeLines } from "./code-lines.ts";
import { inlineRuns } from "./inline.ts";
import { blank, clipLine, indented, type Line, line, prefixed, span } from "./line.ts";
import { widthOf } from "./measure.ts";
import { tableLines } from "./table.ts";
import { wrap } from "./wrap.ts";

/** Nesting deeper than this is shown flat: columns run out before, and a hostile text must not exhaust the stack. */
const depthMax = 8;
/** A list or quote that would narrow its content below this is not indented. */
export const contentColumnsMin = 10;

/** Lines of one chunk of markdown (no fence at its top level; those are laid out by the line). */
export function markdownLines(source: string, width: number, theme: Theme, base: Style = theme.text): Line[] {
  let tokens: Token[];
  try {
    tokens = Lexer.lex(deepNesting.test(source) ? source.replace(deepNesting, "> ") : source, { gfm: true });
  } catch {
    return wrap([{ text: source, style: base }], width); // the lexer gives up on pathological nesting; the text is still shown
  }
  const lines = blockLines(tokens, width, theme, base, 0);
  // Definitions and empty shells show nothing; the text itself is better than a hole.
  return lines.length > 0 || source.trim() === "" ? lines : wrap([{ text: source.trim().slice(0, 1_000), style: theme.muted }], width);
}

const deepNesting = /^(?:[ \t]*>){12,}/gm;

function blockLines(tokens: readonly Token[], width: number, theme: Theme, base: Style, depth: number): Line[] {
  const out: Line[] = [];
  let previous = "";
  for (const token of tokens) {
    if (token.type === "space" || token.type === "def") continue;
    const lines = tokenLines(token, width, theme, base, depth);
    if (lines.length === 0) continue;
    // In a tight list item the nested list follows its text directly.
    if (out.length > 0 && !(previous === "text" && token.type === "list")) out.push(blank);
    out.push(...lines);
    previous = token.type;
  }
  return out;
}

function tokenLines(token: Token, width: number, theme: Theme, base: Style, depth: number): Line[] {
  if (depth > depthMax) return wrap([{ text: token.raw.trimEnd(), style: base }], width);
  switch (token.type) {
    case "heading": {
      const { depth: level, tokens } = token as Tokens.Heading;
      const style = level <= 2 ? theme.markdown.heading : theme.markdown.heading2;
      return wrap([{ text: `${"#".repeat(level)} `, style }, ...inlineRuns(tokens, style, theme)], width);
    }
    case "hr":
      return [line(span("─".repeat(Math.min(width, 40)), theme.markdown.rule))];
    case "list":
      return listLines(token as Tokens.List, width, theme, base, depth);
    case "blockquote": {
      const narrow = width - 2 < contentColumnsMin;
      const { tokens } = token as Tokens.Blockquote;
      const inner = blockLines(tokens, narrow ? width : width - 2, theme, theme.markdown.quote, depth + 1);
      if (narrow) return inner;
      const bar = span("│ ", theme.markdown.bullet);
      return inner.map((each) => prefixed(bar, each));
    }
    case "code":
      return fencedLines((token as Tokens.Code).text, (token as Tokens.Code).lang ?? "", width, theme);
    case "table":
      return tableLines(token as Tokens.Table, width, theme);
    case "html":
      return wrap([{ text: token.raw.trimEnd(), style: theme.muted }], width);
    default: {
      const { tokens } = token as Tokens.Paragraph;
      const runs = tokens ? inlineRuns(tokens, base, theme) : [{ text: token.raw.trimEnd(), style: base }];
      return wrap(runs, width);
    }
  }
}

/** A code block: two columns in, coloured. */
function fencedLines(text: string, info: string, width: number, theme: Theme): Line[] {
  return codeLines(text, languageOf(info), Math.max(1, width - 2), theme).map((each) => indented(2, each));
}

function listLines(token: Tokens.List, width: number, theme: Theme, base: Style, depth: number): Line[] {
  const first = typeof token.start === "number" ? token.start : 1;
  return token.items.flatMap((item, i) => {
    const mark = item.task ? (item.checked ? "☑ " : "☐ ") : token.ordered ? `${first + i}. ` : "• ";
    const lines = itemLines(item, mark, width, theme, base, depth);
    return token.loose && i > 0 ? [blank, ...lines] : lines;
  });
}

function itemLines(item: Tokens.ListItem, mark: string, width: number, theme: Theme, base: Style, depth: number): Line[] {
  const columns = widthOf(mark);
  // The lexer puts a checkbox token first in tasks; the mark shows it already.
  const tokens = item.tokens.filter((each) => each.type !== "checkbox").map(withoutCheckbox);
  const narrow = width - columns < contentColumnsMin;
  const inner = blockLines(tokens, narrow ? width : width - columns, theme, base, depth + 1);
  const bullet = span(mark, theme.markdown.bullet);
  if (narrow) return [clipLine(line(bullet), width), ...inner];
  if (inner.length === 0) return [line(bullet)];
  return inner.map((each, i) => (i === 0 ? prefixed(bullet, each, true) : indented(columns, each)));
}

function withoutCheckbox(token: Token): Token {
  const inner = (token as Tokens.Paragraph).tokens;
  return inner?.some((each) => each.type === "checkbox")
    ? ({ ...token, tokens: inner.filter((each) => each.type !== "checkbox") } as Token)
    : token;
}

/** Lines of one top-level list item. `ordinal` is its number in its list. */
export function topItemLines(source: string, ordinal: number | undefined, width: number, theme: Theme, base: Style): Line[] {
  return markdownLines(ordinal === undefined ? source : source.replace(/^( ?)\d{1,9}/, `$1${ordinal}`), width, theme, base);
}
