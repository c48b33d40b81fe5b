import path from "node:path";
import type { Files } from "../../contracts/tool.ts";

/** Entries of one directory that is given with a prompt: the model can list the rest itself. */
const entriesMax = 500;
const depthMax = 4;

/**
 * What is in a directory, as an indented tree without what is ignored; a level at a time, so that a bound cuts the deepest first.
 * Links are named and not followed.
 */
export async function directoryListing(files: Files, directory: string): Promise<string> {
  type Node = { name: string; children?: Node[] };
  const root: Node = { name: "", children: [] };
  let level: { node: Node; directory: string }[] = [{ node: root, directory }];
  let count = 0;
  let cut = false;
  for (let depth = 0; depth < depthMax && level.length > 0; depth++) {
    const next: typeof level = [];
    for (const { node, directory: at } of level) {
      const entries = (await files.list(at).catch(() => [])).sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const { name, kind } of entries) {
        const isDirectory = kind === "directory";
        if (await files.ignored(path.join(at, name), isDirectory)) continue;
        if (++count > entriesMax) {
          cut = true;
          break;
        }
        const child: Node = isDirectory ? { name: `${name}/`, children: [] } : { name };
        node.children!.push(child);
        if (isDirectory) next.push({ node: child, directory: path.join(at, name) });
      }
    }
    level = next;
  }
  const lines: string[] = [];
  const print = ({ children = [] }: Node, indent: string): void => {
    for (const child of children) {
      // A line end in a name would be a line of its own.
      lines.push(indent + child.name.replace(/\p{Cc}/gu, "?"));
      print(child, `${indent}  `);
    }
  };
  print(root, "");
  if (cut) lines.push(`(more than ${entriesMax} entries: the deepest are left out)`);
  else if (level.length > 0) lines.push(`(directories below level ${depthMax} are not opened)`);
  return lines.length === 0 ? "(empty)" : lines.join("\n");
}
