import path from "node:path";
import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { literalStart, shown, wantsHidden } from "../shared/candidates.ts";
import { optionalFlag, optionalText, text } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { cut, failure, plural, visible } from "../shared/text.ts";
import description from "./grep.md";
import { type Match, MatchReader } from "./matches.ts";

/** Matching lines of one answer. */
const matchesMax = 100;
/** Of a line: long ones are minified code or data. */
const columnsMax = 500;

const input = z.object({
  pattern: text("The regex pattern to search for in file contents"),
  path: optionalText("The directory to search in. Defaults to the current working directory."),
  include: optionalText('File pattern to include in the search (e.g. "*.js", "*.{ts,tsx}")'),
  literal_text: optionalFlag(
    "If true, the pattern will be treated as literal text with special regex characters escaped. Default is false.",
  ),
});
type Call = z.output<typeof input>;

export const grep: Tool<typeof input> = {
  name: "grep",
  description,
  input,
  parallel: false,
  async intent(call, { files }) {
    const target = await resolveTarget(files, call.path ?? ".", call);
    return {
      action: target.inside ? "none" : "read",
      title: `Search for ${visible(cut(call.pattern, 100))} in ${target.label}`,
      ...placed(target),
    };
  },
  async run(call, context) {
    if (call.pattern === "") return failure("The pattern is empty.");
    const target = await resolveAgain(context.files, call.path ?? ".", call);
    if (typeof target === "string") return failure(target);
    const found = await context.files.stat(target.real);
    if (found === undefined) return failure(`${target.path} does not exist.`);
    const directory = found.kind === "directory";
    const root = directory ? target.real : path.dirname(target.real);

    const searched = await search(call, root, directory ? "." : path.basename(target.real), context);
    if (typeof searched === "string") return failure(searched);
    const { matches, more, timedOut } = searched;
    const shownRoot = directory ? target.path : path.dirname(target.path);
    const lines = print(matches, shownRoot);
    if (timedOut) lines.push("", "(The search took too long and was ended: give a narrower path or include.)");
    else if (more) lines.push("", `(Only the first ${matchesMax} matches are shown. Give a more precise pattern, path or include.)`);
    return { text: lines.join("\n"), meta: { path: target.real, matches: matches.length, truncated: more } };
  },
};

function print(matches: Match[], root: string): string[] {
  if (matches.length === 0) return ["No matches found"];
  const lines = [`Found ${plural(matches.length, "match", "matches")}`];
  let file = "";
  for (const match of matches) {
    if (match.file !== file) {
      file = match.file;
      lines.push("", `${visible(shown(root, file))}:`);
    }
    lines.push(match.column > 0 ? `  Line ${match.line}, Char ${match.column}: ${match.text}` : `  Line ${match.line}: ${match.text}`);
  }
  return lines;
}

type Searched = { matches: Match[]; more: boolean; timedOut: boolean };

/** Files newest first; ends the search as soon as there is more than is shown. */
async function search(call: Call, root: string, where: string, context: ToolContext): Promise<Searched | string> {
  const { ripgrep } = context;
  if (ripgrep !== "") {
    const hidden = call.include !== undefined && wantsHidden(call.include);
    const crushignore = path.join(root, ".crushignore");
    const ignoreFile = (await context.files.stat(crushignore))?.kind === "file" ? ["--ignore-file", crushignore] : [];
    const args = [
      "--null",
      "--line-number",
      "--column",
      "--no-heading",
      "--with-filename",
      "--color=never",
      "--no-messages",
      "--no-require-git",
      "--no-config",
      `--max-columns=${columnsMax}`,
      "--max-columns-preview",
      "--sortr=modified",
      ...ignoreFile,
      ...(hidden ? ["--hidden"] : []),
      ...(call.literal_text ? ["--fixed-strings"] : []),
      ...(call.include === undefined ? [] : ["--glob", literalStart(call.include)]),
      "--regexp",
      call.pattern,
      "--",
      where,
    ];
    try {
      return await collect(ripgrep, args, true, root, context);
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") throw error;
    }
  }
  // Without ripgrep the system's grep: another process, so that no pattern can hold this one up.
  const include = call.include?.split("/").at(-1);
  const args = [
    "-rnHIZ",
    "-s",
    call.literal_text ? "-F" : "-E",
    ...(include === undefined ? [] : [`--include=${include}`]),
    "-e",
    call.pattern,
    "--",
    where,
  ];
  try {
    return await collect("grep", args, false, root, context);
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return "Neither ripgrep nor grep is installed, so files cannot be searched.";
  }
}

async function collect(command: string, args: string[], columns: boolean, root: string, context: ToolContext): Promise<Searched | string> {
  const { files, spawn, signal, limits } = context;
  const enough = new AbortController();
  const reader = new MatchReader({ columns, columnsMax });
  // What was named is searched, whatever the rules say of it.
  const takeAll = args.at(-1) !== "." || (await files.ignored(root, true));
  const matches: Match[] = [];
  const verdicts = new Map<string, boolean>();
  let judging = Promise.resolve();
  const judge = (found: Match[]) => {
    judging = judging.then(async () => {
      for (const match of found) {
        if (matches.length > matchesMax) return enough.abort();
        let ignored = verdicts.get(match.file);
        if (ignored === undefined) {
          ignored = !takeAll && (await files.ignored(path.join(root, match.file), false));
          verdicts.set(match.file, ignored);
        }
        if (!ignored) matches.push(match);
      }
    });
  };
  const run = await spawn.run({
    command,
    args,
    cwd: root,
    signal: AbortSignal.any([signal, enough.signal]),
    timeoutMs: limits.grepTimeoutMs,
    outputBytesMax: 16 << 10,
    onOutput: (chunk, stream) => stream === "stdout" && judge(reader.push(chunk)),
  });
  await judging;
  signal.throwIfAborted();
  if (matches.length === 0 && run.exitCode !== null && run.exitCode > 1 && run.stderr !== "")
    return `The search failed: ${run.stderr.trim()}\nSet literal_text to search for the text as it is.`;
  return { matches: matches.slice(0, matchesMax), more: matches.length > matchesMax, timedOut: run.timedOut };
}
