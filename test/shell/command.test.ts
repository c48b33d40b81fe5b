import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let workspace: Workspace;
beforeAll(() => {
  workspace = makeWorkspace();
});
afterAll(() => workspace.remove());

const cli = path.join(import.meta.dirname, "../../dist/cli.cjs");
const start = (...args: string[]) => {
  const child = spawn(process.execPath, [cli, "permission", "check", ...args], {
    cwd: workspace.cwd,
    env: { ...workspace.env, XDG_DATA_HOME: workspace.home },
    stdio: ["pipe", "pipe", "ignore"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  return { child, text: () => text, ended: once(child, "close").then(([code]) => code as number) };
};

test("one command: decision and reason, and the exit code tells whether it is allowed", async () => {
  for (const [command, word, code] of [
    ["git status", "allow", 0],
    ["touch x", "ask", 3],
    ["rm -rf /", "deny", 3],
  ] as const) {
    const run = start(command);
    expect(await run.ended).toBe(code);
    expect(run.text()).toMatch(new RegExp(`^${word}: .`));
  }
  const ruled = start("--json", "--allow", "bash(touch x)", "touch x");
  expect(await ruled.ended).toBe(0);
  expect(JSON.parse(ruled.text())).toMatchObject({ decision: "allow" });
});

test("lines: one answer for each, in order, before the input ends; a bad line is an ask", async () => {
  const run = start("--json");
  run.child.stdin.write(`${JSON.stringify({ id: 1, cmd: "ls -la", shell: "bash" })}\n`);
  while (!run.text().includes("\n")) await once(run.child.stdout, "data");
  const lines = [
    JSON.stringify({ id: "b", cmd: "Get-ChildItem | Remove-Item", shell: "powershell" }),
    "no json",
    "7",
    JSON.stringify({ id: 2 }),
    JSON.stringify({ id: 3, cmd: "ls", shell: "fish" }),
    JSON.stringify({ id: 4, cmd: "echo '\u2028'", shell: "bash" }),
    JSON.stringify({ id: 5, cmd: "pwd" }),
  ];
  run.child.stdin.end(lines.join("\n"));
  expect(await run.ended).toBe(0);
  const answers = run
    .text()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(answers.map(({ id, decision }) => [id, decision])).toEqual([
    [1, "allow"],
    ["b", "ask"],
    [null, "ask"],
    [null, "ask"],
    [2, "ask"],
    [3, "ask"],
    [4, "ask"],
    [5, "allow"],
  ]);
  expect(answers.every(({ why }) => typeof why === "string" && why !== "")).toBe(true);
});
