import { commandsMax, nestingMax } from "../limits.ts";
import { type Assignment, type Chain, type Command, type List, type Pipeline, Refusal, type Simple, type Word } from "./ast.ts";
import { Reader } from "./reader.ts";
import { literalText } from "./words.ts";

// A strict parser for the part of bash that is judged. What it does not know it refuses; it never guesses. Its result counts only
// when tree-sitter's grammar, written by others, sees the same commands with the same words (agreement.ts).

const reserved = new Set(["then", "do", "done", "fi", "else", "elif", "esac", "in", "}", "]]"]);
const refused = new Set(["function", "select", "coproc"]);
/** Builtins whose arguments are parsed by other rules than words of commands. */
const declarations = new Set(["declare", "typeset", "export", "readonly", "local", "unset", "let", "alias", "eval"]);
const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

export class Parser extends Reader {
  /** The whole source. @throws Refusal */
  script(): List {
    const list = this.#list([]);
    if (this.position < this.end) throw new Refusal(`"${this.peek()}" stands where no command can`);
    this.noPending();
    return list;
  }

  /** A substitution's commands, from behind its parenthesis to behind the closing one. */
  substitution(): List {
    const list = this.#list([]);
    if (this.peek() !== ")") throw new Refusal("a substitution is not closed");
    this.noPending();
    this.position++;
    return list;
  }

  override inner(position: number, end: number): Parser {
    return new Parser(this.source, position, end, this.depth + 1, this.seen);
  }

  /** Chains up to a reserved word of `stops`, a closing parenthesis, `;;` or the end. */
  #list(stops: readonly string[]): List {
    const chains: Chain[] = [];
    this.newlines();
    for (;;) {
      const char = this.peek();
      if (char === "" || char === ")") break;
      if (char === ";" && this.peek(1) === ";") break;
      const word = this.keyword();
      if (word !== undefined && stops.includes(word)) break;
      chains.push(this.#chain());
      this.blanks();
      if (this.peek() === ";") {
        if (this.peek(1) === ";") break;
        this.position++;
      } else if (this.peek() === "&") throw new Refusal("it starts something in the background");
      else if (this.peek() === "\n") this.newline();
      else break;
      this.newlines();
    }
    return { chains };
  }

  #body(stops: readonly string[]): List {
    const list = this.#list(stops);
    if (list.chains.length === 0) throw new Refusal("a block is empty");
    return list;
  }

  #chain(): Chain {
    const chain: Chain = { pipelines: [this.#pipeline()], operators: [] };
    for (;;) {
      this.blanks();
      const two = this.peek() + this.peek(1);
      if (two !== "&&" && two !== "||") return chain;
      this.position += 2;
      this.newlines();
      chain.operators.push(two);
      chain.pipelines.push(this.#pipeline());
    }
  }

  #pipeline(): Pipeline {
    let negated = false;
    this.blanks();
    if (this.keyword() === "!") {
      this.position++;
      this.blanks();
      negated = true;
    }
    const commands = [this.#command()];
    for (;;) {
      this.blanks();
      if (this.peek() !== "|" || this.peek(1) === "|") return { negated, commands };
      this.position += this.peek(1) === "&" ? 2 : 1;
      this.newlines();
      commands.push(this.#command());
    }
  }

  #command(): Command {
    if (this.peek() === "(") {
      if (this.peek(1) === "(") throw new Refusal("it computes with (( ))");
      const body = new Parser(this.source, this.position + 1, this.end, this.depth + 1, this.seen);
      const list = body.substitution();
      if (list.chains.length === 0) throw new Refusal("a group is empty");
      this.position = body.position;
      return { kind: "group", subshell: true, body: list, redirects: this.redirects() };
    }
    const word = this.keyword();
    if (word === undefined) return this.#simple();
    if (reserved.has(word) || word === "!" || refused.has(word)) throw new Refusal(`"${word}" stands where it is not understood`);
    if (!["{", "[[", "for", "while", "until", "if", "case"].includes(word)) return this.#simple();
    if (this.depth + 1 > nestingMax) throw new Refusal("it is nested too deeply");
    this.position += word.length;
    switch (word) {
      case "{": {
        const body = this.#body(["}"]);
        this.expect("}");
        return { kind: "group", subshell: false, body, redirects: this.redirects() };
      }
      case "[[":
        return this.#test();
      case "for":
        return this.#for();
      case "while":
      case "until": {
        const condition = this.#body(["do"]);
        this.expect("do");
        const body = this.#body(["done"]);
        this.expect("done");
        return { kind: "while", condition, body, redirects: this.redirects() };
      }
      case "if":
        return this.#if();
      default:
        return this.#case();
    }
  }

  #for(): Command {
    this.blanks();
    const variable = this.literal("a loop's variable");
    if (!name.test(variable)) throw new Refusal("a loop's variable has no plain name");
    this.newlines();
    if (this.keyword() !== "in") throw new Refusal("a loop runs over arguments");
    this.position += 2;
    const words: Word[] = [];
    for (;;) {
      this.blanks();
      if (this.peek() === ";" || this.peek() === "\n") break;
      const word = this.word();
      if (word === undefined) throw new Refusal("a loop's list is not understood");
      words.push(word);
    }
    if (this.peek() === ";") this.position++;
    this.expect("do");
    const body = this.#body(["done"]);
    this.expect("done");
    return { kind: "for", name: variable, words, body, redirects: this.redirects() };
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = [];
    let otherwise: List | undefined;
    for (;;) {
      const condition = this.#body(["then"]);
      this.expect("then");
      branches.push({ condition, body: this.#body(["elif", "else", "fi"]) });
      const word = this.keyword();
      if (word === "elif") {
        this.position += 4;
        continue;
      }
      if (word === "else") {
        this.position += 4;
        otherwise = this.#body(["fi"]);
      }
      this.expect("fi");
      return { kind: "if", branches, ...(otherwise && { otherwise }), redirects: this.redirects() };
    }
  }

  #case(): Command {
    this.blanks();
    const subject = this.word();
    if (subject === undefined) throw new Refusal("a case has no subject");
    this.expect("in");
    const arms: { patterns: Word[]; body: List }[] = [];
    for (;;) {
      this.newlines();
      if (this.keyword() === "esac") break;
      if (this.peek() === "(") this.position++;
      const patterns: Word[] = [];
      for (;;) {
        this.blanks();
        const pattern = this.word();
        if (pattern === undefined) throw new Refusal("a case's pattern is not understood");
        patterns.push(pattern);
        this.blanks();
        if (this.peek() === ")") break;
        if (this.peek() !== "|") throw new Refusal("a case's pattern is not understood");
        this.position++;
      }
      this.position++;
      const body = this.#list(["esac"]);
      arms.push({ patterns, body });
      this.newlines();
      if (this.peek() === ";" && this.peek(1) === ";" && this.peek(2) !== "&") this.position += 2;
      else if (this.keyword() !== "esac") throw new Refusal("a case's arm does not end");
    }
    this.expect("esac");
    return { kind: "case", subject, arms, redirects: this.redirects() };
  }

  #test(): Command {
    const tokens: (Word | string)[] = [];
    for (;;) {
      this.blanks();
      if (this.peek() === "\n" || this.peek() === "") throw new Refusal("a test goes over lines");
      if (this.keyword() === "]]") break;
      const two = this.peek() + this.peek(1);
      if (two === "&&" || two === "||") {
        tokens.push(two);
        this.position += 2;
        continue;
      }
      const before = tokens.at(-1);
      if (typeof before === "object" && literalText(before) === "=~") {
        // A regular expression is read by rules of its own: only plain ones are taken.
        const pattern = /[\w^$.*+?:/[\]{},=@%-]+(?=[ \t])/y;
        pattern.lastIndex = this.position;
        const match = pattern.exec(this.source);
        if (match === null || /\$[\w{]|\[[^\]]*$/.test(match[0]))
          throw new Refusal("a test matches a regular expression that is not plain");
        tokens.push({ start: this.position, end: pattern.lastIndex, parts: [{ kind: "text", text: match[0], quoted: true }] });
        this.position = pattern.lastIndex;
        continue;
      }
      const word = this.word();
      if (word === undefined) throw new Refusal("a test is not plain");
      tokens.push(word);
    }
    this.position += 2;
    return { kind: "test", tokens, redirects: this.redirects() };
  }

  #simple(): Simple {
    const simple: Simple = { kind: "simple", start: this.position, assignments: [], words: [], redirects: [] };
    this.seen.push(simple);
    if (this.seen.length > commandsMax) throw new Refusal(`it holds more than ${commandsMax} commands`);
    for (;;) {
      this.blanks();
      const redirect = this.redirect();
      if (redirect !== undefined) {
        simple.redirects.push(redirect);
        continue;
      }
      if (simple.words.length === 0) {
        const assignment = this.#assignment();
        if (assignment !== undefined) {
          simple.assignments.push(assignment);
          continue;
        }
      }
      const word = this.word();
      if (word === undefined) break;
      if (simple.words.length === 0) {
        const text = literalText(word);
        if (text !== undefined && declarations.has(text)) throw new Refusal(`${text} changes the shell itself`);
      }
      simple.words.push(word);
    }
    if (this.peek() === "(") throw new Refusal("it defines a function or a list");
    if (simple.words.length + simple.assignments.length + simple.redirects.length === 0)
      throw new Refusal(`"${this.peek()}" stands where no command can`);
    return simple;
  }

  #assignment(): Assignment | undefined {
    const pattern = /([A-Za-z_][A-Za-z0-9_]*)(\+?=|\[)/y;
    pattern.lastIndex = this.position;
    const match = pattern.exec(this.source);
    if (match === null || pattern.lastIndex > this.end) return undefined;
    if (match[2] === "[") {
      // `a[0]=x` assigns and evaluates its subscript; `a[b]*.ts` alone is a glob, but as a command's name it is none of ours.
      throw new Refusal("it uses a list");
    }
    if (match[2] === "+=") throw new Refusal("it appends to a variable");
    this.position = pattern.lastIndex;
    if (this.peek() === "(") throw new Refusal("it assigns a list");
    const start = this.position;
    const value = this.word() ?? { start, end: start, parts: [] };
    return { name: match[1]!, value };
  }
}
