import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadConfig } from "../../src/config/index.ts";
import { skillsText } from "../../src/prompt/skills.ts";
import { systemPrompt } from "../../src/prompt/system.ts";

let root: string;
let workspace: string;
beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-prompt-")));
  workspace = path.join(root, "work");
  fs.mkdirSync(workspace);
});
afterEach(() => fs.rmSync(root, { recursive: true, force: true }));

async function build(): Promise<string[]> {
  const configDir = path.join(root, ".config", "crush");
  const config = await loadConfig({ workspace, configDir, env: { HOME: root } });
  return await systemPrompt({ workspace, config, configDir, homeDir: root, day: "2026-01-02", platform: "linux" });
}

test("the same directory gives the same bytes, with context files in a fixed order", async () => {
  fs.writeFileSync(path.join(workspace, "CRUSH.md"), "second");
  fs.writeFileSync(path.join(workspace, "CLAUDE.md"), "first");
  const [one] = await build();
  expect(one).toBe((await build())[0]);
  expect(one!.indexOf("first")).toBeGreaterThan(0);
  expect(one!.indexOf("first")).toBeLessThan(one!.indexOf("second"));
  expect(one).toContain(`Working directory: ${workspace}`);
});

test("a context file that is a link out of the project is not sent", async () => {
  fs.writeFileSync(path.join(root, "secret"), "private key");
  fs.symlinkSync(path.join(root, "secret"), path.join(workspace, "AGENTS.md"));
  expect((await build()).join()).not.toContain("private key");
});

test("a long context file is cut and says so; a binary or missing one does no harm", async () => {
  fs.writeFileSync(path.join(workspace, "AGENTS.md"), "x".repeat(100_000));
  const text = (await build()).join();
  expect(text).toContain("[cut here: the file is longer]");
  expect(text.length).toBeLessThan(80_000);
});

test("context files beyond all that there is room for are named, in the same order each time", async () => {
  fs.mkdirSync(path.join(workspace, ".cursor", "rules"), { recursive: true });
  for (const name of ["a", "b", "c", "d", "e", "f"])
    fs.writeFileSync(path.join(workspace, ".cursor", "rules", `${name}.md`), name.repeat(100_000));
  fs.writeFileSync(path.join(workspace, "CRUSH.md"), "what matters");
  const [text] = await build();
  expect(text).toContain("aaaa");
  expect(text).not.toContain("ffff");
  expect(text).toContain('[left out for want of room, read them when they matter: ".cursor/rules/e.md", ".cursor/rules/f.md", "CRUSH.md"]');
  expect(text).toBe((await build())[0]);
});

test("skills stand between place and context, bounded; those without room are named", async () => {
  const skills = Array.from({ length: 40 }, (_, i) => ({ name: `s${i}`, description: "d".repeat(1_000), file: `/skills/s${i}/SKILL.md` }));
  const text = skillsText(skills);
  expect(text).toContain("<name>s0</name>");
  expect(text).not.toContain("<name>s39</name>");
  expect(text).toMatch(/Without a description for want of room: .*s39/);
  expect(text.length).toBeLessThan(25_000);
  expect(skillsText([])).toBe("");
});
