import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export type Workspace = { root: string; cwd: string; home: string; env: { PATH: string; HOME: string }; remove(): void };

/** A small project in a git repository, a home directory with keys, and links that lead out of the project. */
export function makeWorkspace(): Workspace {
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-shell-")));
  const cwd = path.join(root, "project");
  const home = path.join(root, "home");
  const write = (file: string, text: string) => {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  };
  const files: Record<string, string> = {
    "README.md": "# Project\n\n## Use\n\nfoo bar\n",
    "package.json": '{"name": "x", "scripts": {"test": "true"}, "dependencies": {"a": "1"}}\n',
    "data.csv": "1,b,300\n2,a,20\n",
    "src/a.ts": "import b from './b.ts';\nexport function foo() {}\n",
    "src/b.ts": "export default 1; // TODO foo\n",
    "docs/guide.md": "# Guide\n",
    "script.sh": "touch marker-script\n",
    ".env": "KEY=secret\n",
    ".env.example": "KEY=\n",
    x: "touch marker-x\n",
  };
  for (const [name, text] of Object.entries(files)) write(path.join(cwd, name), text);
  write(path.join(home, ".ssh/id_rsa"), "key\n");
  write(path.join(root, "outside.txt"), "outside\n");
  fs.symlinkSync("/etc", path.join(cwd, "link-out"));
  fs.symlinkSync("../outside.txt", path.join(cwd, "link-file"));
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd,
      env: { PATH: process.env.PATH, HOME: home, GIT_CONFIG_NOSYSTEM: "1" },
      stdio: "ignore",
    });
  git("init", "-q", "-b", "main");
  git("add", "README.md", "package.json", "src", "docs");
  git("commit", "-q", "-m", "first");
  return {
    root,
    cwd,
    home,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home },
    remove: () => fs.rmSync(root, { recursive: true, force: true }),
  };
}
