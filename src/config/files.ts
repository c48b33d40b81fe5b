import fs from "node:fs";
import path from "node:path";

/** user: the user's own or the machine's; its values may run, redirect and reveal. project: came with a directory somebody else may have written. */
export type ConfigSource = { file: string; trust: "user" | "project" };

export type ConfigPlaces = {
  workspace: string;
  /** The user's configuration directory (configDirectory of cli/paths). */
  configDir: string;
  env: Record<string, string | undefined>;
};

/** Nearest directory upwards that holds `.git`, or undefined. */
export function gitRoot(from: string): string | undefined {
  for (let at = from; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, ".git"))) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

/**
 * Files that Crush reads, lowest precedence first; whether they exist is the reader's business.
 * /etc/crush/crush.json < user's crush.json < machine-written crush.json of Crush's data directory < from the git root down to the
 * workspace: crush.json < .crush.json < <workspace>/.crush/crush.json.
 */
export function configSources(places: ConfigPlaces): ConfigSource[] {
  const { workspace, configDir, env } = places;
  const sources: ConfigSource[] = [];
  if (process.platform !== "win32") sources.push({ file: "/etc/crush/crush.json", trust: "user" });
  sources.push({ file: path.join(configDir, "crush.json"), trust: "user" });
  const home = env.HOME || env.USERPROFILE || "";
  const data =
    env.CRUSH_GLOBAL_DATA ||
    (process.platform === "win32"
      ? path.join(env.LOCALAPPDATA || path.join(home, "AppData", "Local"), "crush")
      : path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "crush"));
  sources.push({ file: path.join(data, "crush.json"), trust: "user" });
  const root = gitRoot(workspace) ?? workspace;
  const down: string[] = [];
  for (let at = workspace; ; at = path.dirname(at)) {
    down.unshift(at);
    if (at === root || path.dirname(at) === at) break;
  }
  for (const directory of down) {
    sources.push({ file: path.join(directory, "crush.json"), trust: "project" });
    sources.push({ file: path.join(directory, ".crush.json"), trust: "project" });
  }
  sources.push({ file: path.join(workspace, ".crush", "crush.json"), trust: "project" });
  // A home directory that is itself the workspace would name the user's own file twice.
  const seen = new Set<string>();
  return sources.filter(({ file }) => !seen.has(file) && seen.add(file));
}

/** The scripts that Crush would also run; this version says that it did not. */
export function scriptSources(places: ConfigPlaces): string[] {
  const found = [path.join(places.configDir, "crushrc"), path.join(places.workspace, "crushrc"), path.join(places.workspace, ".crushrc")];
  return found.filter((file) => fs.existsSync(file));
}
