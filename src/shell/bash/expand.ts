import { valuesMax } from "../limits.ts";
import { type List, type Part, Refusal, type Word } from "./ast.ts";
import { expandGlob, hasGlob, type Pattern } from "./glob.ts";
import { type Argument, known, type State, unknown, type Value } from "./state.ts";

export type Surroundings = {
  home: string | undefined;
  /** Judges a substitution's commands; what they print. */
  substitution(body: List, state: State): Value;
};

/** Variables of the environment that tell nothing and may be printed. Others could hold anything. */
const harmlessVariables =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|LANG|LC_\w+|TERM|COLUMNS|LINES|HOSTNAME|HOSTTYPE|OSTYPE|MACHTYPE|EDITOR|PAGER|TZ|TMPDIR|SHLVL|UID|EUID|PPID|RANDOM|SECONDS|EPOCHSECONDS|LINENO|BASH_VERSION|BASH|VIRTUAL_ENV|GOPATH|GOROOT|JAVA_HOME|NODE_ENV|NVM_DIR|CI|XDG_\w+|CRUSH|AGENT|DISPLAY)$/;

/** Characters that are the same before and after splitting and globbing. */
const unsplit = /^[\w./:=,@%+-]+$/;

/** Words to arguments, in the order in which bash does it: braces, tilde, variables and substitutions, splitting, globbing. */
export function expandWords(words: readonly Word[], state: State, surroundings: Surroundings): Argument[] {
  return words.flatMap((word) => braces(word).flatMap((single) => expandWord(single, state, surroundings)));
}

/** A word that is neither split nor globbed: an assignment's value, a case's subject. */
export function expandSingle(word: Word, state: State, surroundings: Surroundings): Value {
  if (word.parts.some((part) => part.kind === "text" && !part.quoted && part.text.includes("~"))) {
    visit(word, state, surroundings);
    return unknown;
  }
  const alternatives = spell(word.parts, state, surroundings, false);
  return alternatives.kind === "any" ? alternatives : known(...alternatives.patterns.map(({ text }) => text));
}

/** Judges what a word's substitutions run, and no more. */
export function visit(word: Word, state: State, surroundings: Surroundings): void {
  spell(word.parts, state, surroundings, false);
}

function expandWord(word: Word, state: State, surroundings: Surroundings): Argument[] {
  const [first] = word.parts;
  if (word.parts.some((part) => part.kind === "text" && !part.quoted && /[=:]~/.test(part.text)))
    throw new Refusal("a tilde stands inside a word");
  let parts = word.parts;
  if (first?.kind === "text" && !first.quoted && first.text.startsWith("~")) {
    const alone = first.text === "~" && parts.length === 1;
    if ((!alone && !first.text.startsWith("~/")) || surroundings.home === undefined)
      throw new Refusal("a tilde names somebody else's directory");
    parts = [
      { kind: "text", text: surroundings.home, quoted: true },
      { kind: "text", text: first.text.slice(1), quoted: false },
      ...parts.slice(1),
    ];
  }
  const spelled = spell(parts, state, surroundings, true);
  if (spelled.kind === "any") {
    const bare = parts.some((part) => (part.kind === "variable" || part.kind === "substitution") && !part.quoted);
    return [bare ? { ...spelled, many: true } : spelled];
  }
  const { patterns } = spelled;
  if (patterns.length === 1 && hasGlob(patterns[0]!)) {
    const names = new Set(state.cwds.flatMap((cwd) => expandGlob(patterns[0]!, cwd)));
    return [...names].map((name) => known(name));
  }
  if (patterns.some(hasGlob))
    return [known(...new Set(patterns.flatMap((pattern) => state.cwds.flatMap((cwd) => expandGlob(pattern, cwd)))))];
  return [known(...patterns.map(({ text }) => text))];
}

type Spelled = { kind: "known"; patterns: Pattern[] } | Extract<Value, { kind: "any" }>;

function spell(parts: readonly Part[], state: State, surroundings: Surroundings, splits: boolean): Spelled {
  let patterns: Pattern[] = [{ text: "", active: [] }];
  let any: Extract<Value, { kind: "any" }> | undefined;
  const append = (values: readonly string[], active: boolean) => {
    if (patterns.length * values.length > valuesMax) throw new Refusal("an argument has too many possible values");
    patterns = patterns.flatMap(({ text, active: before }) =>
      values.map((value) => ({ text: text + value, active: [...before, ...new Array<boolean>(value.length).fill(active)] })),
    );
  };
  for (const part of parts) {
    let value: Value;
    let quoted = true;
    if (part.kind === "text") {
      append([part.text], !part.quoted);
      continue;
    } else if (part.kind === "number") value = known("1");
    else if (part.kind === "process") {
      surroundings.substitution(part.body, state);
      value = known("/dev/stdin");
    } else if (part.kind === "substitution") {
      value = surroundings.substitution(part.body, state);
      quoted = part.quoted;
    } else {
      value = variable(part, state, surroundings);
      quoted = part.quoted;
    }
    if (value.kind === "known" && splits && !quoted && !value.values.every((text) => unsplit.test(text))) value = unknown;
    if (value.kind === "known") append(value.values, false);
    // Put together with other text, a file's name is no longer one.
    else if (value.from === "paths" && parts.length === 1) any = value;
    else any = { kind: "any", from: "unknown" };
  }
  return any ?? { kind: "known", patterns };
}

function variable(part: Extract<Part, { kind: "variable" }>, state: State, { home }: Surroundings): Value {
  const { name } = part;
  const value = state.variables.get(name);
  if (value !== undefined) {
    if (part.any) return unknown;
    if (part.fallback === undefined) return value;
    return value.kind === "known" ? known(...new Set([...value.values, part.fallback])) : unknown;
  }
  if (/^[?#$!]$/.test(name)) return known("1");
  if (/^[\d@*-]$/.test(name)) throw new Refusal(`$${name} is not known`);
  if (part.any || part.fallback !== undefined) {
    if (harmlessVariables.test(name) || /^[a-z]/.test(name)) return unknown;
  }
  if (name === "PWD") return known(...state.cwds);
  if (name === "HOME" && home !== undefined) return known(home);
  if (harmlessVariables.test(name) || (/^[a-z][a-z0-9_]*$/.test(name) && !/proxy|key|token|secret|pass|auth|cred/.test(name)))
    return unknown;
  throw new Refusal(`$${name} could hold anything, even a secret`);
}

/** Brace expansion of one word; only of plain unquoted ones. @throws Refusal for others that bash would expand */
function braces(word: Word): Word[] {
  const open = word.parts.some((part) => part.kind === "text" && !part.quoted && part.text.includes("{"));
  if (!open) return [word];
  const bare = word.parts
    .map((part) => (part.kind === "text" && !part.quoted ? part.text : part.kind === "text" ? "\u0001" : "\u0002"))
    .join("");
  if (!/\{.*(,|\.\.).*\}/s.test(bare)) return [word];
  if (word.parts.length !== 1) {
    // Several parts: only braces that stand within one unquoted part are plain.
    if (!word.parts.every((part) => part.kind !== "text" || part.quoted || balanced(part.text)))
      throw new Refusal("braces with quotes inside");
  }
  let results: Part[][] = [[]];
  for (const part of word.parts) {
    const pieces: Part[] =
      part.kind === "text" && !part.quoted ? expandBraces(part.text, 0).map((text) => ({ kind: "text", text, quoted: false })) : [part];
    results = results.flatMap((before) => pieces.map((piece) => [...before, piece]));
    if (results.length > valuesMax) throw new Refusal("braces have too many values");
  }
  return results.map((parts) => ({ start: word.start, end: word.end, parts }));
}

const balanced = (text: string): boolean => text.split("{").length === text.split("}").length;

function expandBraces(text: string, depth: number): string[] {
  if (depth > 8) throw new Refusal("braces have too many values");
  const match = /^(.*?)\{([^{}]*)\}(.*)$/s.exec(text);
  if (match === null || !/\{.*(,|\.\.).*\}/s.test(text)) return [text];
  const [, before, inside, after] = match as unknown as [string, string, string, string];
  if (before.includes("{") || before.includes("}")) throw new Refusal("braces inside of braces");
  let values: string[];
  const range = /^(\d{1,4})\.\.(\d{1,4})$/.exec(inside);
  if (inside.includes(",")) values = inside.split(",");
  else if (range) {
    const [from, to] = [Number(range[1]), Number(range[2])];
    const width = range[1]!.startsWith("0") || range[2]!.startsWith("0") ? Math.max(range[1]!.length, range[2]!.length) : 0;
    if (Math.abs(to - from) > valuesMax) throw new Refusal("braces have too many values");
    values = Array.from({ length: Math.abs(to - from) + 1 }, (_, at) => String(from + (to < from ? -at : at)).padStart(width, "0"));
  } else if (inside.includes("..")) throw new Refusal("a brace sequence that is not numeric");
  else values = [`{${inside}}`];
  const rest = expandBraces(after, depth + 1);
  return values.flatMap((value) => rest.map((tail) => before + value + tail));
}
