import path from "node:path";
import picomatch from "picomatch";
import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { literalStart, shown, splitPattern, wantsHidden } from "../shared/candidates.ts";
import { optionalText, text } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { failure, visible } from "../shared/text.ts";
import description from "./glob.md";

/** Paths of one answer. */
const pathsMax = 100;
/** Directories that the walk without ripgrep opens. */
const directoriesMax = 20_000;

const input = z.object({
  pattern: text("The glob pattern to match files against"),
  path: optionalText("The directory to search in. Defaults to the current working directory."),
});
type Call = z.output<typeof input>;

/** The directory to search, and the pattern within it. */
function place(call: Call): { directory: string; pattern: string } {
  const { base, rest } = splitPattern(call.pattern.trim());
  return { directory: base.startsWith("/") || base.startsWith("~") ? base : path.join(call.path ?? ".", base), pattern: rest };
}

export const glob: Tool<typeof input> = {
  name: "glob",
  description,
  input,
  parallel: false,
  async intent(call, { files }) {
    const target = await resolveTarget(files, place(call).directory, call);
    return { action: target.inside ? "none" : "list", title: `Find ${visible(call.pattern)} in ${target.label}`, ...placed(target) };
  },
  async run(call, context) {
    const { directory, pattern } = place(call);
    if (pattern === "") return failure("The pattern is empty. Give a glob such as **/*.ts.");
    const target = await resolveAgain(context.files, directory, call);
    if (typeof target === "string") return failure(target);
    const found = await context.files.stat(target.real);
    if (found?.kind !== "directory") return failure(`${target.path} ${found === undefined ? "does not exist" : "is not a directory"}.`);

    const searched = await search(target.real, pattern, context);
    if (typeof searched === "string") return failure(searched);
    const { paths, timedOut } = searched;
    const lines = paths.slice(0, pathsMax).map((file) => visible(shown(target.path, file)));
    if (lines.length === 0) lines.push(timedOut ? "" : "No files found");
    if (timedOut) lines.push("(The search took too long and was ended: search a subdirectory, or use a narrower pattern.)");
    else if (paths.length > pathsMax) lines.push("", `(Only the ${pathsMax} newest are shown. Use a narrower pattern or path.)`);
    return {
      text: lines.join("\n"),
      meta: { path: target.real, files: Math.min(paths.length, pathsMax), truncated: paths.length > pathsMax },
    };
  },
};

/** Paths relative to `root`, newest first, one more than are shown. */
async function search(root: string, pattern: string, context: ToolContext): Promise<{ paths: string[]; timedOut: boolean } | string> {
  const { files, spawn, ripgrep, limits, signal } = context;
  if (ripgrep === "") return walk(root, pattern, context);
  const rootIgnored = await files.ignored(root, true);
  const enough = new AbortController();
  const paths: string[] = [];
  // Judged one after the other, so that the order of ripgrep (newest first) stays.
  let judging = Promise.resolve();
  const judge = (name: string) => {
    judging = judging.then(async () => {
      if (paths.length > pathsMax) return enough.abort();
      if (rootIgnored || !(await files.ignored(path.join(root, name), false))) paths.push(name);
    });
  };
  let rest = Buffer.alloc(0);
  const args = [
    "--files",
    "--null",
    "--no-messages",
    "--no-require-git",
    "--no-config",
    "--sortr=modified",
    ...(wantsHidden(pattern) ? ["--hidden"] : []),
    "--glob",
    literalStart(pattern),
  ];
  try {
    const run = await spawn.run({
      command: ripgrep,
      args,
      cwd: root,
      signal: AbortSignal.any([signal, enough.signal]),
      timeoutMs: limits.globTimeoutMs,
      outputBytesMax: 16 << 10,
      onOutput(chunk, stream) {
        if (stream !== "stdout") return;
        rest = Buffer.concat([rest, chunk]);
        for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
          judge(rest.toString("utf8", 0, end));
          rest = rest.subarray(end + 1);
        }
      },
    });
    await judging;
    signal.throwIfAborted();
    if (paths.length === 0 && run.exitCode === 2 && run.stderr !== "") return `The pattern cannot be used: ${run.stderr.trim()}`;
    return { paths, timedOut: run.timedOut };
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    return walk(root, pattern, context);
  }
}

/** Without ripgrep: our own walk, in name order, then the newest first. */
async function walk(
  root: string,
  pattern: string,
  { files, signal, limits }: ToolContext,
): Promise<{ paths: string[]; timedOut: boolean }> {
  // As in ripgrep: a pattern without a slash matches names at any depth.
  const match = picomatch(pattern, { dot: wantsHidden(pattern), basename: !pattern.includes("/") });
  const until = Date.now() + limits.globTimeoutMs;
  const found: { name: string; mtimeMs: number }[] = [];
  const open = [""];
  let opened = 0;
  let timedOut = false;
  for (let relative = open.shift(); relative !== undefined && !timedOut; relative = open.shift()) {
    signal.throwIfAborted();
    timedOut = Date.now() > until || ++opened > directoriesMax;
    for (const entry of await files.list(path.join(root, relative)).catch(() => [])) {
      const name = relative === "" ? entry.name : `${relative}/${entry.name}`;
      const directory = entry.kind === "directory";
      if (entry.name.startsWith(".") && !wantsHidden(pattern)) continue;
      if (!directory && !match(name)) continue;
      if (await files.ignored(path.join(root, name), directory)) continue;
      if (directory) open.push(name);
      else found.push({ name, mtimeMs: (await files.stat(path.join(root, name)))?.mtimeMs ?? 0 });
    }
  }
  return { paths: found.sort((a, b) => b.mtimeMs - a.mtimeMs).map((file) => file.name), timedOut };
}
