import type { Argument } from "../bash/state.ts";
import { checkOperands, type Context, NotHarmless, type Output, parseOptions, readArguments, type Spec, single } from "./spec.ts";

const sedOptions = parseOptions("-nErsuz -e= --quiet --silent --regexp-extended --expression= --separate --unbuffered --null-data --posix");

function sed(words: readonly Argument[], context: Context): Output {
  const { options, operands } = readArguments("sed", words, sedOptions, context);
  let scripts = options.filter(({ name }) => name === "-e" || name === "--expression").map(({ value }) => value!);
  let files = operands;
  if (scripts.length === 0) {
    const script = single(operands[0]);
    if (script === undefined) throw new NotHarmless("sed: its script is not known before it runs");
    scripts = [script];
    files = operands.slice(1);
  }
  // Several -e are lines of one script, so that a line may go on in the next.
  if (scripts.some((script) => script.endsWith("\\")) || !isPlainSed(scripts.join("\n")))
    throw new NotHarmless("sed: its script is not known to be harmless");
  checkOperands("sed", files, "read*", context, false);
  return "other";
}

/** Whether a script only prints, deletes, substitutes and jumps: no command that runs, reads or writes a file. */
export function isPlainSed(script: string): boolean {
  let at = 0;
  let depth = 0;
  const skip = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(script);
    if (match === null) return "";
    at = pattern.lastIndex;
    return match[0];
  };
  /** Text up to a delimiter; undefined when brackets hold it, which programs read differently. */
  const until = (delimiter: string): boolean => {
    const start = at;
    for (; at < script.length; at++) {
      if (script[at] === "\\") at++;
      else if (script[at] === delimiter) {
        const text = script.slice(start, at++);
        return !/\[/.test(text.replace(/\\./gs, "").replace(/\[\^?\]?[^\]]*\]/g, ""));
      }
    }
    return false;
  };
  const address = (): boolean => {
    if (script[at] === "/") {
      at++;
      if (!until("/")) return false;
      skip(/[IM]*/y);
      return true;
    }
    return skip(/\d+(~\d+)?|\$/y) !== "";
  };
  for (;;) {
    skip(/[\s;]*/y);
    if (at >= script.length) return depth === 0;
    if (script[at] === "/" || /[\d$]/.test(script[at]!)) {
      if (!address()) return false;
      skip(/ */y);
      if (script[at] === ",") {
        at++;
        skip(/ */y);
        if (skip(/[+~]\d+/y) === "" && !address()) return false;
      }
    }
    skip(/[ !]*/y);
    const command = script[at++];
    if (command === undefined) return false;
    if (command === "{") {
      depth++;
      continue;
    }
    if (command === "}") {
      if (--depth < 0) return false;
    } else if (command === "s" || command === "y") {
      const delimiter = script[at++];
      if (delimiter === undefined || /[\s\\;\w]/.test(delimiter)) return false;
      if (!until(delimiter) || !until(delimiter)) return false;
      if (command === "s") skip(/[gpIi\d]*/y);
    } else if (command === "b" || command === "t" || command === "T") skip(/ *\w*/y);
    else if (command === ":") {
      if (skip(/ *\w+/y) === "") return false;
    } else if (command === "q" || command === "Q" || command === "l") skip(/ *\d*/y);
    else if (!"pdDPnNgGhHx=".includes(command)) return false;
    skip(/[ \t]*/y);
    if (at < script.length && !";\n}".includes(script[at]!)) return false;
  }
}

const awkOptions = parseOptions("-F= -v=");

function awk(words: readonly Argument[], context: Context): Output {
  const { options, operands } = readArguments("awk", words, awkOptions, context, { first: true });
  const program = single(operands[0]);
  if (program === undefined || !isPlainAwk(program)) throw new NotHarmless("awk: its program is not known to be harmless");
  if (options.some(({ name, value }) => name === "-v" && !/^[A-Za-z_]\w*=/.test(value!)))
    throw new NotHarmless("awk -v sets no plain variable");
  checkOperands("awk", operands.slice(1), "read*", context, false);
  return "other";
}

/**
 * Judged on the text as it stands, strings and patterns included, since `/` means two things in awk: no pipe, no name of a function
 * that runs or reads, and `>` only before the first print, where it compares.
 */
export function isPlainAwk(program: string): boolean {
  const text = program.replaceAll("||", "  ");
  if (/[|@]|\\\n|system|getline|ENVIRON|PROCINFO|ARGV|ARGC|close|fflush|extension|\/inet/.test(text)) return false;
  const print = text.indexOf("print");
  return print < 0 || !/>(?!=)/.test(text.slice(print));
}

const jqOptions = parseOptions(
  "-cenrjasSCMR --arg= --argjson= --compact-output --exit-status --null-input --raw-output --raw-input --slurp --sort-keys --color-output --monochrome-output --tab --indent= --join-output --ascii-output --stream --seq",
);

function jq(words: readonly Argument[], context: Context): Output {
  // `--arg name value`: the name is taken by the table, the value here.
  const rest = words.filter((_, at) => !["--arg", "--argjson"].includes(single(words[at - 2]) ?? ""));
  const { operands } = readArguments("jq", rest, jqOptions, context);
  const filter = single(operands[0]);
  if (
    filter === undefined ||
    /\b(env|ENV|import|include|input_filename|debug|stderr|get_search_list|halt_error|modulemeta|\$__prog)\b/.test(filter)
  )
    throw new NotHarmless("jq: its filter is not known to be harmless");
  checkOperands("jq", operands.slice(1), "read*", context, false);
  return "other";
}

function printf(words: readonly Argument[]): Output {
  const format = single(words[0]);
  // `%n` stores a count in a variable, PATH for one.
  if (format === undefined || format.startsWith("-") || /%[^a-zA-Z%]*[hlLjzt]*n/.test(format))
    throw new NotHarmless("printf: its format is not known, or sets a variable");
  return "other";
}

const unary = /^-[bcdefghkLnprsStuwxzGNO]$/;
const binary = /^(=|==|!=|<|>|-eq|-ne|-lt|-le|-gt|-ge|-nt|-ot|-ef)$/;

/** `[ ... ]`: what it means goes by the number of its arguments, so that each must be exactly one. */
function test(words: readonly Argument[], context: Context): Output {
  if (words.some((word) => word.kind === "any" && word.many))
    throw new NotHarmless("[ ] gets an argument without quotes that may be several");
  const plain = words.map(single);
  const start = plain[0] === "!" ? 1 : 0;
  const [first, second, third] = plain.slice(start);
  const count = words.length - start;
  const fits =
    count <= 1 ||
    (count === 2 && first !== undefined && unary.test(first)) ||
    (count === 3 && second !== undefined && binary.test(second) && (first !== "!" || third !== undefined));
  if (!fits) throw new NotHarmless("[ ] is not plain");
  if (count === 2) {
    const operand = words[start + 1]!;
    if (!/^-[nz]$/.test(first!) && operand.kind === "known")
      for (const value of operand.values)
        for (const cwd of context.cwds) {
          const why = context.policy.list(cwd, value);
          if (why !== undefined) throw new NotHarmless(why);
        }
  }
  return "other";
}

function bracket(words: readonly Argument[], context: Context): Output {
  if (single(words.at(-1)) !== "]") throw new NotHarmless("[ ] does not end");
  return test(words.slice(0, -1), context);
}

export const scriptCommands: Spec[] = [
  { names: "sed", special: sed },
  { names: "awk gawk mawk nawk", special: awk },
  { names: "jq", special: jq },
  { names: "printf", builtin: true, special: printf },
  { names: "test", builtin: true, special: test },
  { names: "[", builtin: true, special: bracket },
];
