import { type Part, Refusal, type Word } from "./ast.ts";
import type { Reader } from "./reader.ts";

const ends = " \t\n;&|()<>";
/** `$'...'` escapes that mean one plain character; all others can spell anything. */
const ansi: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/** The word at the parser's position; undefined when none starts there. @throws Refusal for expansions that are not judged */
export function readWord(parser: Reader): Word | undefined {
  const { source, end } = parser;
  const start = parser.position;
  const parts: Part[] = [];
  const text = (value: string, quoted: boolean): void => {
    const last = parts.at(-1);
    if (last?.kind === "text" && last.quoted === quoted) last.text += value;
    else parts.push({ kind: "text", text: value, quoted });
  };
  while (parser.position < end) {
    const char = source[parser.position]!;
    if (char === "<" && source[parser.position + 1] === "(" && parser.position + 1 < end) {
      if (parser.position !== start) throw new Refusal("a process substitution stands inside a word");
      const inner = parser.inner(parser.position + 2, end);
      parts.push({ kind: "process", body: inner.substitution() });
      parser.position = inner.position;
      if (parser.position < end && !ends.includes(source[parser.position]!))
        throw new Refusal("a process substitution stands inside a word");
      break;
    }
    if (ends.includes(char)) break;
    if (char === "'") {
      const close = source.indexOf("'", parser.position + 1);
      if (close < 0 || close >= end) throw new Refusal("a quote is not closed");
      text(source.slice(parser.position + 1, close), true);
      parser.position = close + 1;
    } else if (char === '"') {
      parser.position++;
      const inside = readDoubleQuoted(parser, '"');
      if (inside.length === 0) text("", true);
      parts.push(...inside);
    } else if (char === "\\") {
      if (parser.position + 1 >= end) throw new Refusal("it ends in a backslash");
      const next = source[parser.position + 1]!;
      if (next === "\n") throw new Refusal("a word goes over two lines");
      text(next, true);
      parser.position += 2;
    } else if (char === "$") {
      const part = readDollar(parser, false);
      if (part === undefined) text("$", false);
      else parts.push(part);
    } else if (char === "`") parts.push(readBackticks(parser, false));
    else {
      text(char, false);
      parser.position++;
    }
  }
  return parser.position === start ? undefined : { start, end: parser.position, parts };
}

/** From behind the opening quote to behind `close`; with `close` "" to the end (here-documents). */
export function readDoubleQuoted(parser: Reader, close: '"' | ""): Part[] {
  const { source, end } = parser;
  const parts: Part[] = [];
  const text = (value: string): void => {
    const last = parts.at(-1);
    if (last?.kind === "text") last.text += value;
    else parts.push({ kind: "text", text: value, quoted: true });
  };
  for (;;) {
    if (parser.position >= end) {
      if (close === "") return parts;
      throw new Refusal("a quote is not closed");
    }
    const char = source[parser.position]!;
    if (char === '"' && close !== "") {
      parser.position++;
      return parts;
    }
    if (char === "\\" && parser.position + 1 < end) {
      const next = source[parser.position + 1]!;
      if (next === "\n") throw new Refusal("a word goes over two lines");
      text('$`"\\'.includes(next) && !(next === '"' && close === "") ? next : char + next);
      parser.position += 2;
    } else if (char === "$") {
      const part = readDollar(parser, true);
      if (part === undefined) text("$");
      else parts.push(part);
    } else if (char === "`") parts.push(readBackticks(parser, true));
    else {
      text(char);
      parser.position++;
    }
  }
}

const plainVariable = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|([?#$!0-9@*-]))/y;
const bracedVariable = /\$\{(#?)([A-Za-z_][A-Za-z0-9_]*|[?#0-9])\}/y;
const withFallback = /\$\{([A-Za-z_][A-Za-z0-9_]*):?-([\w./:, -]*)\}/y;
const trimmed = /\$\{([A-Za-z_][A-Za-z0-9_]*)(?:##?|%%?)[\w./*?:, -]*\}/y;
const sliced = /\$\{([A-Za-z_][A-Za-z0-9_]*):(?:\d+|0:\d+|\d+:\d+)\}/y;
const numbersOnly = /\$\(\([\d \t+*%-]+\)\)/y;

/** An expansion that starts with `$`; undefined when the dollar stands for itself. Moves the parser behind it. */
function readDollar(parser: Reader, quoted: boolean): Part | undefined {
  const { source, end } = parser;
  const at = parser.position;
  const next = at + 1 < end ? source[at + 1]! : "";
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found === null || pattern.lastIndex > end) return undefined;
    parser.position = pattern.lastIndex;
    return found;
  };
  if (next === "(") {
    if (source[at + 2] === "(") {
      if (match(numbersOnly) === undefined) throw new Refusal("it computes with something other than numbers");
      return { kind: "number" };
    }
    const inner = parser.inner(at + 2, end);
    const body = inner.substitution();
    parser.position = inner.position;
    return { kind: "substitution", body, quoted };
  }
  if (next === "{") {
    let found = match(bracedVariable);
    if (found) return { kind: "variable", name: found[2]!, quoted, ...(found[1] === "#" && { any: true }) };
    found = match(withFallback);
    if (found) return { kind: "variable", name: found[1]!, quoted, fallback: found[2]! };
    found = match(trimmed) ?? match(sliced);
    if (found) return { kind: "variable", name: found[1]!, quoted, any: true };
    throw new Refusal("a braced expansion is not plain");
  }
  if (next === "'" && !quoted) return ansiQuoted(parser);
  if (next === '"' && !quoted) throw new Refusal('it uses a translated string $"..."');
  if (next === "[") throw new Refusal("it computes with $[ ]");
  const found = match(plainVariable);
  if (found) return { kind: "variable", name: (found[1] ?? found[2])!, quoted };
  parser.position++;
  return undefined;
}

function ansiQuoted(parser: Reader): Part {
  const { source, end } = parser;
  let text = "";
  for (let at = parser.position + 2; at < end; at++) {
    const char = source[at]!;
    if (char === "'") {
      parser.position = at + 1;
      return { kind: "text", text, quoted: true };
    }
    if (char === "\\") {
      const plain = ansi[source[at + 1] ?? ""];
      if (plain === undefined) throw new Refusal("a $'...' string spells characters by number");
      text += plain;
      at++;
    } else text += char;
  }
  throw new Refusal("a quote is not closed");
}

function readBackticks(parser: Reader, quoted: boolean): Part {
  const { source, end } = parser;
  const close = source.indexOf("`", parser.position + 1);
  if (close < 0 || close >= end) throw new Refusal("a backtick is not closed");
  const text = source.slice(parser.position + 1, close);
  // Inside of backticks, backslashes and (within double quotes) quotes are read twice.
  if (text.includes("\\") || (quoted && text.includes('"'))) throw new Refusal("backticks hold quotes that are read twice");
  const body = parser.inner(parser.position + 1, close).script();
  parser.position = close + 1;
  return { kind: "substitution", body, quoted };
}

/** The text of a word without expansions; undefined when it has any, or is quoted and must not be. */
export function literalText(word: Word, quotedToo = false): string | undefined {
  let text = "";
  for (const part of word.parts) {
    if (part.kind !== "text" || (part.quoted && !quotedToo)) return undefined;
    text += part.text;
  }
  return text;
}
