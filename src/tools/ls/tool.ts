import path from "node:path";
import picomatch from "picomatch";
import { z } from "zod";
import type { Tool, ToolContext } from "../../contracts/tool.ts";
import { optionalInteger, optionalList, optionalText } from "../shared/fields.ts";
import { placed, resolveAgain, resolveTarget } from "../shared/target.ts";
import { failure, visible } from "../shared/text.ts";
import description from "./ls.md";

/** Entries of one answer, whatever the configuration says. */
const entriesMax = 1_000;
/** Outside of the workspace a listing may be of anything (the home directory): a glance is enough. */
const outsideDepth = 2;
const outsideEntries = 100;
/** Directories that are opened for one listing. */
const directoriesMax = 5_000;

const input = z.object({
  path: optionalText("The path to the directory to list (defaults to current working directory)"),
  ignore: optionalList(z.string(), "List of glob patterns to ignore"),
  depth: optionalInteger("The maximum depth to traverse", { min: 0 }),
});

type Node = { name: string; directory: boolean; children: Node[] };

export const ls: Tool<typeof input> = {
  name: "ls",
  description,
  input,
  parallel: false,
  async intent(call, { files }) {
    const target = await resolveTarget(files, call.path ?? ".", call);
    return { action: target.inside ? "none" : "list", title: `List ${target.label}`, ...placed(target) };
  },
  async run(call, context) {
    const { files, limits } = context;
    const target = await resolveAgain(files, call.path ?? ".", call);
    if (typeof target === "string") return failure(target);
    const found = await files.stat(target.real);
    if (found === undefined) return failure(`${target.path} does not exist.`);
    if (found.kind !== "directory") return failure(`${target.path} is not a directory. Use view to read a file.`);

    const depth = call.depth || limits.lsMaxDepth || (target.inside ? Number.POSITIVE_INFINITY : outsideDepth);
    const wanted = Math.min(entriesMax, limits.lsMaxItems || entriesMax);
    const max = target.inside ? wanted : Math.min(wanted, outsideEntries);
    const tree = await walk(target.real, { depth, max, ignore: call.ignore ?? [] }, context);
    const lines = [`- ${visible(target.path)}${target.path.endsWith(path.sep) ? "" : "/"}`];
    print(tree.children, "  ", lines);
    const note = tree.more ? `\n(Only the first ${tree.count} entries are shown. List a subdirectory, or use glob.)\n` : "";
    return { text: `${lines.join("\n")}\n${note}`, meta: { path: target.real, entries: tree.count, truncated: tree.more } };
  },
};

/** Breadth first, so that a bound cuts the deep things and not the later ones. Links are shown and not followed. */
async function walk(root: string, bounds: { depth: number; max: number; ignore: string[] }, { files, signal }: ToolContext) {
  const matches = bounds.ignore.map((pattern) =>
    picomatch(pattern.replace(/\/+$/, ""), { dot: true, basename: !pattern.replace(/\/+$/, "").includes("/") }),
  );
  const rootIgnored = await files.ignored(root, true);
  const children: Node[] = [];
  let queue = [{ directory: root, relative: "", level: 1, into: children }];
  let count = 0;
  let opened = 0;
  let more = false;
  while (queue.length > 0 && !more) {
    const next: typeof queue = [];
    for (const { directory, relative, level, into } of queue) {
      signal.throwIfAborted();
      if (++opened > directoriesMax) more = true;
      if (more) break;
      // A directory that we may not look into is shown without its content.
      const entries = await files.list(directory).catch(() => []);
      entries.sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const entry of entries) {
        const isDirectory = entry.kind === "directory";
        const file = path.join(directory, entry.name);
        const name = relative + entry.name;
        if (matches.some((match) => match(name))) continue;
        if (!rootIgnored && (await files.ignored(file, isDirectory))) continue;
        if (count >= bounds.max) {
          more = true;
          break;
        }
        count++;
        const node: Node = { name: entry.name, directory: isDirectory, children: [] };
        into.push(node);
        if (isDirectory && level < bounds.depth)
          next.push({ directory: file, relative: `${name}/`, level: level + 1, into: node.children });
      }
    }
    queue = next;
  }
  return { children, count, more };
}

function print(nodes: Node[], indent: string, lines: string[]): void {
  for (const node of nodes) {
    lines.push(`${indent}- ${visible(node.name)}${node.directory ? "/" : ""}`);
    print(node.children, `${indent}  `, lines);
  }
}
