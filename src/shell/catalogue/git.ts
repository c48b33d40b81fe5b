import type { Argument } from "../bash/state.ts";
import { isInside, isSecretPath, realPath } from "../paths.ts";
import {
  type Context,
  NotHarmless,
  type Options,
  type Output,
  type Parsed,
  parseOptions,
  readArguments,
  type Spec,
  single,
  texts,
} from "./spec.ts";

const diff =
  "-p -u -s -U= -M?= -C?= -S= -G= -R -w -b -W -a -z -c --patch --no-patch --unified= --raw --stat?= --numstat --shortstat --dirstat?= --summary --name-only --name-status --color?= --no-color --word-diff?= --word-diff-regex= --color-words?= --no-renames --find-renames?= --find-copies?= --diff-filter= --pickaxe-regex --pickaxe-all --ignore-space-change --ignore-all-space --ignore-blank-lines --ignore-space-at-eol --ignore-cr-at-eol --function-context --exit-code --quiet --no-ext-diff --no-textconv --minimal --patience --histogram --diff-algorithm= --text --full-index --binary --abbrev?= --relative?= --no-relative --src-prefix= --dst-prefix= --no-prefix --check --compact-summary --inter-hunk-context= --submodule?= --ignore-submodules?= --color-moved?= --cc --patch-with-stat";
const log =
  "-n= -# -i -E -F -P -g -L= --oneline --graph --all --decorate?= --decorate-refs= --no-decorate --format= --pretty?= --abbrev-commit --no-abbrev-commit --max-count= --skip= --since= --after= --until= --before= --author= --committer= --grep= --all-match --invert-grep --regexp-ignore-case --extended-regexp --fixed-strings --perl-regexp --merges --no-merges --first-parent --reverse --date= --follow --branches?= --tags?= --remotes?= --glob= --exclude= --source --topo-order --date-order --author-date-order --simplify-by-decoration --left-right --left-only --right-only --cherry-pick --cherry-mark --cherry --ancestry-path --boundary --no-walk?= --walk-reflogs --no-notes --full-history --dense --sparse --children --parents --relative-date --encoding= --count --no-mailmap --use-mailmap --mailmap --min-parents= --max-parents= --full-diff --no-merge-base --remove-empty";
const references =
  "--count= --sort= --format= --points-at= --merged?= --no-merged?= --contains= --no-contains= --ignore-case --omit-empty -i --column?= --no-column --color?= --no-color";

type Sub = {
  options: string;
  /** Shows what files hold, so that a secret must not be named. */
  shows?: boolean;
  check?: (parsed: Parsed, operands: string[], has: (option: string) => boolean) => boolean;
  output?: (has: (option: string) => boolean) => Output;
};

const names = (has: (option: string) => boolean): Output => (has("--name-only") ? "paths" : "other");
const none = (_: Parsed, operands: string[]): boolean => operands.length === 0;

const subs: Record<string, Sub> = {
  status: {
    options:
      "-s -b -u?= -v -z --short --branch --show-stash --porcelain?= --long --verbose --untracked-files?= --ignored?= --column?= --no-column --ahead-behind --no-ahead-behind --renames --no-renames --find-renames?= --ignore-submodules?=",
  },
  diff: { options: `${diff} --cached --staged --merge-base`, shows: true, output: names },
  log: { options: `${diff} ${log}`, shows: true },
  show: { options: `${diff} ${log}`, shows: true },
  "rev-list": { options: `${log} --objects --header --no-object-names` },
  shortlog: { options: `-s -e -c --summary --numbered --email ${log.replace("-n=", "-n")}` },
  "diff-tree": { options: `${diff} -r -t -m --root --no-commit-id`, shows: true },
  "diff-index": { options: `${diff} --cached`, shows: true },
  "diff-files": { options: diff, shows: true },
  blame: {
    options:
      "-L= -l -t -p -c -s -e -w -f -n -M?= -C?= --porcelain --line-porcelain --incremental --date= --since= --show-email --show-name --show-number --root --abbrev= --color-lines --color-by-age --reverse --first-parent --encoding=",
    shows: true,
  },
  "rev-parse": {
    options:
      "-q --abbrev-ref?= --short?= --verify --quiet --show-toplevel --git-dir --show-prefix --show-cdup --is-inside-work-tree --is-inside-git-dir --is-bare-repository --is-shallow-repository --symbolic --symbolic-full-name --absolute-git-dir --git-common-dir --all --branches --tags --show-superproject-working-tree --show-object-format",
  },
  "ls-files": {
    options:
      "-c -d -m -o -i -s -u -t -v -z -k -x= --cached --deleted --modified --others --ignored --stage --unmerged --killed --exclude-standard --exclude= --full-name --error-unmatch --directory --no-empty-directory --eol --deduplicate --abbrev?=",
    output: (has) => (["-s", "-u", "-t", "-v", "--stage", "--unmerged", "--eol"].some(has) ? "other" : "paths"),
  },
  "ls-tree": { options: "-r -t -l -d -z --name-only --name-status --long --full-name --full-tree --abbrev?= --object-only" },
  "cat-file": { options: "-t -s -p -e", shows: true },
  describe: {
    options: "--tags --all --long --always --abbrev?= --match= --exclude= --dirty?= --contains --exact-match --first-parent --candidates=",
  },
  "merge-base": { options: "-a --all --is-ancestor --fork-point --octopus --independent" },
  "name-rev": { options: "--name-only --tags --refs= --always --all" },
  "show-ref": { options: "-d -s -q --head --heads --tags --branches --hash?= --verify --quiet --abbrev?= --dereference" },
  "for-each-ref": { options: references },
  "show-branch": { options: "-a -r --all --remotes --list --current --sha1-name --no-name --topics" },
  branch: {
    options: `${references} -a -r -v -l --all --remotes --list --verbose --show-current --abbrev= --no-abbrev`,
    check: (_, operands, has) =>
      operands.length === 0 || ["--list", "--merged", "--no-merged", "--contains", "--no-contains", "--points-at"].some(has),
  },
  tag: { options: `${references} -l -n?= --list`, check: (_, operands, has) => operands.length === 0 || has("-l") || has("--list") },
  remote: {
    options: "-v --verbose --all --push",
    check: (_, operands) => operands.length === 0 || (operands.length === 2 && operands[0] === "get-url"),
  },
  stash: { options: `${diff} ${log}`, shows: true, check: (_, operands) => operands[0] === "list" || operands[0] === "show" },
  reflog: {
    options: `${diff} ${log}`,
    shows: true,
    check: (_, operands) => operands.length === 0 || operands[0] === "show" || /^(HEAD|main|master)(@\{.*\})?$/.test(operands[0]!),
  },
  worktree: { options: "-v -z --porcelain --verbose", check: (_, operands) => operands.length === 1 && operands[0] === "list" },
  config: {
    options:
      "-l -z --list --get --get-all --get-regexp --global --local --system --worktree --show-origin --show-scope --name-only --null --type= --bool --int --path --includes --default=",
    check: (_, operands, has) => {
      if (operands.some((operand) => /token|password|secret|extraheader|credential/i.test(operand))) return false;
      if (has("-l") || has("--list")) return operands.length === 0;
      return ["--get", "--get-all", "--get-regexp"].some(has) ? operands.length <= 2 : operands.length === 1 && operands[0]!.includes(".");
    },
  },
  grep: {
    options:
      "-n -i -l -L -c -w -v -E -F -P -G -h -H -o -q -p -W -r -a -I -z -A= -B= -C= -e= -f=read -m= -# --and --or --not --cached --untracked --name-only --files-with-matches --files-without-match --count --line-number --ignore-case --invert-match --word-regexp --extended-regexp --fixed-strings --perl-regexp --basic-regexp --break --heading --color?= --no-color --max-depth= --show-function --function-context --all-match --column --max-count= --recursive --no-recursive --exclude-standard --full-name --text --only-matching --quiet --after-context= --before-context= --context= --null",
    shows: true,
    output: (has) => (["-l", "-L", "--name-only", "--files-with-matches", "--files-without-match"].some(has) ? "paths" : "other"),
  },
  "count-objects": { options: "-v -H --verbose --human-readable", check: none },
  "check-ignore": { options: "-q -v -n -z --quiet --verbose --non-matching --no-index" },
  "check-attr": { options: "-a -z --all --cached" },
  cherry: { options: "-v --abbrev?=" },
  version: { options: "--build-options", check: none },
};

let tables: Map<string, Options> | undefined;
function optionsOf(name: string): Options {
  tables ??= new Map(Object.entries(subs).map(([sub, { options }]) => [sub, parseOptions(options)]));
  return tables.get(name)!;
}

function git(words: readonly Argument[], context: Context): Output {
  let cwds = context.cwds;
  let at = 0;
  for (; ; at++) {
    const word = single(words[at]);
    if (word === undefined) throw new NotHarmless("git: its command is not known before it runs");
    if (word === "--no-pager" || word === "--no-optional-locks" || word === "--no-replace-objects" || word === "--literal-pathspecs")
      continue;
    if (word === "--version" && words.length === 1) return "other";
    if (word !== "-C") break;
    const target = single(words[++at]);
    if (target === undefined) throw new NotHarmless("git -C: the directory is not known before it runs");
    cwds = cwds.map((cwd) => {
      const real = realPath(cwd, target);
      if (real === undefined || !isInside(context.policy.workspace, real))
        throw new NotHarmless(`git -C ${target} is outside of the workspace`);
      return real;
    });
  }
  const name = single(words[at])!;
  const sub = Object.hasOwn(subs, name) ? subs[name] : undefined;
  if (sub === undefined) throw new NotHarmless(`git ${name} is not known to be harmless`);
  const here = { ...context, cwds };
  const parsed = readArguments(`git ${name}`, words.slice(at + 1), optionsOf(name), here);
  const operands = texts(parsed.operands, `git ${name}`);
  const used = new Set(parsed.options.map((option) => option.name));
  if (sub.check && !sub.check(parsed, operands, (option) => used.has(option)))
    throw new NotHarmless(`git ${name} is not known to be harmless in this form`);
  for (const { name: option, value } of parsed.options)
    if (value !== undefined && /%G|signature/.test(value) && /format|pretty|sort/.test(option))
      throw new NotHarmless("git would start gpg to check a signature");
  for (const operand of [...operands, ...parsed.options.filter((option) => option.name === "-L").map((option) => option.value!)])
    checkOperand(name, operand, sub.shows === true, here);
  for (const cwd of cwds) {
    const problem = context.repository(cwd);
    if (problem !== undefined) throw new NotHarmless(`git: ${problem}`);
  }
  return sub.output?.((option) => used.has(option)) ?? "other";
}

function checkOperand(name: string, operand: string, shows: boolean, context: Context): void {
  if (shows && operand.split(":").some(isSecretPath)) throw new NotHarmless(`git ${name}: ${operand} looks like a secret`);
  // With two paths outside of a repository, `git diff` compares any files.
  if (!operand.startsWith("/") && !operand.split(/[/:]/).includes("..")) {
    if (shows && name === "diff")
      for (const cwd of context.cwds)
        if (!operand.includes(":") && leavesByLink(cwd, operand, context))
          throw new NotHarmless(`git diff: ${operand} leads out of the workspace`);
    return;
  }
  for (const cwd of context.cwds) {
    const why = context.policy.read(cwd, operand);
    if (why !== undefined) throw new NotHarmless(`git ${name}: ${why}`);
  }
}

function leavesByLink(cwd: string, operand: string, context: Context): boolean {
  const real = realPath(cwd, operand);
  return real === undefined || !isInside(context.policy.workspace, real);
}

export const gitCommand: Spec = { names: "git", special: git };
