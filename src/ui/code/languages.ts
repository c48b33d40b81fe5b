// What the tokenizer has to know of a language. Small on purpose: colours help reading, they need not be a parser's.

export type Language = {
  keywords: ReadonlySet<string>;
  types: ReadonlySet<string>;
  /** Start a comment up to the end of the line. */
  lineComments: readonly string[];
  /** Open and close marks of what may span lines, and what it is. */
  spans: readonly { open: string; close: string; kind: "comment" | "string"; escapes: boolean }[];
  quotes: string;
  /** Characters that belong to names besides letters, digits and _. */
  nameExtra: string;
  /** A name or string before `:` or `=` is a key (JSON, YAML, TOML). */
  keys: boolean;
  foldCase: boolean;
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(" "));
const none: ReadonlySet<string> = new Set();
const cBlock = { open: "/*", close: "*/", kind: "comment", escapes: false } as const;
const language = (parts: Partial<Language>): Language => ({
  keywords: none,
  types: none,
  lineComments: ["//"],
  spans: [cBlock],
  quotes: "\"'",
  nameExtra: "",
  keys: false,
  foldCase: false,
  ...parts,
});

const literals = "true false null undefined None True False nil NULL self this super";
const typescript = language({
  keywords: words(
    `abstract as async await break case catch class const continue debugger declare default delete do else enum export extends finally for from function get if implements import in infer instanceof interface is keyof let namespace new of package private protected public readonly return satisfies set static switch throw try type typeof using var void while with yield ${literals}`,
  ),
  types: words(
    "any bigint boolean never number object string symbol unknown Array Map Set Promise Record Partial Readonly Error Date RegExp Uint8Array",
  ),
  spans: [cBlock, { open: "`", close: "`", kind: "string", escapes: true }],
  nameExtra: "$",
});
const python = language({
  keywords: words(
    `and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield ${literals}`,
  ),
  types: words("int float str bool bytes list dict set tuple object type"),
  lineComments: ["#"],
  spans: [
    { open: '"""', close: '"""', kind: "string", escapes: true },
    { open: "'''", close: "'''", kind: "string", escapes: true },
  ],
});
const go = language({
  keywords: words(
    `break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var iota ${literals}`,
  ),
  types: words(
    "any bool byte comparable error float32 float64 int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr",
  ),
  spans: [cBlock, { open: "`", close: "`", kind: "string", escapes: false }],
});
const rust = language({
  keywords: words(
    `as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return static struct trait type unsafe use where while Self ${literals}`,
  ),
  types: words("bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize String Vec Option Result Box Some Ok Err"),
  quotes: '"',
});
const c = language({
  keywords: words(
    `alignas auto break case catch class const constexpr continue default delete do else enum explicit export extern final for friend goto if inline mutable namespace new noexcept operator override private protected public register return sizeof static struct switch template throw try typedef typename union using virtual volatile while ${literals} #include #define #ifdef #ifndef #if #else #endif #pragma`,
  ),
  types: words(
    "bool char double float int long short signed size_t unsigned void wchar_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t string vector",
  ),
  nameExtra: "#",
});
const java = language({
  keywords: words(
    `abstract as assert break by case catch class const continue data default do else enum extends final finally for fun if implements import in instanceof interface internal is native new object open override package private protected public record return sealed static suspend switch synchronized throw throws try val var void volatile when while yield async await base event foreach get namespace out params readonly ref set string struct using virtual where ${literals}`,
  ),
  types: words("boolean byte char double float int long short String Integer List Map Set Object bool decimal"),
  nameExtra: "@",
});
const shell = language({
  keywords: words(
    "if then else elif fi for while until do done case esac in function return local export readonly declare set unset source alias cd echo exit eval exec trap shift test sudo",
  ),
  lineComments: ["#"],
  spans: [
    { open: '"', close: '"', kind: "string", escapes: true },
    { open: "'", close: "'", kind: "string", escapes: false },
  ],
  quotes: "",
  nameExtra: "$-",
});
const ruby = language({
  keywords: words(
    `alias and begin break case class def defined? do else elsif end ensure for if in module next not or redo rescue retry return then undef unless until when while yield require attr_accessor attr_reader ${literals}`,
  ),
  lineComments: ["#"],
  spans: [],
  nameExtra: "@?",
});
const sql = language({
  keywords: words(
    "select from where insert into values update set delete create table index view drop alter add column primary key foreign references not null unique default and or in is like between join left right inner outer on group by order having limit offset union all distinct as case when then else end begin commit rollback transaction exists if with pragma",
  ),
  types: words("integer int text real blob numeric varchar char boolean timestamp date json bigint"),
  lineComments: ["--"],
  foldCase: true,
});
const json = language({ keywords: words("true false null"), keys: true, quotes: '"' });
const yaml = language({ keywords: words("true false null yes no on off"), lineComments: ["#"], spans: [], keys: true, nameExtra: "-." });
const css = language({
  keywords: words("@media @import @keyframes @font-face !important inherit initial none auto"),
  nameExtra: "-@!#",
  keys: true,
});
const html = language({
  lineComments: [],
  spans: [{ open: "<!--", close: "-->", kind: "comment", escapes: false }],
  nameExtra: "-:",
  keys: true,
  keywords: words(
    "html head body div span p a ul ol li table tr td th script style link meta title img button input form h1 h2 h3 h4 section nav header footer main svg path",
  ),
});
const lua = language({
  keywords: words(`and break do else elseif end for function goto if in local not or repeat return then until while ${literals}`),
  lineComments: ["--"],
  spans: [{ open: "--[[", close: "]]", kind: "comment", escapes: false }],
});
const docker = language({
  keywords: words("from run cmd label expose env add copy entrypoint volume user workdir arg onbuild stopsignal healthcheck shell as"),
  lineComments: ["#"],
  spans: [],
  foldCase: true,
  nameExtra: "-$",
});

const table: { readonly [name: string]: Language } = {
  ts: typescript,
  typescript,
  tsx: typescript,
  js: typescript,
  javascript: typescript,
  jsx: typescript,
  mjs: typescript,
  cjs: typescript,
  mts: typescript,
  cts: typescript,
  py: python,
  python,
  go,
  golang: go,
  rs: rust,
  rust,
  c,
  h: c,
  cpp: c,
  cc: c,
  hpp: c,
  "c++": c,
  zig: rust,
  swift: java,
  java,
  kt: java,
  kotlin: java,
  cs: java,
  csharp: java,
  scala: java,
  dart: java,
  php: java,
  sh: shell,
  bash: shell,
  zsh: shell,
  shell,
  console: shell,
  fish: shell,
  ps1: shell,
  powershell: shell,
  makefile: shell,
  make: shell,
  rb: ruby,
  ruby,
  sql,
  json,
  jsonc: json,
  json5: json,
  yaml,
  yml: yaml,
  toml: yaml,
  ini: yaml,
  env: yaml,
  css,
  scss: css,
  less: css,
  html,
  xml: html,
  svg: html,
  vue: html,
  svelte: html,
  lua,
  dockerfile: docker,
  docker,
};

/** The language of a fence's info string or a file's name; undefined when unknown. */
export function languageOf(name: string): Language | undefined {
  const word = name
    .trim()
    .split(/[\s,{]/)[0]!
    .toLowerCase();
  const base = word.slice(word.lastIndexOf("/") + 1);
  const extension = base.slice(base.lastIndexOf(".") + 1);
  return Object.hasOwn(table, extension) ? table[extension] : undefined;
}
