import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFileIndex, createIgnore, globalIgnoreRules } from "../../src/workspace/index.ts";

let root: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-ignore-")));
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

const put = (name: string, text = ""): string => {
  const file = path.join(root, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, text);
  return file;
};
const rules = (): Promise<string> =>
  globalIgnoreRules({ configDir: path.join(root, "home/.config/crush"), homeDir: path.join(root, "home") });

test("git's file and Crush's hold in every workspace; a workspace may take a file back", async () => {
  put("home/.config/git/ignore", "*.tmp\n");
  put("home/.config/crush/ignore", "private/\n");
  put("work/.gitignore", "!kept.tmp\n");
  const ignore = createIgnore(path.join(root, "work"), { globalRules: await rules() });
  const ignored = (name: string, directory = false) => ignore.ignored(path.join(root, "work", name), directory);
  expect(await ignored("a.tmp")).toBe(true);
  expect(await ignored("kept.tmp")).toBe(false);
  expect(await ignored("private", true)).toBe(true);
  expect(await ignored("public", true)).toBe(false);
});

test.each([
  ["[core]\n\texcludesfile = ~/mine\n"],
  ['[user]\n\tname = "x"\n[Core]\n  excludesFile = "ROOT/home/mine" ; here\n'],
  ['[core "sub"]\n[core] excludesfile=mine\n'],
])("core.excludesfile of %j is found without running git", async (config) => {
  put("home/.gitconfig", config.replace("ROOT", root));
  put("home/mine", "found\n");
  put("home/.config/git/ignore", "default\n");
  expect(await rules()).toBe("found\n");
});

test("without any of these files there are no rules", async () => {
  expect(await rules()).toBe("");
});

test.each([
  ["with ripgrep", rgPath],
  ["without ripgrep", ""],
])("completion %s leaves out what .crushignore and the user's own rules name", async (_, ripgrep) => {
  for (const name of ["main.ts", "main.secret.ts", "deep/main.old.ts"]) put(`work/${name}`);
  put("work/deep/.crushignore", "*.old.ts\n");
  const index = createFileIndex({ ripgrep, globalRules: async () => "*.secret.ts" });
  expect(await index.complete(path.join(root, "work"), "main", 10)).toEqual(["main.ts"]);
});
