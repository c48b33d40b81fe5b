import fs from "node:fs/promises";
import path from "node:path";
import ignore, { type Ignore } from "ignore";
import { ignoredAlways, ignoredWithoutGitignore } from "./builtin-ignore.ts";

/** A directory's rules are read again after this time: cheap, and an edited .gitignore counts soon enough. */
const rulesFreshMs = 5_000;
/** Directories whose rules are remembered. */
const directoriesMax = 5_000;
const ruleFiles = [".gitignore", ".crushignore"];

export interface IgnoreRules {
  /** `file` is absolute; outside of the root only the built-in list counts. */
  ignored(file: string, directory: boolean): Promise<boolean>;
}

/**
 * Hierarchical .gitignore and .crushignore: a deeper file's rule wins over a higher one's, and nothing inside of an ignored
 * directory can be taken back (as in git).
 * @param globalRules  lines of the user's own ignore file
 */
export function createIgnore(root: string, options: { globalRules?: string; now?(): number } = {}): IgnoreRules {
  const now = options.now ?? Date.now;
  const rules = new Map<string, { rules: Ignore | undefined; readAt: number }>();
  const verdicts = new Map<string, { ignored: boolean; readAt: number }>();
  let builtin: { rules: Ignore; readAt: number } | undefined;

  async function builtinRules(): Promise<Ignore> {
    if (builtin !== undefined && now() - builtin.readAt < rulesFreshMs) return builtin.rules;
    const own = await fs.access(path.join(root, ".gitignore")).then(
      () => true,
      () => false,
    );
    const made = ignore().add(ignoredAlways as string[]);
    if (!own) made.add(ignoredWithoutGitignore as string[]);
    if (options.globalRules !== undefined) made.add(options.globalRules);
    builtin = { rules: made, readAt: now() };
    return made;
  }

  async function rulesOf(directory: string): Promise<Ignore | undefined> {
    const known = rules.get(directory);
    if (known !== undefined && now() - known.readAt < rulesFreshMs) return known.rules;
    const texts = await Promise.all(ruleFiles.map((name) => fs.readFile(path.join(directory, name), "utf8").catch(() => undefined)));
    const made = texts.some((text) => text !== undefined) ? ignore().add(texts.filter((text) => text !== undefined).join("\n")) : undefined;
    remember(rules, directory, { rules: made, readAt: now() });
    return made;
  }

  /** One path, its parents taken as not ignored. */
  async function judge(relative: string, directory: boolean): Promise<boolean> {
    const suffix = directory ? "/" : "";
    let verdict = (await builtinRules()).ignores(relative + suffix);
    const parts = relative.split("/");
    for (let depth = 0; depth < parts.length; depth++) {
      const own = await rulesOf(path.join(root, ...parts.slice(0, depth)));
      const test = own?.test(parts.slice(depth).join("/") + suffix);
      if (test?.ignored) verdict = true;
      else if (test?.unignored) verdict = false;
    }
    return verdict;
  }

  async function directoryIgnored(relative: string): Promise<boolean> {
    const known = verdicts.get(relative);
    if (known !== undefined && now() - known.readAt < rulesFreshMs) return known.ignored;
    const parent = path.posix.dirname(relative);
    const verdict = (parent !== "." && (await directoryIgnored(parent))) || (await judge(relative, true));
    remember(verdicts, relative, { ignored: verdict, readAt: now() });
    return verdict;
  }

  return {
    async ignored(file, directory) {
      const relative = path.relative(root, file).split(path.sep).join("/");
      if (relative === "") return false;
      if (relative.startsWith("../") || relative === ".." || path.isAbsolute(relative)) {
        return ignore()
          .add(ignoredAlways as string[])
          .ignores(path.basename(file) + (directory ? "/" : ""));
      }
      if (directory) return directoryIgnored(relative);
      const parent = path.posix.dirname(relative);
      return (parent !== "." && (await directoryIgnored(parent))) || judge(relative, false);
    },
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  if (map.size >= directoriesMax) map.clear();
  map.set(key, value);
}
