import { nestingMax } from "../limits.ts";

// The part of PowerShell that is judged: pipelines of commands with plain arguments. Everything else is refused.

export type Argument =
  /** `items`: the values of a list `a, b`; else one. */
  | { kind: "word"; text: string; quoted: boolean; items: string[] }
  | { kind: "parameter"; name: string }
  | { kind: "variable"; text: string }
  | { kind: "block"; text: string }
  | { kind: "pipeline"; body: Pipeline };
export type Element = { arguments: Argument[] };
export type Pipeline = { elements: Element[] };

export class Refusal extends Error {
  override readonly name = "Refusal";
}

const variable = /\$(?:env:[A-Za-z_]\w*|[A-Za-z_]\w*|_)(?:\.[A-Za-z_]\w*)*(?![\w:.[({])/y;
const bare = /[A-Za-z0-9_./\\:*?=+~%^-]+/y;
const property = /(?:\.[A-Za-z_]\w*)+(?![\w([{])/y;

export class Parser {
  readonly #source: string;
  #at = 0;
  readonly #edits: { start: number; end: number; text: string }[] = [];

  constructor(source: string) {
    this.#source = source;
  }

  /** @throws Refusal */
  script(): Pipeline[] {
    const pipelines: Pipeline[] = [];
    for (;;) {
      this.#take(/[\s;]*/y);
      if (this.#at >= this.#source.length) return pipelines;
      pipelines.push(this.#pipeline(0));
      this.#take(/[ \t]*/y);
      const rest = this.#source.slice(this.#at);
      if (rest === "" || /^[;\n]/.test(rest)) continue;
      if (!/^(&&|\|\|)/.test(rest)) throw new Refusal(`"${rest.slice(0, 10)}" is not understood`);
      this.#at += 2;
    }
  }

  /** The source as the other grammar can read it: it knows neither lists without quotes, nor `1MB`, nor `--name=value`. */
  forGrammar(): string {
    let text = "";
    let at = 0;
    for (const edit of this.#edits) {
      text += this.#source.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.#source.slice(at);
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source);
    if (match === null) return undefined;
    this.#at = pattern.lastIndex;
    return match[0];
  }

  #pipeline(depth: number): Pipeline {
    if (depth > nestingMax) throw new Refusal("it is nested too deeply");
    const elements = [this.#element(depth)];
    while (this.#take(/\s*\|(?!\|)\s*/y) !== undefined) elements.push(this.#element(depth));
    return { elements };
  }

  #element(depth: number): Element {
    const found: Argument[] = [];
    for (;;) {
      this.#take(/[ \t]*/y);
      if (this.#at >= this.#source.length || /[;\n|)]/.test(this.#source[this.#at]!)) break;
      if (this.#source.startsWith("&&", this.#at)) break;
      if (
        this.#take(/(?:[2-6*]?>\$null|[2-6]>&1)(?=[\s;|)]|$)/y) !== undefined ||
        this.#take(/(?:[2-6*]?> \$null)(?=[\s;|)]|$)/y) !== undefined
      )
        continue;
      found.push(this.#argument(depth));
      const next = this.#source[this.#at];
      if (next !== undefined && !/[\s;|)]/.test(next)) throw new Refusal(`"${next}" stands where it is not understood`);
    }
    if (found.length === 0) throw new Refusal("a command is missing");
    return { arguments: found };
  }

  #argument(depth: number): Argument {
    const char = this.#source[this.#at]!;
    if (char === "$") {
      const text = this.#take(variable);
      if (text === undefined) throw new Refusal("an expression with $ is not plain");
      return { kind: "variable", text };
    }
    if (char === "(") {
      this.#at++;
      const body = this.#pipeline(depth + 1);
      if (this.#take(/\s*\)/y) === undefined) throw new Refusal("a parenthesis is not closed");
      this.#take(property);
      return { kind: "pipeline", body };
    }
    if (char === "{") {
      const text = this.#take(/\{(?:[^{}'"`\n]|'[^'\n]*'|"[^"`$\n]*")*\}/y);
      if (text === undefined) throw new Refusal("a script block is not plain");
      this.#edits.push({ start: this.#at - text.length, end: this.#at, text: text.replace(/(\d)[kmgt]b\b/gi, "$1") });
      return { kind: "block", text: text.slice(1, -1).trim() };
    }
    const name = this.#take(/-[A-Za-z]\w*(?=[\s;|)]|$)/y);
    if (name !== undefined) return { kind: "parameter", name };
    return this.#word(char);
  }

  #word(char: string): Argument {
    const start = this.#at;
    const items: string[] = [];
    let quoted = false;
    do {
      const single = this.#take(/'(?:[^'\n]|'')*'/y);
      const double = single === undefined ? this.#take(/"[^"`$\n]*"/y) : undefined;
      const text = single?.slice(1, -1).replaceAll("''", "'") ?? double?.slice(1, -1) ?? this.#take(bare);
      if (text === undefined || text === "--%") throw new Refusal(`"${char}" is not understood, or a string is not plain`);
      quoted ||= single !== undefined || double !== undefined;
      items.push(text);
    } while (this.#take(/,[ \t]*/y) !== undefined);
    if (items.length > 1 || (!quoted && items[0]!.includes("="))) this.#edits.push({ start, end: this.#at, text: "'x'" });
    return { kind: "word", text: items.join(","), quoted, items };
  }
}
