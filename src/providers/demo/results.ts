// Reading what the tools answered. The formats are those of our own tools; what does not fit is shown as it is.

export type Entry = { path: string; directory: boolean; depth: number };

/** The tree of `ls`: lines `- name/`, two spaces a level, the first one is the root. */
export function readTree(text: string): Entry[] {
  const entries: Entry[] = [];
  const parents: string[] = [];
  let root = -1;
  for (const line of text.split("\n")) {
    const match = /^( *)- (.+)$/.exec(line);
    if (!match) continue;
    const depth = match[1]!.length / 2;
    const name = match[2]!;
    if (root < 0) {
      root = depth;
      continue;
    }
    const level = depth - root - 1;
    if (level < 0) continue;
    parents.length = level;
    const directory = name.endsWith("/");
    const bare = directory ? name.slice(0, -1) : name;
    entries.push({ path: [...parents, bare].join("/"), directory, depth: level });
    if (directory) parents[level] = bare;
  }
  return entries;
}

/** Lines of a `view` result without their numbers, or undefined when it is an error. */
export function readFile(text: string): { lines: string[]; more: boolean } | undefined {
  if (!text.includes("<file>")) return undefined;
  const lines = [...text.matchAll(/^ *\d+\|(.*)$/gm)].map((match) => match[1]!);
  return { lines, more: text.includes("more lines") };
}

export type Hit = { file: string; line: number; text: string };

/** Matches of `grep`: a path with a colon, then `Line n, Char m: text`. */
export function readHits(text: string): Hit[] {
  const hits: Hit[] = [];
  let file = "";
  for (const line of text.split("\n")) {
    const hit = /^\s+Line (\d+)(?:, Char \d+)?: ?(.*)$/.exec(line);
    if (hit) hits.push({ file, line: Number(hit[1]), text: hit[2]!.trim() });
    else if (/:$/.test(line)) file = line.slice(0, -1);
  }
  return hits;
}

/** Paths of `glob`: one a line. */
export const readPaths = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !/\s/.test(line) && !line.startsWith("("));

/** A path as a person would say it. */
export const short = (path: string, directory: string): string =>
  path.startsWith(`${directory}/`) ? path.slice(directory.length + 1) : path;
