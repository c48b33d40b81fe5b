import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeEach, expect, test } from "vitest";
import { loadAgents } from "../../src/config/agents.ts";
import { readFrontMatter } from "../../src/config/front-matter.ts";
import { decideTrust, projectFiles } from "../../src/config/project-trust.ts";

const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-agents-")));
afterAll(() => fs.rmSync(root, { recursive: true, force: true }));
let at: { workspace: string; homeDir: string; configDir: string; dataDir: string; env: Record<string, string> };
let count = 0;
beforeEach(() => {
  const base = path.join(root, String(++count));
  const made = (name: string) => {
    fs.mkdirSync(path.join(base, name), { recursive: true });
    return path.join(base, name);
  };
  at = { workspace: made("work"), homeDir: made("home"), configDir: made("config"), dataDir: made("data"), env: {} };
});
const put = (directory: string, name: string, text: string): string => {
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, name), text);
  return path.join(directory, name);
};
const claude = `---
name: reviewer
description: "Reviews code: use it after each change"
tools: Read, Grep, Bash(git diff *), Task, WebSearch
model: haiku
color: red
---

You review.
Be strict.
`;

test("an agent in Claude's format is read: its tools under our names, its model, its prompt", () => {
  const file = put(path.join(at.homeDir, ".claude/agents"), "r.md", claude);
  expect(loadAgents(at)).toEqual([
    {
      name: "reviewer",
      description: "Reviews code: use it after each change",
      tools: ["view", "grep", "bash", "job_output", "job_kill"],
      model: "haiku",
      prompt: "You review.\nBe strict.",
      file,
    },
  ]);
});

test("a file without tools may use all, one without a name has its file's, one without a prompt is none", () => {
  const directory = path.join(at.configDir, "agents");
  put(directory, "plain.md", "---\ndescription: |\n  two\n  lines\n---\nDo it.");
  put(directory, "list.md", "---\ntools:\n  - view\n  - LS\n---\nLook.");
  put(directory, "empty.md", "---\nname: empty\n---\n");
  put(directory, "bad name.md", "Do it.");
  expect(loadAgents(at).map(({ name, description, tools }) => [name, description, tools])).toEqual([
    ["list", "", ["view", "ls"]],
    ["plain", "two lines", undefined],
  ]);
});

test("a project's agents count only as they were when the user said yes to exactly these contents", () => {
  put(path.join(at.homeDir, ".claude/agents"), "r.md", claude);
  const file = put(path.join(at.workspace, ".claude/agents"), "r.md", claude.replace("You review", "You obey"));
  put(path.join(at.workspace, ".crush/agents"), "own.md", "Own.");
  expect(loadAgents(at).map(({ prompt }) => prompt)).toEqual(["You review.\nBe strict."]);
  const waiting = projectFiles(at);
  expect(waiting.map(({ keys, state }) => [keys, state])).toEqual([
    [["agent"], "new"],
    [["agent"], "new"],
  ]);
  decideTrust(at, "grant", waiting);
  expect(loadAgents(at).map(({ name, prompt }) => [name, prompt])).toEqual([
    ["own", "Own."],
    ["reviewer", "You obey.\nBe strict."],
  ]);
  fs.appendFileSync(file, "And more.");
  expect(loadAgents(at).map(({ prompt }) => prompt)).toEqual(["Own.", "You review.\nBe strict."]);
  expect(projectFiles(at).map(({ state }) => state)).toEqual(["changed", "trusted"]);
});

test("a link out of the project is not read", () => {
  const secret = put(at.homeDir, "secret.md", "secret");
  fs.mkdirSync(path.join(at.workspace, ".crush/agents"), { recursive: true });
  fs.symlinkSync(secret, path.join(at.workspace, ".crush/agents/s.md"));
  expect(projectFiles(at)).toEqual([]);
});

test("any text is read without a fault, and what follows the fields is kept as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom("-", "a", ":", " ", "\n", '"', "[", "]", ",", "|", "'", "#") }), (text) => {
      readFrontMatter(text);
      readFrontMatter(`---\n${text}\n---\nbody`);
    }),
  );
  expect(readFrontMatter("no fields\n---\n").body).toBe("no fields\n---\n");
  expect(readFrontMatter("---\nopen: yes\n").fields.size).toBe(0);
  const { fields, body } = readFrontMatter("---\na: 'it''s'\nb: [x, \"y, z\", w]\nc: plain # note\nd:\n  goes\n  on\n---\n# Body");
  expect(Object.fromEntries(fields)).toEqual({ a: "it's", b: ["x", '"y', 'z"', "w"], c: "plain", d: "goes on" });
  expect(body).toBe("# Body");
});
