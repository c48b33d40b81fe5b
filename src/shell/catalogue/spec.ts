import type { Argument } from "../bash/state.ts";
import type { PathPolicy } from "../paths.ts";

/** What a value means to the command that gets it. `read`: content is shown. `list`: names and sizes are shown. */
export type Kind = "any" | "read" | "list" | "number";
/** What a command prints, when another takes it for names: `paths` are names inside of the workspace; `same` filters its input. */
export type Output = "paths" | "same" | "other";

export type Context = {
  cwds: readonly string[];
  home: string | undefined;
  policy: PathPolicy;
  /** What comes in by the pipe. */
  input: Exclude<Output, "same">;
  /** Judges the command inside of a wrapper. `more`: further arguments are appended that nobody knows. @throws NotHarmless */
  command(words: readonly Argument[], more?: Argument): Output;
  /** Judges text that a shell would run. @throws NotHarmless */
  script(text: string): void;
  /** A reason not to run git in a directory. */
  repository(cwd: string): string | undefined;
};

/** A command that is not in the catalogue, or not with these arguments. A rule of the user may allow it. */
export class NotHarmless extends Error {
  override readonly name = "NotHarmless";
}

export type Special = (words: readonly Argument[], context: Context) => Output;

export type Spec = {
  /** With blanks between. */
  names: string;
  /** The options that change nothing; `parseOptions` tells the form. */
  options?: string;
  /** Kinds of the operands in order, the last with `*` for all further: `any read*`. */
  operands?: string;
  /** Options that take the place of the first operand (`grep -e`). */
  instead?: readonly string[];
  /** No option of the command could do harm, so names that a pipe or a loop brings are welcome. */
  tolerant?: boolean;
  /** Nor could any operand: it may be anything at all. */
  anything?: boolean;
  builtin?: boolean;
  /** Without file operands and with no other options than these, the command prints lines of its input as they are. */
  filters?: string;
  /** With one of these options it prints names of files. */
  lists?: readonly string[];
  /** Options that follow links while going through directories. */
  follows?: readonly string[];
  /** Takes the place of options and operands. Gets the words behind the name. */
  special?: Special;
};

type Option = { value: "none" | "required" | "optional"; kind: Kind };
export type Options = ReadonlyMap<string, Option>;

/**
 * `-abc`: short options without value. `-n=`, `--name=`: one with a value, of any kind; `-f=read` says the kind. `--color?=`: value only
 * behind an equals sign. `-#`: a number of its own (`-20`). `--name`: without value. What is not named is not harmless.
 */
export function parseOptions(text: string): Options {
  const options = new Map<string, Option>();
  for (const token of text.split(/\s+/)) {
    if (token === "") continue;
    const match = /^(--?)([^=?]+)(\?)?(=(any|read|list|number)?)?$/.exec(token);
    if (match === null) throw new Error(`catalogue: "${token}" is no option`);
    const [, dashes, name, optional, equals, kind] = match;
    const option: Option = { value: optional ? "optional" : equals ? "required" : "none", kind: (kind ?? "any") as Kind };
    if (dashes === "--" || name === "#" || equals) options.set(dashes! + name!, option);
    else for (const letter of name!) options.set(`-${letter}`, option);
  }
  return options;
}

/** The only value of an argument; undefined when it has several, or any. */
export const single = (argument: Argument | undefined): string | undefined =>
  argument?.kind === "known" && argument.values.length === 1 ? argument.values[0] : undefined;

export const texts = (words: readonly Argument[], what: string): string[] =>
  words.map((word) => {
    const text = single(word);
    if (text === undefined) throw new NotHarmless(`${what} gets an argument that is not known before it runs`);
    return text;
  });

export function checkKind(kind: Kind, value: string, context: Context, name: string): void {
  if (kind === "any") return;
  if (kind === "number") {
    if (!/^[+-]?\d+(\.\d+)?[a-zA-Z]*$/.test(value)) throw new NotHarmless(`${name}: "${value}" is no number`);
    return;
  }
  for (const cwd of context.cwds) {
    const why = kind === "read" ? context.policy.read(cwd, value) : context.policy.list(cwd, value);
    if (why !== undefined) throw new NotHarmless(`${name}: ${why}`);
  }
}

export type Parsed = { options: { name: string; value?: string }[]; operands: Argument[] };

/** Reads arguments as getopt does (options may stand behind operands). @throws NotHarmless for what is not in the table */
export function readArguments(
  name: string,
  words: readonly Argument[],
  options: Options,
  context: Context,
  behaviour: { first?: boolean; dynamic?: boolean /** No option could do harm. */; safe?: boolean } = {},
): Parsed {
  const parsed: Parsed = { options: [], operands: [] };
  const use = (option: string, value: string | undefined, kind: Kind) => {
    if (value !== undefined) checkKind(kind, value, context, `${name} ${option}`);
    parsed.options.push({ name: option, ...(value !== undefined && { value }) });
  };
  for (let at = 0; at < words.length; at++) {
    const argument = words[at]!;
    const word = single(argument);
    if (word === undefined) {
      if (argument.kind === "any" ? !behaviour.dynamic : argument.values.some((value) => value.startsWith("-") && value !== "-"))
        throw new NotHarmless(`${name} gets an argument that is not known before it runs`);
      parsed.operands.push(argument);
      continue;
    }
    if (word === "--") {
      const rest = words.slice(at + 1);
      // Where another version takes `--` for the value of the option before it, these would be options.
      if (
        !behaviour.safe &&
        rest.some((operand) => operand.kind === "any" || operand.values.some((value) => value.startsWith("-") && value !== "-"))
      )
        throw new NotHarmless(`${name}: an operand looks like an option`);
      parsed.operands.push(...rest);
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      parsed.operands.push(argument);
      if (!behaviour.first) continue;
      parsed.operands.push(...words.slice(at + 1));
      break;
    }
    const following = (option: string): string => {
      const next = single(words[++at]);
      if (next === undefined) throw new NotHarmless(`${name} ${option}: its value is not known before it runs`);
      // Where another version of the program takes no value here, this would be an option.
      if (next.startsWith("-") && !/^-\d*$/.test(next)) throw new NotHarmless(`${name} ${option}: its value looks like an option`);
      return next;
    };
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const long = equals < 0 ? word : word.slice(0, equals);
      const option = options.get(long);
      if (option === undefined || (option.value === "none" && equals >= 0))
        throw new NotHarmless(`${name} ${long} is not known to be harmless`);
      use(long, equals >= 0 ? word.slice(equals + 1) : option.value === "required" ? following(long) : undefined, option.kind);
      continue;
    }
    if (/^-\d+$/.test(word) && options.has("-#")) {
      use("-#", word.slice(1), "number");
      continue;
    }
    for (let letter = 1; letter < word.length; letter++) {
      const short = `-${word[letter]}`;
      const option = options.get(short);
      if (option === undefined) throw new NotHarmless(`${name} ${short} is not known to be harmless`);
      if (option.value === "none") {
        use(short, undefined, option.kind);
        continue;
      }
      const rest = word.slice(letter + 1);
      use(short, rest !== "" ? rest : option.value === "required" ? following(short) : undefined, option.kind);
      break;
    }
  }
  return parsed;
}

/** Checks operands against `any read*`. */
export function checkOperands(name: string, operands: readonly Argument[], kinds: string, context: Context, free: boolean): void {
  const list = kinds.split(" ").filter((kind) => kind !== "");
  operands.forEach((operand, at) => {
    const last = list.at(-1);
    const kind = (at < list.length ? list[at] : last?.endsWith("*") ? last : undefined)?.replace("*", "") as Kind | undefined;
    if (kind === undefined) throw new NotHarmless(`${name} takes no such operand when it is harmless`);
    if (operand.kind === "known") for (const value of operand.values) checkKind(kind, value, context, name);
    else if (kind !== "any" && operand.from !== "paths" && !free)
      throw new NotHarmless(`${name} gets a path that is not known before it runs`);
  });
}

/** Judges a command of the table by its options and operands. @returns what it prints */
export function checkSpec(name: string, spec: Spec, options: Options, words: readonly Argument[], context: Context): Output {
  if (spec.special) return spec.special(words, context);
  const free = spec.anything === true;
  const dynamic = free || (spec.tolerant === true && words.every((word) => word.kind === "known" || word.from === "paths"));
  const parsed = readArguments(name, words, options, context, { dynamic, safe: free || spec.tolerant === true });
  const used = new Set(parsed.options.map((option) => option.name));
  let kinds = spec.operands ?? "";
  const instead = spec.instead?.some((option) => used.has(option)) ?? false;
  if (instead) kinds = kinds.slice(kinds.indexOf(" ") + 1);
  checkOperands(name, parsed.operands, kinds, context, free);
  if (spec.follows?.some((option) => used.has(option))) {
    const roots = parsed.operands
      .slice(spec.instead && !instead ? 1 : 0)
      .flatMap((operand) => (operand.kind === "known" ? operand.values : [".."]));
    for (const root of roots.length > 0 ? roots : ["."])
      for (const cwd of context.cwds) {
        const why = context.policy.readThroughLinks(cwd, root);
        if (why !== undefined) throw new NotHarmless(`${name}: ${why}`);
      }
  }
  const files = parsed.operands.length - (spec.instead && !instead ? 1 : 0);
  if (spec.lists?.some((option) => used.has(option)))
    return files > 0 || used.has("-r") || used.has("--recursive") || name === "rg" ? "paths" : "other";
  const keeps = spec.filters?.split(" ");
  return keeps !== undefined && files <= 0 && [...used].every((option) => keeps.includes(option)) ? "same" : "other";
}
