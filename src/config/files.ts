import fs from "node:fs";
import path from "node:path";

/**
 * user: the user's own or the machine's; its values may run, redirect and reveal. project: came with a directory somebody else may
 * have written. script: a crushrc, which is Bash.
 */
export type ConfigSource = { file: string; trust: "user" | "project"; script: boolean };

export type ConfigPlaces = {
  workspace: string;
  /** The user's configuration directory (configDirectory of cli/paths). */
  configDir: string;
  env: Record<string, string | undefined>;
};

/** Where Crush keeps its own overrides for a workspace, unless `options.data_directory` says otherwise. */
export const defaultDataDirectory = ".crush";

/** Nearest directory upwards that holds `.git`, or undefined. */
export function gitRoot(from: string): string | undefined {
  for (let at = from; ; at = path.dirname(at)) {
    if (fs.existsSync(path.join(at, ".git"))) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

/**
 * Files that Crush reads, lowest precedence first; whether they exist is the reader's business.
 * /etc/crush/crush.json < user's crush.json < user's crushrc < machine-written crush.json of Crush's data directory < from the git root
 * down to the workspace: crush.json < .crush.json < crushrc < .crushrc. The overrides of `overrideFile` come last.
 */
export function configSources(places: ConfigPlaces): ConfigSource[] {
  const { workspace, configDir, env } = places;
  const sources: ConfigSource[] = [];
  const user = (file: string): void => void sources.push({ file, trust: "user", script: path.basename(file) === "crushrc" });
  if (process.platform !== "win32") user("/etc/crush/crush.json");
  user(path.join(configDir, "crush.json"));
  user(path.join(configDir, "crushrc"));
  user(dataFile(env));
  const down: string[] = [];
  const root = projectRoot(workspace);
  for (let at = workspace; ; at = path.dirname(at)) {
    down.unshift(at);
    if (at === root || path.dirname(at) === at) break;
  }
  for (const directory of down)
    for (const name of ["crush.json", ".crush.json", "crushrc", ".crushrc"])
      sources.push({ file: path.join(directory, name), trust: "project", script: name.endsWith("rc") });
  // A home directory that is itself the workspace would name the user's own file twice.
  const seen = new Set<string>();
  return sources.filter(({ file }) => !seen.has(file) && seen.add(file));
}

/** Crush's machine-written file: keys that were entered on a screen, chosen models. */
export function dataFile(env: ConfigPlaces["env"]): string {
  const home = env.HOME || env.USERPROFILE || "";
  const data =
    env.CRUSH_GLOBAL_DATA ||
    (process.platform === "win32"
      ? path.join(env.LOCALAPPDATA || path.join(home, "AppData", "Local"), "crush")
      : path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "crush"));
  return path.join(data, "crush.json");
}

/** What the directory brought with it ends here: links of its files may not lead out of it. */
export const projectRoot = (workspace: string): string => gitRoot(workspace) ?? workspace;

/** Overrides that Crush's own screen wrote for a workspace. They lie in the project, so they count as its. */
export const overrideFile = (workspace: string, dataDirectory: string): ConfigSource => ({
  file: path.resolve(workspace, dataDirectory, "crush.json"),
  trust: "project",
  script: false,
});
