import fs from "node:fs";
import path from "node:path";
import { type Spec, NotHarmless, texts, type Context, type Output, checkKind } from "./spec.ts";
import type { Argument } from "../bash/state.ts";

/** Programs of which only certain whole argument lists are harmless. `unless`: files that make even those run something else. */
type Exact = { names: string; forms: RegExp; unless?: readonly string[]; reads?: boolean };

const version = /^(--version|-V)$/;

const exact: Exact[] = [
  { names: "node", forms: /^(--version|-v)$/ },
  {
    names: "python python2 python3 pypy3 pypy clang clang++ gcc g++ cc c++ gfortran swift",
    forms: /^(--version|-V)$/,
  },
  // With -v some interpreters say more while they run what comes in by the pipe; these only tell their version.
  { names: "perl ruby php lua", forms: /^(--version|-v)$/ },
  {
    names:
      "make gmake cmake ninja meson autoconf automake bison flex pkg-config m4 curl wget rsync tmux vim nvim nano emacs zsh fish gzip sqlite3 psql mysql redis-cli ffmpeg convert pandoc docker podman kubectl helm bun deno sass nasm gdb lldb strace valgrind shellcheck cppcheck rustup tsc hugo",
    forms: /^(--version)$/,
  },
  { names: "java javac", forms: /^(-version|--version)$/ },
  // A project's own files can name the tool chain that these start, or have it fetched.
  { names: "cargo rustc rustfmt", forms: version, unless: ["rust-toolchain", "rust-toolchain.toml"] },
  { names: "go gofmt", forms: /^(version|env( [A-Z_0-9]+)*)$/, unless: ["go.mod", "go.work"] },
  {
    names: "npm",
    forms:
      /^(--version|-v|(ls|list|ll)( (--depth=?\d+|--depth \d+|--all|-a|--json|-g|--global|--long|--prod|--parseable|--omit=dev|[@\w][\w@/.-]*))*|root( -g)?|prefix( -g)?|bin)$/,
  },
  { names: "pip pip3", forms: /^(--version|list( (--format=\w+|--user|--local))*|show( -f)?( [\w.-]+)+)$/ },
  { names: "dpkg", forms: /^(-[lsL]|-S|--list|--status|--listfiles|--get-selections|--print-architecture)( [\w.+*/:-]+)*$/ },
  { names: "dpkg-query", forms: /^(-[lsLWS]|--list|--show)( [\w.+*:-]+)*$/ },
  { names: "apt", forms: /^(--version|list( --(installed|upgradable|all-versions))*( [\w.+*-]+)*|show( [\w.+-]+)+|policy( [\w.+-]+)*)$/ },
  { names: "apt-cache", forms: /^(policy|show|search|depends|rdepends|madison|showpkg)( [\w.+^-]+)*$/ },
  { names: "rpm", forms: /^(-qa?|-q[il])( [\w.+-]+)*$/ },
  { names: "brew", forms: /^(--version|--prefix|list( --(versions|formula|cask))*)$/ },
  {
    names: "ip",
    forms: /^(-(4|6|br|brief|c|j|o|s|d|color=never) )*(a|addr|address|r|route|l|link|n|neigh|rule)( (show|list|ls)( (dev )?[\w.@-]+)?)?$/,
  },
  { names: "ifconfig", forms: /^(-a)?$/ },
  { names: "top", forms: /^-b(n ?1| -n ?1)( -o %?[A-Z]+| -c)*$/ },
  {
    names: "systemctl",
    forms:
      /^(status|is-active|is-enabled|is-failed|list-units|list-unit-files|list-timers|show|cat)( (--no-pager|--all|--failed|--user|--type=\w+|--state=\w+|[\w@.-]+))*$/,
  },
  { names: "tput", forms: /^(cols|lines|colors)$/ },
  { names: "clear", forms: /^$/ },
  { names: "uuidgen", forms: /^$/ },
  { names: "getent", forms: /^(hosts|services|protocols|group|passwd)( [\w.:-]+)*$/ },
  { names: "expr", forms: /^.*$/s },
  { names: "bc", forms: /^-?[lq]*$/ },
  {
    names: "ps",
    forms:
      /^((-[AadefFjlLMmNTHyxuwcZ]+|[aAuxfjlvwTrSLh]+|--forest|--no-headers|--headers|--sort[= ][\w,%+-]+|--(pid|ppid|user|format)[= ][\w,%]+|-[oOpCuUGgtsk] ?[\w,%=:+-]+|-[Aaefx]+o [\w,%=:+-]+)( |$))*$/,
  },
  { names: "unzip", forms: /^-(l|lv|v|Z1?) [\w./@+-]+$/, reads: true },
  { names: "zipinfo", forms: /^(-1 )?[\w./@+-]+$/, reads: true },
  { names: "tar", forms: /^(-?t[vzjJ]*f|-t -f|-tv -f|--list -f) [\w./@+-]+$|^--version$/, reads: true },
];

function check({ names, forms, unless, reads }: Exact, words: readonly Argument[], context: Context): Output {
  const plain = texts(words, names);
  // Joined by blanks, the forms must not be fooled by an argument that holds some.
  const text = plain.join(" ");
  if (!forms.test(text) || (names !== "expr" && plain.some((word) => /\s/.test(word))))
    throw new NotHarmless("the command is not known to be harmless in this form");
  if (reads && text !== "--version") checkKind("read", plain.at(-1)!, context, names);
  for (const file of unless ?? [])
    for (const cwd of context.cwds)
      for (let directory = cwd; ; directory = path.dirname(directory)) {
        if (fs.existsSync(path.join(directory, file)))
          throw new NotHarmless(`${path.join(directory, file)} may choose another program to run`);
        if (directory === path.dirname(directory)) break;
      }
  return "other";
}

const tables: Spec[] = exact.map((entry) => ({ names: entry.names, special: (words, context) => check(entry, words, context) }));

/** `date` sets the clock with a bare operand. */
function date(words: readonly Argument[]): Output {
  const plain = texts(words, "date");
  for (let at = 0; at < plain.length; at++) {
    const word = plain[at]!;
    if (/^(-d|--date)$/.test(word)) at++;
    else if (
      !/^(\+.*|-u|-R|-uR|-I(date|hours|minutes|seconds|ns)?|--utc|--universal|--iso-8601(=\w+)?|--rfc-3339=\w+|--rfc-email|--date=.*|-d.+)$/s.test(
        word,
      )
    )
      throw new NotHarmless("date is not known to be harmless in this form");
  }
  return "other";
}

export const toolCommands: Spec[] = [
  ...tables,
  { names: "date", special: date },
  { names: "nm", options: "-aCDgnprSu --demangle --dynamic --defined-only --undefined-only", operands: "read*" },
  { names: "readelf", options: "-aAdehlnrsSuVW --all --headers --wide", operands: "read*" },
  { names: "size", options: "-AB -d", operands: "read*" },
  { names: "objdump", options: "-adCDfhprstTxSw --disassemble --demangle --syms", operands: "read*" },
  { names: "shuf", options: "-erz -n= -i= --head-count= --input-range= --echo --repeat", operands: "read*" },
  { names: "iconv", options: "-cls -f= -t= --from-code= --to-code= --list", operands: "read*" },
  { names: "tsort", options: "", operands: "read" },
  {
    names: "eza exa lsd",
    options:
      "-1aAlGRTrdhHSgimuUFxD -L= -s= -I= --all --long --tree --level= --git-ignore --icons?= --header --sort= --color?= --group-directories-first --oneline --recurse",
    operands: "list*",
  },
  {
    names: "ag",
    options: "-ilLcnwvQsu -A= -B= -C= -G= --ignore-case --hidden --nocolor --nogroup --numbers --ignore=",
    operands: "any read*",
  },
];
