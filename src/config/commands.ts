// Custom commands: prompts in Markdown files, with places for arguments. Crush's directories and ids; fields in front as Claude Code has them.
import path from "node:path";
import { defaultDataDirectory } from "./files.ts";
import { asText, readFrontMatter } from "./front-matter.ts";
import { type MarkdownFile, markdownFiles } from "./markdown-files.ts";
import { readProjectSource, readSource } from "./read.ts";
import { openTrust } from "./trust.ts";

export type CustomCommand = {
  /** `user:name` or `project:name`, directories before the name. */
  id: string;
  description?: string;
  hint?: string;
  /** Names in capitals that the text asks for, in order of appearance. */
  arguments: string[];
  text: string;
  file: string;
};

type Request = { workspace: string; homeDir: string; configDir: string; dataDir: string; dataDirectory?: string };

const isMarkdown = (name: string): boolean => name.endsWith(".md");
const descriptionCharsMax = 200;

/** `$NAME`: a capital, then capitals, digits and underscores, as in Crush. */
const placeholder = /\$([A-Z][A-Z0-9_]*|[1-9])/g;

/** Commands of the project as they are now; they count when their contents are trusted. */
export function projectCommandFiles(workspace: string, dataDirectory = defaultDataDirectory): MarkdownFile[] {
  return markdownFiles(path.resolve(workspace, dataDirectory, "commands"), isMarkdown, (file) => readProjectSource(file, workspace));
}

/** Commands that count in the workspace, and how many of the project wait for a yes. Of two with one id the later one counts. */
export function loadCommands({ workspace, homeDir, configDir, dataDir, dataDirectory }: Request): {
  commands: CustomCommand[];
  waiting: number;
} {
  const own = [path.join(configDir, "commands"), path.join(homeDir, ".crush", "commands")].flatMap((directory) =>
    markdownFiles(directory, isMarkdown, (file) => readSource(file)),
  );
  const all = projectCommandFiles(workspace, dataDirectory);
  const trust = all.length === 0 ? undefined : openTrust(dataDir);
  const trusted = all.filter(({ file, hash }) => trust?.isTrusted(file, hash));
  const found = new Map<string, CustomCommand>();
  for (const [scope, files] of [["user", own] as const, ["project", trusted] as const])
    for (const file of files) {
      const command = readCommand(scope, file);
      if (command) found.set(command.id, command);
    }
  return { commands: [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1)), waiting: all.length - trusted.length };
}

function readCommand(scope: "user" | "project", { file, inside, text }: MarkdownFile): CustomCommand | undefined {
  const { fields, body } = readFrontMatter(text);
  if (body.trim() === "") return undefined;
  const description = asText(fields.get("description"))?.replace(/\s+/g, " ").trim().slice(0, descriptionCharsMax);
  const hint = asText(fields.get("argument-hint"))?.slice(0, descriptionCharsMax);
  const names = new Set([...body.matchAll(placeholder)].map(([, name]) => name!));
  return {
    id: [scope, ...inside, path.basename(file, ".md")].join(":"),
    ...(description && { description }),
    ...(hint && { hint }),
    // Digits are words of what is written behind the name; there is no form for them.
    arguments: [...names].filter((name) => /^[A-Z]/.test(name)),
    text: body,
    file,
  };
}

/**
 * The prompt that a command becomes. `values` fill names; `args`, what was written behind the command's name, is $ARGUMENTS, its words
 * are $1 to $9, and names without a value get them in order, the last one all that is left. Without any place for it `args` follows
 * the text. One pass: what is put in is not looked at again.
 */
export function expandCommand(
  { text, arguments: names }: Pick<CustomCommand, "text" | "arguments">,
  { args = "", values = {} }: { args?: string; values?: Readonly<Record<string, string>> },
): string {
  const given = args.trim();
  const words = wordsOf(given);
  const open = names.filter((name) => name !== "ARGUMENTS" && !Object.hasOwn(values, name));
  let used = false;
  const expanded = text.replace(placeholder, (_, name: string) => {
    if (Object.hasOwn(values, name)) return values[name]!;
    used = true;
    if (name === "ARGUMENTS") return given;
    if (/^[1-9]$/.test(name)) return words[Number(name) - 1] ?? "";
    const at = open.indexOf(name);
    return at === open.length - 1 ? words.slice(at).join(" ") : (words[at] ?? "");
  });
  return given === "" || used ? expanded : `${expanded}\n\n${given}`;
}

/** Words as a shell would see them, as far as quotes go. */
function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, double, single, plain]) => double ?? single ?? plain!);
}
