import type { Language } from "./languages.ts";

export type TokenKind = "plain" | "keyword" | "type" | "string" | "number" | "comment" | "name" | "punctuation";
export type Token = { text: string; kind: TokenKind };

/** What a line inherits from the one before: 0, or one more than the index of the open span in `Language.spans`. */
export type CodeState = number;

/** Longer lines are shown plain: minified files would cost more than their colours are worth. */
const lineCharsMax = 2_000;

const nameStart = /[\p{L}_]/u;
const nameChar = /[\p{L}\p{N}_]/u;
const digit = /[0-9]/;

class Scanner {
  readonly tokens: Token[] = [];
  at = 0;
  readonly text: string;
  readonly language: Language;
  constructor(text: string, language: Language) {
    this.text = text;
    this.language = language;
  }

  push(end: number, kind: TokenKind): void {
    if (end <= this.at) return;
    const text = this.text.slice(this.at, end);
    const last = this.tokens.at(-1);
    if (last && last.kind === kind) last.text += text;
    else this.tokens.push({ text, kind });
    this.at = end;
  }

  /** Takes text up to the close mark; answers whether it was there. */
  span(index: number, from: number): boolean {
    const { close, kind, escapes } = this.language.spans[index]!;
    let i = from;
    while (i < this.text.length) {
      if (escapes && this.text[i] === "\\") {
        i += 2;
      } else if (this.text.startsWith(close, i)) {
        this.push(i + close.length, kind);
        return true;
      } else i++;
    }
    this.push(this.text.length, kind);
    return false;
  }

  quoted(quote: string): void {
    let i = this.at + 1;
    while (i < this.text.length && this.text[i] !== quote) i += this.text[i] === "\\" ? 2 : 1;
    const end = Math.min(this.text.length, i + 1);
    this.push(end, this.language.keys && /^\s*[:=]/.test(this.text.slice(end, end + 4)) ? "name" : "string");
  }

  word(): void {
    let end = this.at + 1;
    while (end < this.text.length && (nameChar.test(this.text[end]!) || this.language.nameExtra.includes(this.text[end]!))) end++;
    const word = this.text.slice(this.at, end);
    const folded = this.language.foldCase ? word.toLowerCase() : word;
    const after = this.text.slice(end, end + 4);
    if (this.language.keys && /^\s*[:=]/.test(after)) this.push(end, "name");
    else if (this.language.keywords.has(folded)) this.push(end, "keyword");
    else if (this.language.types.has(folded)) this.push(end, "type");
    else if (/^\(|^::</.test(after) || word[0] === "$" || word[0] === "@") this.push(end, "name");
    else if (/^[A-Z][a-z]/.test(word)) this.push(end, "type");
    else this.push(end, "plain");
  }
}

/**
 * Colours one line. Pure: the same line and state give the same answer, so a stream of lines costs each line once.
 * @returns the tokens, whose texts add up to the line, and the state for the next line
 */
export function tokenizeLine(text: string, language: Language | undefined, state: CodeState): { tokens: Token[]; state: CodeState } {
  if (!language || text.length > lineCharsMax) return { tokens: text ? [{ text, kind: "plain" }] : [], state: language ? state : 0 };
  const scan = new Scanner(text, language);
  if (state > 0 && !scan.span(state - 1, 0)) return { tokens: scan.tokens, state };
  while (scan.at < text.length) {
    const char = text[scan.at]!;
    const commentAt = language.lineComments.some((mark) => text.startsWith(mark, scan.at));
    // A # or -- inside a word is no comment in shells and YAML.
    if (commentAt && (language.lineComments[0] === "//" || scan.at === 0 || /\s/.test(text[scan.at - 1]!))) {
      scan.push(text.length, "comment");
      break;
    }
    const index = language.spans.findIndex((each) => text.startsWith(each.open, scan.at));
    if (index >= 0) {
      if (!scan.span(index, scan.at + language.spans[index]!.open.length)) return { tokens: scan.tokens, state: index + 1 };
    } else if (language.quotes.includes(char)) {
      scan.quoted(char);
    } else if (nameStart.test(char) || (language.nameExtra.includes(char) && char !== "-" && char !== ".")) {
      scan.word();
    } else if (digit.test(char)) {
      let end = scan.at + 1;
      while (end < text.length && /[0-9a-fA-FxXoObB_.eEn]/.test(text[end]!)) end++;
      scan.push(end, "number");
    } else {
      scan.push(scan.at + 1, /\s/.test(char) ? "plain" : "punctuation");
    }
  }
  return { tokens: scan.tokens, state: 0 };
}
