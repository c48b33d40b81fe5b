import { parseArgs } from "node:util";

/** What a program that calls us can tell apart. Documented in the README. */
export const exitCode = { done: 0, failed: 1, usage: 2, denied: 3, limit: 4, interrupted: 130 } as const;

/** The words on the command line were wrong: the message says which, and what fits. Exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export type OptionSpec = { type: "boolean" | "string"; short?: string; multiple?: boolean; value?: string; help: string };
export type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;
export type Parsed = { command: CommandSpec; sub: string | undefined; values: Values; words: string[] };

export type CommandSpec = {
  name: string;
  aliases: string[];
  usage: string;
  help: string;
  subs?: { name: string; aliases: string[]; usage: string; help: string }[];
  options: Record<string, OptionSpec>;
};

export const globalOptions: Record<string, OptionSpec> = {
  cwd: { type: "string", short: "c", value: "DIR", help: "directory to work in" },
  "data-dir": { type: "string", short: "D", value: "DIR", help: "directory of the database, logs and blobs" },
  debug: { type: "boolean", short: "d", help: "log more" },
  host: { type: "string", short: "H", value: "ADDR", help: "server to connect to: unix://PATH or tcp://HOST:PORT (token in $CRUSH_TOKEN)" },
  help: { type: "boolean", short: "h", help: "this text" },
  version: { type: "boolean", short: "v", help: "the version" },
};

const session: OptionSpec = { type: "string", short: "s", value: "ID", help: "go on with a session (id or the start of its hash)" };
const goOn: OptionSpec = { type: "boolean", short: "C", help: "go on with the newest session of this directory" };
const json: OptionSpec = { type: "boolean", help: "print JSON" };

const screenOptions: Record<string, OptionSpec> = {
  yolo: { type: "boolean", short: "y", help: "allow every call without asking (dangerous)" },
  session,
  continue: goOn,
  plain: { type: "boolean", help: "only add lines, no control sequence: for screen readers and dumb terminals ($CRUSH_PLAIN=1)" },
  inline: { type: "boolean", help: "keep to the terminal's own scrollback instead of the alternate screen" },
};

const undoOptions: Record<string, OptionSpec> = {
  preview: { type: "boolean", help: "only tell what would happen" },
  yes: { type: "boolean", help: "agree without being asked" },
  force: { type: "boolean", help: "put files back although they were changed since (what is there is kept, and redo brings it back)" },
};

export const commands: CommandSpec[] = [
  { name: "", aliases: [], usage: "crush [flags]", help: "talk to the agent in this terminal", options: screenOptions },
  {
    name: "attach",
    aliases: [],
    usage: "crush attach [SESSION]",
    help: "attach this terminal to a running session",
    options: screenOptions,
  },
  {
    name: "run",
    aliases: ["r"],
    usage: "crush run [flags] [PROMPT...]",
    help: "one prompt without a terminal; standard input is put before it",
    options: {
      quiet: { type: "boolean", short: "q", help: "nothing but the answer" },
      verbose: { type: "boolean", help: "tell on standard error what happens" },
      model: { type: "string", short: "m", value: "MODEL", help: "model or provider/model" },
      "small-model": { type: "string", value: "MODEL", help: "model for titles and the like" },
      session,
      continue: goOn,
      yolo: { type: "boolean", short: "y", help: "allow every call (dangerous); with --allow only what that allows" },
      plan: { type: "boolean", help: "plan mode: read, change nothing, answer with a plan; stays on for the session" },
      "no-plan": { type: "boolean", help: "leave the session's plan mode: the plan is approved" },
      format: { type: "string", value: "FORMAT", help: "text (default), json or stream-json" },
      "trust-project": { type: "boolean", help: "let the project's own configuration count as it is now (see crush trust)" },
      allow: { type: "string", multiple: true, value: "RULE", help: "allow tool, tool:action or bash(git status *); may be repeated" },
      attach: {
        type: "string",
        short: "a",
        multiple: true,
        value: "FILE",
        help: "give a file or picture with the prompt; may be repeated",
      },
      "max-turns": { type: "string", value: "N", help: "end after N requests to the model (exit code 4)" },
      budget: { type: "string", value: "DOLLARS", help: "end before a request that could take the turn beyond this cost (exit code 4)" },
      timeout: { type: "string", value: "SECONDS", help: "end after this time (exit code 4)" },
    },
  },
  {
    name: "server",
    aliases: [],
    usage: "crush server [status|stop] [flags]",
    help: "run the server in the foreground, or look after it",
    subs: [
      { name: "status", aliases: [], usage: "", help: "what it is doing" },
      { name: "stop", aliases: [], usage: "", help: "end it" },
    ],
    options: {
      listen: { type: "string", value: "HOST:PORT", help: "also listen on TCP (a token is always needed)" },
      "tls-cert": { type: "string", value: "FILE", help: "certificate for --listen" },
      "tls-key": { type: "string", value: "FILE", help: "its key" },
      "insecure-lan": { type: "boolean", help: "allow --listen beyond loopback without TLS (dangerous)" },
      "allow-origin": { type: "string", multiple: true, value: "ORIGIN", help: "web page that may connect; may be repeated" },
      "allow-host": { type: "string", multiple: true, value: "HOST", help: "name under which it may be addressed; may be repeated" },
      "idle-exit": {
        type: "string",
        value: "SECONDS",
        help: "end this long after the last client and turn (0 = never; default 0 in the foreground)",
      },
      force: { type: "boolean", help: "stop although turns run" },
      json,
    },
  },
  {
    name: "session",
    aliases: ["sessions", "s"],
    usage: "crush session COMMAND [flags]",
    help: "list, search, show, last, rename, delete, export, fork, rewind",
    subs: [
      { name: "list", aliases: ["ls"], usage: "", help: "newest first (--all: of every directory)" },
      { name: "search", aliases: ["find"], usage: "WORDS", help: "messages that hold them all, newest first, of every directory" },
      { name: "show", aliases: [], usage: "ID", help: "its messages" },
      { name: "last", aliases: [], usage: "", help: "the newest one of this directory" },
      { name: "rename", aliases: [], usage: "ID TITLE", help: "give it a title" },
      { name: "delete", aliases: ["rm"], usage: "ID", help: "remove it and all it holds" },
      { name: "export", aliases: [], usage: "ID", help: "as --format md (default), html or json; secrets are taken out" },
      { name: "fork", aliases: [], usage: "ID [MESSAGE]", help: "a new session with its history (up to a message: its id or number)" },
      { name: "rewind", aliases: [], usage: "ID MESSAGE", help: "undo every turn after a message" },
    ],
    options: {
      json,
      all: { type: "boolean", help: "of every directory" },
      output: { type: "string", short: "o", value: "FILE", help: "write there" },
      format: { type: "string", value: "FORMAT", help: "of export: md, html or json" },
      "with-secrets": { type: "boolean", help: "export what looks like a key as it is" },
      ...undoOptions,
    },
  },
  {
    name: "undo",
    aliases: [],
    usage: "crush undo [SESSION] [flags]",
    help: "take back the last turn of a session (default: the newest of this directory) with the files that it wrote",
    options: { ...undoOptions, turn: { type: "string", value: "ID", help: "this turn instead of the last one" }, json },
  },
  { name: "redo", aliases: [], usage: "crush redo [SESSION] [flags]", help: "take the last undo back", options: { ...undoOptions, json } },
  {
    name: "import",
    aliases: [],
    usage: "crush import [--from PATH]",
    help: "copy the sessions of a Crush database, which is only read; again: add what is new",
    options: { from: { type: "string", value: "PATH", help: "crush.db, or the directory of a project (default: this one)" }, json },
  },
  {
    name: "models",
    aliases: [],
    usage: "crush models [--check] [FILTER]",
    help: "models that are configured here",
    options: { json, check: { type: "boolean", help: "ask each provider whether it takes its key" } },
  },
  {
    name: "update-providers",
    aliases: [],
    usage: "crush update-providers [URL|FILE|embedded]",
    help: "take the catalogue of models anew: from its usual address, from somewhere else, or the one that came with this version",
    options: { json, source: { type: "string", value: "NAME", help: "catwalk (default); there is no other" } },
  },
  {
    name: "permission",
    aliases: [],
    usage: "crush permission check [--json] [COMMAND]",
    help: "say whether a shell command would be allowed, asked about or denied, without running it",
    subs: [
      {
        name: "check",
        aliases: [],
        usage: "COMMAND",
        help: "with --json and no command: lines {id, cmd, shell} in, {id, decision, why} out",
      },
    ],
    options: {
      json,
      shell: { type: "string", value: "SHELL", help: "bash (default) or powershell" },
      allow: { type: "string", multiple: true, value: "RULE", help: "as for run" },
    },
  },
  {
    name: "config",
    aliases: [],
    usage: "crush config COMMAND [flags]",
    help: "check the configuration, or show what all its files say together",
    subs: [
      { name: "check", aliases: [], usage: "[FILE]", help: "name file, line and key of each mistake" },
      { name: "show", aliases: [], usage: "", help: "the merged result, secrets replaced" },
    ],
    options: { json },
  },
  {
    name: "trust",
    aliases: [],
    usage: "crush trust [DIR] [flags]",
    help: "show what a project's own configuration would set, and let exactly that count",
    options: {
      list: { type: "boolean", help: "tell which files are trusted" },
      revoke: { type: "boolean", help: "take it back for the directory and all below" },
      yes: { type: "boolean", help: "agree without being asked" },
      json,
    },
  },
  { name: "schema", aliases: [], usage: "crush schema", help: "the JSON Schema of crush.json", options: {} },
  { name: "dirs", aliases: [], usage: "crush dirs", help: "where configuration, data and sockets are", options: { json } },
  {
    name: "logs",
    aliases: [],
    usage: "crush logs [-f] [-t N]",
    help: "the server's log",
    options: {
      follow: { type: "boolean", short: "f", help: "and go on" },
      tail: { type: "string", short: "t", value: "N", help: "last N lines (default 1000)" },
    },
  },
];

/**
 * Splits the command line. Flags may stand before and after the command's name; after `--` everything is words.
 * @throws UsageError naming the flag or command that is not known and the nearest that is
 */
export function parseCommandLine(argv: string[]): Parsed {
  // The command is the first word that is no flag and no flag's value.
  let at = 0;
  while (at < argv.length) {
    const word = argv[at]!;
    if (word === "--" || !word.startsWith("-")) break;
    at += takesValue(word) ? 2 : 1;
  }
  const named = argv[at];
  const command =
    named === undefined || named === "--"
      ? commands[0]!
      : commands.find((c) => c.name !== "" && (c.name === named || c.aliases.includes(named)));
  if (!command) {
    const near = commands
      .map((c) => c.name)
      .find((name) => name !== "" && (name.startsWith(named!.slice(0, 3)) || named!.startsWith(name)));
    throw new UsageError(
      `there is no command "${named}"${near ? `, did you mean "${near}"` : ""}; to ask the model something without a terminal: crush run "${named} ..."`,
    );
  }
  const rest = command.name === "" ? argv : [...argv.slice(0, at), ...argv.slice(at + 1)];
  const options = { ...globalOptions, ...command.options };
  let parsed: { values: Values; positionals: string[] };
  try {
    const config = Object.fromEntries(
      Object.entries(options).map(([name, o]) => [
        name,
        { type: o.type, ...(o.short ? { short: o.short } : {}), ...(o.multiple ? { multiple: true } : {}) },
      ]),
    );
    parsed = parseArgs({ args: rest, options: config, allowPositionals: true, strict: true }) as typeof parsed;
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0]}; see crush ${command.name ? `${command.name} ` : ""}--help`);
  }
  let words = parsed.positionals;
  let sub: string | undefined;
  if (command.subs && words.length > 0) {
    const found = command.subs.find((s) => s.name === words[0] || s.aliases.includes(words[0]!));
    if (!found)
      throw new UsageError(`crush ${command.name}: there is no "${words[0]}", only ${command.subs.map((s) => s.name).join(", ")}`);
    sub = found.name;
    words = words.slice(1);
  }
  if (parsed.values.session !== undefined && parsed.values.continue === true)
    throw new UsageError("--session and --continue exclude one another");
  return { command, sub, values: parsed.values, words };
}

/** Whether a flag before the command's name eats the next word. */
function takesValue(word: string): boolean {
  if (word.includes("=")) return false;
  const all = [globalOptions, ...commands.map((c) => c.options)];
  const name = word.replace(/^-+/, "");
  for (const options of all) {
    for (const [long, option] of Object.entries(options)) {
      if (word.startsWith("--") ? long === name : option.short === name) return option.type === "string";
    }
  }
  return false;
}

export const text = (values: Values, name: string): string | undefined =>
  typeof values[name] === "string" ? (values[name] as string) : undefined;
export const flag = (values: Values, name: string): boolean => values[name] === true;
export const list = (values: Values, name: string): string[] => (Array.isArray(values[name]) ? (values[name] as string[]) : []);

/** A whole number above zero. @throws UsageError */
export function count(values: Values, name: string): number | undefined {
  const given = text(values, name);
  if (given === undefined) return undefined;
  const number = Number(given);
  if (!Number.isFinite(number) || number <= 0) throw new UsageError(`--${name} takes a number above zero, not "${given}"`);
  return number;
}

export function helpText(command: CommandSpec): string {
  const lines: string[] = [];
  if (command.name === "") {
    lines.push("crush: a coding agent in the terminal", "", "usage: crush [flags] [command]", "", "commands:");
    for (const c of commands.slice(1)) lines.push(`  ${c.name.padEnd(12)} ${c.help}`);
  } else {
    lines.push(`crush ${command.name}: ${command.help}`, "", `usage: ${command.usage}`);
    if (command.subs) {
      lines.push("", "commands:");
      for (const s of command.subs) lines.push(`  ${`${s.name} ${s.usage}`.padEnd(16)} ${s.help}`);
    }
  }
  const table = (title: string, options: Record<string, OptionSpec>) => {
    lines.push("", title);
    for (const [long, o] of Object.entries(options))
      lines.push(`  ${o.short ? `-${o.short}, ` : "    "}${`--${long}${o.value ? ` ${o.value}` : ""}`.padEnd(24)} ${o.help}`);
  };
  if (Object.keys(command.options).length > 0) table("flags:", command.options);
  table("flags of every command:", globalOptions);
  return `${lines.join("\n")}\n`;
}
