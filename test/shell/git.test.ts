import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { configProblem } from "../../src/shell/git/config.ts";
import { type Judge, openJudge } from "../../src/shell/index.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let judge: Judge;
let workspace: Workspace;
beforeAll(async () => {
  judge = await openJudge();
});
beforeEach(() => {
  workspace = makeWorkspace();
});
afterEach(() => workspace.remove());

const judged = (command = "git status") => judge.check({ command, shell: "bash", cwd: workspace.cwd, rules: [], env: workspace.env });
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", ...args], {
    cwd: workspace.cwd,
    env: { PATH: process.env.PATH, HOME: workspace.home },
    stdio: "ignore",
  });

const running = [
  "core.fsmonitor=./evil",
  "core.pager=./evil",
  "core.sshCommand=./evil",
  "core.editor=./evil",
  "core.askPass=./evil",
  "core.gitProxy=./evil",
  "core.alternateRefsCommand=./evil",
  "core.worktree=/etc",
  "diff.external=./evil",
  "diff.x.command=./evil",
  "diff.x.textconv=./evil",
  "filter.x.clean=./evil",
  "filter.x.smudge=./evil",
  "filter.x.process=./evil",
  "merge.x.driver=./evil",
  "pager.log=./evil",
  "pager.status=./evil",
  "interactive.diffFilter=./evil",
  "gpg.program=./evil",
  "gpg.ssh.program=./evil",
  "log.showSignature=true",
  "credential.helper=!./evil",
  "include.path=evil.config",
  "includeIf.gitdir:/.path=evil.config",
  "alias.status=!./evil",
  "difftool.x.cmd=./evil",
  "remote.x.uploadpack=./evil",
  "remote.x.promisor=true",
  "remote.x.vcs=evil",
  "extensions.partialClone=x",
  "trailer.x.command=./evil",
  "sequence.editor=./evil",
  "uploadpack.packObjectsHook=./evil",
  "browser.x.cmd=./evil",
  "url.ext::evil.insteadOf=x",
  "something.new=1",
];
for (const setting of running) {
  test(`a repository that sets ${setting} is asked about, and the setting is named`, async () => {
    const [key, value] = [setting.slice(0, setting.indexOf("=")), setting.slice(setting.indexOf("=") + 1)];
    git("config", key, value);
    const verdict = await judged();
    expect(verdict.decision).toBe("ask");
    expect(verdict.why.toLowerCase()).toContain(key.toLowerCase());
  });
}

test("a setting hidden by case, section on one line, or subsection is found", () => {
  const here = { worktree: "/w", gitDirectory: "/w/.git" };
  for (const text of [
    "[CORE] FSMonitor = ./evil",
    "[core]fsmonitor=./evil",
    '[diff "a b"]\n\ttextconv = x',
    "[core]\n  bare = false\n fsmonitor = ./evil # x",
    "[core]\n\tbare = fal\\\nse",
    "fsmonitor = x",
    "[core\nfsmonitor = x",
    "[core]\n\tpager",
  ])
    expect(configProblem(text, here).problem, text).toBeDefined();
  for (const text of [
    "",
    "# nothing",
    "[core]\n\tbare = false\n\tfilemode = true",
    '[remote "origin"]\n\turl = git@github.com:a/b.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*',
    '[branch "main"]\n\tremote = origin\n\tmerge = refs/heads/main',
    "[core]\n\tfsmonitor = false",
  ])
    expect(configProblem(text, here).problem, text).toBeUndefined();
});

test("an ordinary clone with a remote, a branch and a user is not asked about", async () => {
  for (const [key, value] of [
    ["remote.origin.url", "https://example.com/a/b.git"],
    ["remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*"],
    ["branch.main.remote", "origin"],
    ["branch.main.merge", "refs/heads/main"],
    ["user.name", "A"],
    ["pull.rebase", "true"],
    ["core.hooksPath", ".husky/_"],
  ] as const)
    git("config", key, value);
  expect((await judged()).decision).toBe("allow");
});

test("a hook that reading sets off is asked about, also where hooksPath points; samples and other hooks are not", async () => {
  const hooks = path.join(workspace.cwd, ".git", "hooks");
  fs.writeFileSync(path.join(hooks, "pre-commit"), "#!/bin/sh\n", { mode: 0o755 });
  expect((await judged()).decision).toBe("allow");
  fs.mkdirSync(path.join(workspace.cwd, ".husky"));
  fs.writeFileSync(path.join(workspace.cwd, ".husky", "post-index-change"), "#!/bin/sh\ntouch marker\n", { mode: 0o755 });
  git("config", "core.hooksPath", ".husky");
  expect(await judged()).toMatchObject({ decision: "ask", why: expect.stringContaining("post-index-change") });
});

test("a bare repository among the files is asked about from within", async () => {
  execFileSync("git", ["init", "-q", "--bare", path.join(workspace.cwd, "vendor")], { stdio: "ignore" });
  expect((await judged("cd vendor && git log")).decision).toBe("ask");
  expect((await judged("git -C vendor log")).decision).toBe("ask");
  expect((await judged("git log")).decision).toBe("allow");
});

test("a .git file that points to a directory with a hostile configuration is followed", async () => {
  const other = path.join(workspace.cwd, "other");
  fs.mkdirSync(path.join(other, "real"), { recursive: true });
  execFileSync("git", ["init", "-q", path.join(other, "real")], { stdio: "ignore" });
  fs.writeFileSync(path.join(other, ".git"), "gitdir: real/.git\n");
  expect((await judged("git -C other status")).decision).toBe("allow");
  fs.appendFileSync(path.join(other, "real", ".git", "config"), "[core]\n\tfsmonitor = ./evil\n");
  expect((await judged("git -C other status")).decision).toBe("ask");
});

test("the configuration of a submodule counts, since git status looks into it", async () => {
  const library = path.join(workspace.root, "library");
  execFileSync("git", ["init", "-q", library], { stdio: "ignore" });
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "x"], { cwd: library });
  git("submodule", "add", "-q", library, "deps/library");
  expect(await judged()).toMatchObject({ decision: "allow" });
  fs.appendFileSync(path.join(workspace.cwd, ".git", "modules", "deps", "library", "config"), "[core]\n\tfsmonitor = ./evil\n");
  expect(await judged()).toMatchObject({ decision: "ask", why: expect.stringContaining("deps/library") });
});

test("a worktree's own configuration counts", async () => {
  git("config", "extensions.worktreeConfig", "true");
  fs.writeFileSync(path.join(workspace.cwd, ".git", "config.worktree"), "[core]\n\tfsmonitor = ./evil\n");
  expect((await judged()).decision).toBe("ask");
});
