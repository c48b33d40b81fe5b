import type { Argument } from "../bash/state.ts";
import { type Context, NotHarmless, type Output, parseOptions, readArguments, type Spec, single, texts } from "./spec.ts";

const inner = (operands: readonly Argument[], context: Context): Output => {
  if (operands.length === 0) throw new NotHarmless("a wrapper without a command");
  return context.command(operands);
};

function wrapper(name: string, options: string, before: readonly RegExp[] = []): Spec {
  const table = parseOptions(options);
  return {
    names: name,
    special: (words, context) => {
      const { operands } = readArguments(name, words, table, context, { first: true });
      before.forEach((pattern, at) => {
        if (!pattern.test(single(operands[at]) ?? "")) throw new NotHarmless(`${name} is not plain`);
      });
      return inner(operands.slice(before.length), context);
    },
  };
}

/** Variables that tell where things are, not what is secret. */
const shown =
  /^(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|LANG|LC_\w+|TERM|COLUMNS|LINES|HOSTNAME|EDITOR|PAGER|TZ|TMPDIR|SHLVL|VIRTUAL_ENV|GOPATH|GOROOT|JAVA_HOME|NODE_ENV|NVM_DIR|CI|XDG_\w+)$/;

function env(words: readonly Argument[], context: Context): Output {
  let at = 0;
  while (/^(LC_[A-Z]+|LANG|TZ|NO_COLOR|FORCE_COLOR|COLUMNS|LINES|TERM)=/.test(single(words[at]) ?? "")) at++;
  if (at === words.length) throw new NotHarmless("env shows all of the environment, secrets too");
  if (/^-|=/.test(single(words[at]) ?? "-")) throw new NotHarmless("env is not plain");
  return inner(words.slice(at), context);
}

function printenv(words: readonly Argument[]): Output {
  const names = texts(words, "printenv");
  if (names.length === 0) throw new NotHarmless("printenv shows all of the environment, secrets too");
  for (const name of names) if (!shown.test(name)) throw new NotHarmless(`printenv ${name} may show a secret`);
  return "other";
}

function command(words: readonly Argument[], context: Context): Output {
  if (/^-[vV]$/.test(single(words[0]) ?? "")) return "other";
  if (single(words[0])?.startsWith("-") !== false) throw new NotHarmless("command is not plain");
  return inner(words, context);
}

/** Syntax that plain `sh` reads as something else than bash. */
const bashOnly = /\[\[|\$'|<\(|<<<|&>|\|&|>&\s*[^\d\s]|\{[^}]*(,|\.\.)/;

function shell(name: string): Spec {
  return {
    names: name,
    special: (words, context) => {
      const [option, script, ...rest] = texts(words, name);
      if (option === "--version" && script === undefined) return "other";
      if (option === "-n" && script !== undefined && rest.length === 0) {
        for (const cwd of context.cwds) {
          const why = script.startsWith("-") ? "it is not plain" : context.policy.read(cwd, script);
          if (why !== undefined) throw new NotHarmless(`${name} -n: ${why}`);
        }
        return "other";
      }
      if (option !== "-c" || script === undefined || rest.length > 0 || script.startsWith("-"))
        throw new NotHarmless(`${name} runs a program that is not judged`);
      if (name !== "bash" && bashOnly.test(script)) throw new NotHarmless(`${name} reads this in another way than bash`);
      context.script(script);
      return "other";
    },
  };
}

const literal = (names: string, pattern: RegExp): Spec => ({
  names,
  builtin: true,
  special: (words) => {
    if (!pattern.test(texts(words, names).join(" "))) throw new NotHarmless(`${names} changes the shell itself`);
    return "other";
  },
});

export const wrapperCommands: Spec[] = [
  wrapper("timeout", "-v -k= -s= --foreground --preserve-status --verbose --kill-after= --signal=", [/^\d+(\.\d+)?[smhd]?$/]),
  wrapper("nice", "-n=number -# --adjustment=number"),
  wrapper("ionice", "-t -c=number -n=number"),
  wrapper("stdbuf", "-i= -o= -e= --input= --output= --error="),
  wrapper("time", "-p"),
  { names: "env", special: env },
  { names: "printenv", special: printenv },
  { names: "command", builtin: true, special: command },
  shell("bash"),
  shell("sh"),
  shell("dash"),
  { names: "type", options: "-aptfP", operands: "any*", builtin: true },
  { names: "help", options: "-dms", operands: "any*", builtin: true },
  literal("set", /^(-[eux]+|-[eux]*o pipefail|\+[eux]+)$/),
  literal("exit", /^\d*$/),
  literal("break", /^\d*$/),
  literal("continue", /^\d*$/),
  literal("umask", /^(-S)?$/),
  literal("ulimit", /^-[aSH]*[acdfnstuv]?$/),
  literal("times", /^$/),
  literal("dirs", /^$/),
  literal("jobs", /^(-l)?$/),
  literal("wait", /^$/),
];
