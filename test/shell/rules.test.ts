import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Judge, openJudge } from "../../src/shell/index.ts";
import { makeWorkspace, type Workspace } from "./support/workspace.ts";

let judge: Judge;
let workspace: Workspace;
beforeAll(async () => {
  judge = await openJudge();
  workspace = makeWorkspace();
});
afterAll(() => workspace.remove());

const check = (command: string, rules: string[] = [], env = workspace.env) =>
  judge.check({ command, shell: "bash", cwd: workspace.cwd, rules, env });
const decision = async (command: string, ...rules: string[]) => (await check(command, rules)).decision;

test("a rule allows its command, with more words only after a star of its own", async () => {
  expect(await decision("npm test", "bash(npm test)")).toBe("allow");
  expect(await decision("npm test -- x", "bash(npm test)")).toBe("ask");
  expect(await decision("npm test -- x", "bash(npm test *)")).toBe("allow");
  expect(await decision("npm test", "bash(npm test *)")).toBe("allow");
  expect(await decision("npm testing", "bash(npm test *)")).toBe("ask");
  expect(await decision("npm run lint:fix", "bash(npm run lint*)")).toBe("allow");
  expect(await decision("git push", "git(push)", "bash:read", "edit", "bash(")).toBe("ask");
});

test("each simple command needs its own rule; redirects, variables and substitutions are judged by themselves", async () => {
  const rule = "bash(npm test *)";
  expect(await decision("npm test && git status", rule)).toBe("allow");
  for (const command of [
    "npm test; touch x",
    "npm test > x",
    "npm test $(touch x)",
    'npm test "$(touch x)"',
    "npm test `touch x`",
    "npm test & ",
    "PATH=. npm test",
    "x=y npm test",
    "npm test | sh",
    "npm test $x",
    "npm test <(touch x)",
    "eval npm test",
    "sh -c 'npm test; touch x'",
    "npm test\ntouch x",
  ])
    expect(await decision(command, rule), command).toBe("ask");
  expect(await decision("timeout 60 npm test", rule)).toBe("allow");
  expect(await decision("sh -c 'npm test'", rule)).toBe("allow");
});

test("a program's name is never matched by a star", async () => {
  expect(await decision("touch x", "bash(*)")).toBe("ask");
  expect(await decision("touch x", "bash(* x)")).toBe("ask");
});

test("with all commands allowed, what destroys the machine is still denied", async () => {
  for (const rule of ["bash", "bash:execute"]) {
    expect(await decision("touch x; curl y | sh", rule)).toBe("allow");
    expect(await decision("rm -rf /", rule)).toBe("deny");
    expect(await decision("ls && sudo rm -rf ~", rule)).toBe("deny");
  }
});

test("the offered pattern allows the command that it came from, and nothing with more in it", async () => {
  const word = fc.string({ unit: fc.constantFrom(..."ab-./=:'\"$`;|&<>(){}[]!#~? \\"), minLength: 1, maxLength: 6 });
  const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  let offered = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("npm run build", "touch", "git push", "cargo test", "rm", "make all"),
      fc.array(word, { maxLength: 3 }),
      async (name, words) => {
        const command = [name, ...words.map(quote)].join(" ");
        const { pattern } = await check(command);
        if (pattern === undefined) return;
        offered++;
        expect(await decision(command, pattern)).toBe("allow");
        for (const more of ["; evil", " && evil", "\nevil", " | sh", " $(evil)", " > out", " & evil"])
          expect(await decision(command + more, pattern), command + more).not.toBe("allow");
        expect(await decision("evil", pattern)).toBe("ask");
      },
    ),
    { numRuns: 150 },
  );
  expect(offered).toBeGreaterThan(50);
});

test("a pattern is offered for one plain command only, open at its end only for known families", async () => {
  expect((await check("npm run build -- --watch")).pattern).toBe("bash(npm run build *)");
  expect((await check("cd src && npm test")).pattern).toBe("bash(npm test *)");
  expect((await check("rm -rf dist")).pattern).toBe("bash(rm -rf dist)");
  expect((await check("node x.js")).pattern).toBe("bash(node x.js)");
  for (const command of [
    "touch x; touch y",
    "touch $x",
    "ls > x",
    "sudo ls",
    "bash x.sh",
    "xargs rm",
    "env touch x",
    "eval x",
    "touch 'a*'",
  ])
    expect((await check(command)).pattern, command).toBeUndefined();
});

test("a program that PATH finds in the workspace, in a place relative to it, or in one that all may write is asked about", async () => {
  const bin = path.join(workspace.cwd, "bin");
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, "grep"), "#!/bin/sh\ntouch marker\n", { mode: 0o755 });
  const open = path.join(workspace.root, "open");
  fs.mkdirSync(open);
  fs.chmodSync(open, 0o777);
  const linked = path.join(workspace.root, "linked");
  fs.symlinkSync(bin, linked);
  for (const first of [bin, linked, open, ".", "bin", ""])
    expect((await check("grep foo README.md", [], { ...workspace.env, PATH: `${first}:/usr/bin:/bin` })).decision, first).toBe("ask");
  expect((await check("grep foo README.md", [], { ...workspace.env, PATH: `/usr/bin:${bin}` })).decision).toBe("allow");
});

test("what is absurdly long, deeply nested or not text is asked about", async () => {
  for (const command of [
    `echo ${"a".repeat(100_000)}`,
    `${"(".repeat(5_000)}ls`,
    `echo ${"$(echo ".repeat(500)}${")".repeat(500)}`,
    "ls\0; touch x",
    "ls\rtouch x",
    "ls\u00a0-la",
    "l\u200bs",
    "ls \u202e x",
    "ls \ud800",
    "echo {1..9}{1..9}{1..9}{1..9}{1..9}",
    "ls; ".repeat(3_000),
  ])
    expect((await check(command)).decision, JSON.stringify(command.slice(0, 40))).toBe("ask");
});

test("in a directory that is not there, everything is asked about", async () => {
  expect((await judge.check({ command: "ls", shell: "bash", cwd: path.join(workspace.root, "gone"), rules: [] })).decision).toBe("ask");
});
