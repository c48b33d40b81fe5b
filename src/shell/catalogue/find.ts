import { type Argument, fromPaths, unknown } from "../bash/state.ts";
import { isSecretPath } from "../paths.ts";
import {
  checkKind,
  checkOperands,
  type Context,
  NotHarmless,
  type Output,
  parseOptions,
  readArguments,
  type Spec,
  single,
  texts,
} from "./spec.ts";

const alone = new Set(
  "-print -print0 -empty -prune -depth -d -mount -xdev -daystart -noleaf -true -false -nouser -nogroup -readable -writable -executable -ls -quit -not -a -and -o -or ! ( ) , -follow -ignore_readdir_race -noignore_readdir_race".split(
    " ",
  ),
);
const withValue = new Set(
  "-name -iname -path -ipath -wholename -iwholename -regex -iregex -regextype -type -xtype -size -mtime -atime -ctime -mmin -amin -cmin -maxdepth -mindepth -user -group -uid -gid -perm -links -inum -lname -ilname -fstype -used -printf".split(
    " ",
  ),
);
const withFile = /^-(newer|anewer|cnewer|samefile|newer[aBcm][aBcm])$/;

function find(words: readonly Argument[], context: Context): Output {
  let at = 0;
  let follows = false;
  while (["-H", "-L", "-P"].includes(single(words[at]) ?? "")) follows = single(words[at++]) !== "-P" || follows;
  const starts: string[] = [];
  for (; at < words.length; at++) {
    const word = words[at]!;
    if (word.kind === "any") throw new NotHarmless("find gets a path that is not known before it runs");
    if (word.values.some((value) => /^[-(),!]/.test(value))) break;
    starts.push(...word.values);
  }
  for (const start of starts) checkKind("list", start, context, "find");
  let output: Output = follows ? "other" : "paths";
  const commands: Argument[][] = [];
  let secret = false;
  for (; at < words.length; at++) {
    const test = single(words[at]);
    if (test === undefined) throw new NotHarmless("find gets a test that is not known before it runs");
    if (alone.has(test)) {
      if (test === "-ls") output = "other";
      if (test === "-follow") follows = true;
      continue;
    }
    const value = single(words[at + 1]);
    if (withValue.has(test) || withFile.test(test)) {
      if (value === undefined) throw new NotHarmless(`find ${test}: its value is not known before it runs`);
      if (withFile.test(test) && !test.endsWith("t")) checkKind("list", value, context, `find ${test}`);
      if (test === "-printf") output = "other";
      if (/name|path|regex/.test(test) && namesSecret(value)) secret = true;
      at++;
      continue;
    }
    if (test !== "-exec") throw new NotHarmless(`find ${test} is not known to be harmless`);
    const command: Argument[] = [];
    for (at++; ; at++) {
      if (at >= words.length) throw new NotHarmless("find -exec does not end");
      const word = words[at]!;
      const text = single(word);
      if (text === ";" || (text === "+" && single(words[at - 1]) === "{}")) break;
      if (text === "{}") command.push(fromPaths);
      else if (word.kind === "known" && !word.values.some((one) => one.includes("{}"))) command.push(word);
      else throw new NotHarmless("find -exec puts names inside of an argument");
    }
    commands.push(command);
  }
  const inside = (starts.length > 0 ? starts : ["."]).every((start) =>
    context.cwds.every((cwd) => context.policy.read(cwd, start) === undefined),
  );
  if (commands.length > 0) {
    if (!inside || follows) throw new NotHarmless("find -exec works on files outside of the workspace");
    if (secret) throw new NotHarmless("find -exec works on files that look like secrets");
    for (const command of commands) context.command(command);
    return "other";
  }
  return inside && !secret && !follows ? output : "other";
}

/** `.env*`, `*id_rsa*`, `*.pem`: with the wildcards taken out, or filled. */
const namesSecret = (pattern: string): boolean => {
  const bare = pattern.replace(/[*?\\^$()|]/g, "");
  return (
    isSecretPath(pattern) ||
    isSecretPath(bare) ||
    isSecretPath(`x${bare}`) ||
    /(id_rsa|id_ed25519|\.ssh|\.aws|credential|secret|passw|\.env)/i.test(pattern)
  );
};

const xargsOptions = parseOptions(
  "-0rtx -n= -P= -L= -I= -d= -s= --null --no-run-if-empty --verbose --max-args= --max-procs= --max-lines?= --delimiter= --replace?= --max-chars= --exit",
);

/** Each word that comes in becomes an argument of the inner command, which must therefore bear any. */
function xargs(words: readonly Argument[], context: Context): Output {
  const { options, operands } = readArguments("xargs", words, xargsOptions, context, { first: true });
  const brought = context.input === "paths" ? fromPaths : unknown;
  const replace = options.findLast((option) => option.name === "-I" || option.name === "--replace");
  const place = replace && (replace.value ?? "{}");
  const inner = operands.length > 0 ? operands : [{ kind: "known" as const, values: ["echo"] }];
  if (place === undefined) return context.command(inner, brought);
  if (place === "") throw new NotHarmless("xargs -I replaces nothing");
  return context.command(
    inner.map((word) => {
      if (word.kind === "any" || !word.values.some((value) => value.includes(place))) return word;
      return single(word) === place ? brought : unknown;
    }),
  );
}

const fdOptions = parseOptions(
  "-HIusigFap01q -d= -t= -e= -E= -S= -o= -c= -j= --hidden --no-ignore --no-ignore-vcs --unrestricted --case-sensitive --ignore-case --glob --regex --fixed-strings --absolute-path --full-path --print0 --max-depth= --min-depth= --exact-depth= --type= --extension= --exclude= --size= --changed-within= --changed-before= --max-results= --owner= --color= --threads= --quiet --prune --strip-cwd-prefix --one-file-system --version",
);
function fd(words: readonly Argument[], context: Context): Output {
  const { operands, options } = readArguments("fd", words, fdOptions, context);
  checkOperands("fd", operands, "any list*", context, false);
  const roots = texts(operands.slice(1), "fd");
  const secret = operands.length > 0 && namesSecret(texts(operands.slice(0, 1), "fd")[0]!);
  const inside = roots.every((root) => context.cwds.every((cwd) => context.policy.read(cwd, root) === undefined));
  return inside && !secret && !options.some((option) => option.value !== undefined && namesSecret(option.value)) ? "paths" : "other";
}

export const findCommands: Spec[] = [
  { names: "find", special: find },
  { names: "xargs", special: xargs },
  { names: "fd fdfind", special: fd },
];
