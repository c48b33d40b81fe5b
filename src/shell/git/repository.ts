import fs from "node:fs";
import path from "node:path";
import { gitConfigBytesMax, gitConfigsMax, gitIndexBytesMax } from "../limits.ts";
import { configProblem } from "./config.ts";
import { submodulePaths } from "./index-file.ts";

/** Hooks that commands which only read may still set off: git refreshes its index, and updates no reference. */
const hooksOfReading = ["post-index-change", "reference-transaction", "fsmonitor-watchman", "query-watchman", "p4-pre-submit"];

/**
 * Why git must not run by itself in a directory: a repository's own configuration can name programs, and even `git status` starts
 * them. Looks where git would look (`.git`, what it points to, a bare repository in the way, submodules) and lets only settings
 * pass that are known to run nothing. The user's own configuration, outside of the repository, is trusted.
 */
export function gitProblem(cwd: string): string | undefined {
  const walk = { left: gitConfigsMax };
  for (let directory = cwd; ; directory = path.dirname(directory)) {
    const dotGit = path.join(directory, ".git");
    if (fs.lstatSync(dotGit, { throwIfNoEntry: false })) return repositoryProblem(directory, dotGit, walk);
    if (isBare(directory)) return `${directory} is a bare repository that stands among files`;
    if (directory === path.dirname(directory)) return undefined;
  }
}

const isBare = (directory: string): boolean => ["HEAD", "objects", "refs"].every((name) => fs.existsSync(path.join(directory, name)));

function repositoryProblem(worktree: string, dotGit: string, walk: { left: number }): string | undefined {
  if (--walk.left < 0) return "there are too many repositories in each other to look at";
  try {
    const gitDirectory = followGitFile(worktree, dotGit);
    if (gitDirectory === undefined) return `${dotGit} is not understood`;
    const commonFile = path.join(gitDirectory, "commondir");
    const common = fs.existsSync(commonFile) ? path.resolve(gitDirectory, fs.readFileSync(commonFile, "utf8").trim()) : gitDirectory;
    const hookDirectories = [path.join(common, "hooks"), path.join(gitDirectory, "hooks")];
    for (const file of new Set([
      path.join(common, "config"),
      path.join(gitDirectory, "config"),
      path.join(common, "config.worktree"),
      path.join(gitDirectory, "config.worktree"),
    ])) {
      const status = fs.statSync(file, { throwIfNoEntry: false });
      if (status === undefined) continue;
      if (!status.isFile() || status.size > gitConfigBytesMax) return `${file} is not an ordinary configuration`;
      const { problem, hooksPath } = configProblem(fs.readFileSync(file, "utf8"), { worktree: fs.realpathSync(worktree), gitDirectory });
      if (problem !== undefined) return `the repository's configuration sets ${problem}`;
      // A relative one is meant from where the hook runs: the top of the working tree.
      if (hooksPath !== undefined) hookDirectories.push(path.resolve(worktree, hooksPath));
    }
    for (const directory of hookDirectories)
      for (const hook of hooksOfReading) if (fs.existsSync(path.join(directory, hook))) return `the repository has a hook ${hook}`;
    return submoduleProblem(worktree, gitDirectory, walk);
  } catch (error) {
    return `the repository cannot be looked at: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
  }
}

function followGitFile(worktree: string, dotGit: string): string | undefined {
  const status = fs.statSync(dotGit, { throwIfNoEntry: false });
  if (status?.isDirectory()) return fs.realpathSync(dotGit);
  if (!status?.isFile() || status.size > 4_096) return undefined;
  const target = /^gitdir: ([^\n]+)\n?$/.exec(fs.readFileSync(dotGit, "utf8"))?.[1];
  if (target === undefined) return undefined;
  const directory = path.resolve(worktree, target);
  return fs.statSync(directory, { throwIfNoEntry: false })?.isDirectory() ? fs.realpathSync(directory) : undefined;
}

/** Git looks into each checked out submodule with that one's own configuration. */
function submoduleProblem(worktree: string, gitDirectory: string, walk: { left: number }): string | undefined {
  if (fs.readdirSync(gitDirectory).some((name) => name.startsWith("sharedindex."))) return "the repository has a split index";
  const index = path.join(gitDirectory, "index");
  const status = fs.statSync(index, { throwIfNoEntry: false });
  if (status === undefined) return undefined;
  if (status.size > gitIndexBytesMax) return "the repository's index is too big to look at";
  const paths = submodulePaths(fs.readFileSync(index));
  if (paths === undefined) return "the repository's index is not understood";
  for (const name of paths) {
    const directory = path.join(worktree, name);
    const dotGit = path.join(directory, ".git");
    if (!fs.existsSync(dotGit)) continue;
    const problem = repositoryProblem(directory, dotGit, walk);
    if (problem !== undefined) return `in the submodule ${name}: ${problem}`;
  }
  return undefined;
}
