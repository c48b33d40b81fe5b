import fs from "node:fs/promises";
import path from "node:path";

export type GlobalIgnorePlaces = {
  /** Directory of the user's configuration, in which a file named `ignore` may be. */
  configDir: string;
  homeDir: string;
  /** XDG_CONFIG_HOME, where it is set. */
  xdgConfig?: string;
};

/**
 * Files of rules that hold in every workspace, low to high: git's own (`core.excludesfile`, by default `git/ignore` in the directory of
 * configurations), then Crush's. Git's configuration is read and never run; what it includes from other files is not followed.
 */
async function globalIgnoreFiles({ configDir, homeDir, xdgConfig }: GlobalIgnorePlaces): Promise<string[]> {
  const git = path.join(xdgConfig || path.join(homeDir, ".config"), "git");
  let excludes = path.join(git, "ignore");
  for (const file of [path.join(git, "config"), path.join(homeDir, ".gitconfig")]) {
    const text = await fs.readFile(file, "utf8").catch(() => "");
    const found = excludesFile(text);
    if (found !== undefined) excludes = path.resolve(homeDir, found.replace(/^~(?=\/)/, homeDir));
  }
  return [excludes, path.join(configDir, "ignore")];
}

/** All of these rules as one text; empty when there are none. */
export async function globalIgnoreRules(places: GlobalIgnorePlaces): Promise<string> {
  const texts = await Promise.all((await globalIgnoreFiles(places)).map((file) => fs.readFile(file, "utf8").catch(() => "")));
  return texts.filter((text) => text !== "").join("\n");
}

/** The value in a file of git's format; the last one counts. */
function excludesFile(text: string): string | undefined {
  let section = "";
  let found: string | undefined;
  for (const line of text.split(/\r?\n/)) {
    const head = /^\s*\[([^\]"]*)(?:"[^"]*")?\]/.exec(line);
    if (head) section = head[1]!.trim().toLowerCase();
    const rest = head ? line.slice(head[0].length) : line;
    const value = section === "core" ? /^\s*excludesfile\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;#]*))/i.exec(rest) : null;
    if (value) found = (value[1]?.replace(/\\(.)/g, "$1") ?? value[2]!).trim() || undefined;
  }
  return found;
}
