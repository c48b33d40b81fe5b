import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createSpawn } from "../../src/process/index.ts";

const cwd = fs.mkdtempSync(path.join(os.tmpdir(), "crush-spawn-"));
afterAll(() => fs.rmSync(cwd, { recursive: true, force: true }));
const spawn = createSpawn({ environment: () => process.env });

test("arguments reach a program as they are, without a shell", async () => {
  expect(await spawn.run({ command: "printf", args: ["%s|", "a b", "$HOME", "*"], cwd })).toMatchObject({
    exitCode: 0,
    stdout: "a b|$HOME|*|",
    truncated: false,
  });
});

test("an abort ends the group and resolves with what was said", async () => {
  const stop = new AbortController();
  const run = spawn.run({ command: "echo begun; sleep 300 | cat", shell: true, cwd, signal: stop.signal, onOutput: () => stop.abort() });
  expect(await run).toMatchObject({ stdout: "begun\n", timedOut: false, exitCode: null });
});

test("a timeout is told as one", async () => {
  expect(await spawn.run({ command: "sleep", args: ["300"], cwd, timeoutMs: 30 })).toMatchObject({
    timedOut: true,
    exitCode: null,
    signal: "SIGTERM",
  });
});

test("a program that ignores the polite signal is killed", async () => {
  const run = await spawn.run({ command: 'trap "" TERM; echo on; while :; do sleep 0.05; done', shell: true, cwd, timeoutMs: 200 });
  expect(run).toMatchObject({ timedOut: true, signal: "SIGKILL" });
});

test("output beyond its bound keeps head and tail", async () => {
  const run = await spawn.run({ command: "seq", args: ["1", "100000"], cwd, outputBytesMax: 1_000 });
  expect(run.truncated).toBe(true);
  expect(run.stdout).toMatch(/^1\n2\n[\s\S]*lines truncated[\s\S]*\n100000\n$/);
});

test("a program that does not exist rejects with the system's code and a sentence", async () => {
  await expect(spawn.run({ command: "/no/such/program", cwd })).rejects.toMatchObject({
    code: "ENOENT",
    message: expect.stringContaining("/no/such/program"),
  });
});

test("with a signal that is aborted already nothing is started", async () => {
  const mark = path.join(cwd, "started");
  await spawn.run({ command: "touch", args: [mark], cwd, signal: AbortSignal.abort() });
  expect(fs.existsSync(mark)).toBe(false);
});
