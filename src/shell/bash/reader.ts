import { nestingMax } from "../limits.ts";
import { type Redirect, Refusal, type Simple, type Word } from "./ast.ts";
import type { Parser } from "./parser.ts";
import { literalText, readDoubleQuoted, readWord } from "./words.ts";

const operators = ["&>>", "<<<", "<<-", "&>", ">&", ">>", ">|", "<>", "<<", "<&", "<", ">"];

/** The text under the parser: blanks and comments, line ends with the here-documents behind them, words and redirects. */
export abstract class Reader {
  readonly source: string;
  position: number;
  readonly end: number;
  readonly depth: number;
  /** All simple commands met, also those of substitutions: shared with the parsers of these. */
  readonly seen: Simple[];
  #pending: { redirect: Redirect; delimiter: string; quoted: boolean; tabs: boolean }[] = [];

  constructor(source: string, position = 0, end = source.length, depth = 0, seen: Simple[] = []) {
    if (depth > nestingMax) throw new Refusal("it is nested too deeply");
    this.source = source;
    this.position = position;
    this.end = end;
    this.depth = depth;
    this.seen = seen;
  }

  /** A parser of a part of the source, one level deeper. */
  abstract inner(position: number, end: number): Parser;

  protected peek(offset = 0): string {
    const at = this.position + offset;
    return at < this.end ? this.source[at]! : "";
  }

  protected noPending(): void {
    if (this.#pending.length > 0) throw new Refusal("a here-document is not closed");
  }

  protected blanks(): void {
    for (;;) {
      const char = this.peek();
      if (char === " " || char === "\t") this.position++;
      else if (char === "\\" && this.peek(1) === "\n") this.position += 2;
      else if (char === "#") {
        while (this.position < this.end && this.peek() !== "\n") this.position++;
        return;
      } else return;
    }
  }

  protected newlines(): void {
    for (;;) {
      this.blanks();
      if (this.peek() !== "\n") return;
      this.newline();
    }
  }

  protected newline(): void {
    this.position++;
    let newlineAt: number | undefined;
    for (const { redirect, delimiter, quoted, tabs } of this.#pending.splice(0)) {
      const start = this.position;
      for (;;) {
        if (this.position >= this.end) throw new Refusal("a here-document is not closed");
        let stop = this.source.indexOf("\n", this.position);
        if (stop < 0 || stop > this.end) stop = this.end;
        let line = this.source.slice(this.position, stop);
        if (tabs) line = line.replace(/^\t+/, "");
        const bodyEnd = this.position;
        this.position = Math.min(stop + 1, this.end);
        if (line !== delimiter) continue;
        redirect.hereDocument = quoted ? [] : readDoubleQuoted(this.inner(start, bodyEnd), "");
        break;
      }
      newlineAt = this.source[this.position - 1] === "\n" ? this.position - 1 : this.position;
    }
    // The newline behind the last delimiter separates commands again.
    if (newlineAt !== undefined) this.position = newlineAt;
  }

  /** The unquoted literal that stands here as a whole word, if it could be a reserved word. */
  protected keyword(): string | undefined {
    const pattern = /[a-z]+|[{}!]|\[\[|\]\]/y;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match === null || pattern.lastIndex > this.end) return undefined;
    const next = pattern.lastIndex < this.end ? this.source[pattern.lastIndex]! : "";
    return next === "" || " \t\n;&|()<>".includes(next) ? match[0] : undefined;
  }

  protected expect(word: string): void {
    this.newlines();
    if (this.keyword() !== word) throw new Refusal(`"${word}" is missing`);
    this.position += word.length;
  }

  protected literal(what: string): string {
    const word = this.word();
    const text = word && literalText(word);
    if (text === undefined) throw new Refusal(`${what} is not a plain word`);
    return text;
  }

  protected redirects(): Redirect[] {
    const redirects: Redirect[] = [];
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (redirect === undefined) return redirects;
      redirects.push(redirect);
    }
  }

  protected redirect(): Redirect | undefined {
    const digits = /\d*/y;
    digits.lastIndex = this.position;
    const fd = digits.exec(this.source)![0];
    const at = this.position + fd.length;
    const operator = operators.find((o) => this.source.startsWith(o, at) && at + o.length <= this.end && !(fd !== "" && o.startsWith("&")));
    if (operator === undefined) return undefined;
    const behind = this.source[at + operator.length];
    if ((operator === "<" || operator === ">") && behind === "(") {
      if (operator === ">" || fd !== "") throw new Refusal("it writes to a process substitution");
      return undefined;
    }
    if ((operator === "<" || operator === ">") && behind === "&") throw new Refusal("a redirect is not understood");
    this.position = at + operator.length;
    this.blanks();
    const target = this.word();
    if (target === undefined) throw new Refusal("a redirect goes nowhere");
    const redirect: Redirect = { operator, fd, target };
    if (operator === "<<" || operator === "<<-") {
      const text = literalText(target, true);
      if (text === undefined || text === "" || /[\n\\]/.test(this.source.slice(target.start, target.end)))
        throw new Refusal("a here-document's delimiter is not a plain word");
      const quoted = target.parts.some((part) => part.kind === "text" && part.quoted);
      this.#pending.push({ redirect, delimiter: text, quoted, tabs: operator === "<<-" });
    }
    return redirect;
  }

  word(): Word | undefined {
    const word = readWord(this);
    if (word === undefined) return undefined;
    const next = this.peek();
    // `{fd}>file` opens a file under a number that a variable is to hold.
    if ((next === "<" || next === ">") && this.source[this.position - 1] === "}" && this.source[word.start] === "{")
      throw new Refusal("a redirect sets a variable");
    return word;
  }
}
