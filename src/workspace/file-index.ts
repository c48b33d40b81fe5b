import { spawn } from "node:child_process";
import path from "node:path";
import { fdir } from "fdir";
import { createIgnore, type IgnoreRules } from "./ignore.ts";
import { rank } from "./fuzzy.ts";
import { ignoredAlways } from "./builtin-ignore.ts";

/** Paths of one index: about 10 MB. What is beyond is not completed. */
const pathsMax = 100_000;
/** A listing is used this long; an older one is still used while a new one is made. */
const freshMs = 10_000;
/** Workspaces whose listing is kept. */
const workspacesMax = 8;
/** A search that takes longer (a home directory on a slow disk) is taken as it is. */
const listMs = 5_000;

const crushIgnore = /(?:^|\/)\.crushignore$/;

type Listing = { paths: string[]; lowers: string[]; at: number; refreshing: Promise<void> | undefined };

export interface FileIndex {
  /** Paths under the workspace, relative, directories ending in "/", best match first. The first call of a workspace lists it. */
  complete(workspace: string, query: string, limit: number): Promise<string[]>;
}

/** Listings of files for `@` completion. Walks and sorts: meant for the compute worker's thread. */
export function createFileIndex(options: {
  ripgrep: string;
  now?(): number;
  /** The user's own rules; absent: there are none. */
  globalRules?(): Promise<string>;
}): FileIndex {
  const now = options.now ?? Date.now;
  const listings = new Map<string, Listing>();

  async function refresh(workspace: string, listing: Listing): Promise<void> {
    const own = (await options.globalRules?.()) ?? "";
    const rules = createIgnore(workspace, { globalRules: own });
    const listed = await listWithRipgrep(options.ripgrep, workspace);
    let files = listed ?? (await listWithWalk(workspace, rules));
    // Ripgrep knows git's rules and not Crush's.
    if (listed !== undefined && (own !== "" || listed.some((file) => crushIgnore.test(file)))) files = await kept(workspace, files, rules);
    files.sort();
    listing.paths = [...files, ...directoriesOf(files)];
    listing.lowers = listing.paths.map((file) => file.toLowerCase());
    listing.at = now();
    listing.refreshing = undefined;
  }

  return {
    async complete(workspace, query, limit) {
      let listing = listings.get(workspace);
      if (listing === undefined) {
        listing = { paths: [], lowers: [], at: 0, refreshing: undefined };
        if (listings.size >= workspacesMax) listings.delete(listings.keys().next().value!);
        listings.set(workspace, listing);
      }
      if (listing.refreshing === undefined && now() - listing.at > freshMs) listing.refreshing = refresh(workspace, listing);
      if (listing.at === 0) await listing.refreshing;
      const wanted = query.replace(/^\.\//, "");
      return rank(listing.paths, listing.lowers, wanted, limit);
    },
  };
}

/** Undefined: there is no ripgrep, or it does not start. */
function listWithRipgrep(ripgrep: string, workspace: string): Promise<string[] | undefined> {
  if (ripgrep === "") return Promise.resolve(undefined);
  const excluded = ignoredAlways.flatMap((name) => ["--glob", `!${name}`]);
  const args = ["--files", "--null", "--hidden", "--no-messages", "--no-require-git", "--no-config", ...excluded];
  return new Promise((resolve) => {
    const child = spawn(ripgrep, args, { cwd: workspace, stdio: ["ignore", "pipe", "ignore"], windowsHide: true, timeout: listMs });
    const files: string[] = [];
    let rest = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (chunk: string) => {
      const names = (rest + chunk).split("\0");
      rest = names.pop()!;
      for (const name of names) if (files.length < pathsMax) files.push(path.sep === "/" ? name : name.split(path.sep).join("/"));
      if (files.length >= pathsMax) child.kill();
    });
    child.once("error", () => resolve(undefined));
    child.once("close", () => resolve(files));
  });
}

async function listWithWalk(workspace: string, rules: IgnoreRules): Promise<string[]> {
  const names = new Set(ignoredAlways.filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1)));
  const found = await new fdir()
    .withRelativePaths()
    .withMaxFiles(pathsMax)
    .exclude((name) => names.has(name))
    .crawl(workspace)
    .withPromise();
  return await kept(
    workspace,
    found.map((file) => file.split(path.sep).join("/")),
    rules,
  );
}

async function kept(workspace: string, files: readonly string[], rules: IgnoreRules): Promise<string[]> {
  const left: string[] = [];
  for (const file of files) if (!(await rules.ignored(path.join(workspace, file), false))) left.push(file);
  return left;
}

function directoriesOf(files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    for (let at = file.lastIndexOf("/"); at > 0; at = file.lastIndexOf("/", at - 1)) {
      const directory = file.slice(0, at + 1);
      if (found.has(directory)) break;
      found.add(directory);
    }
  }
  return [...found];
}
