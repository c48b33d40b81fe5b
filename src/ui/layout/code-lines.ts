import type { Language } from "../code/languages.ts";
import { type CodeState, tokenizeLine } from "../code/tokenize.ts";
import type { Theme } from "../theme/index.ts";
import type { Line, Span } from "./line.ts";
import { clean, expandTabs, widthOf } from "./measure.ts";
import { wrapHard } from "./wrap.ts";

/** Coloured spans of one line of code, and the state for the next. */
export function codeSpans(
  text: string,
  language: Language | undefined,
  state: CodeState,
  theme: Theme,
): { spans: Span[]; state: CodeState } {
  const { tokens, state: next } = tokenizeLine(expandTabs(text), language, state);
  const spans = tokens.map((token) => {
    const shown = clean(token.text);
    return { text: shown, style: theme.code[token.kind], width: widthOf(shown) };
  });
  return { spans, state: next };
}

/** Lines of a whole piece of code. */
export function codeLines(text: string, language: Language | undefined, width: number, theme: Theme): Line[] {
  let state: CodeState = 0;
  return text.split("\n").flatMap((each) => {
    const coloured = codeSpans(each, language, state, theme);
    state = coloured.state;
    return wrapHard(coloured.spans, width);
  });
}
