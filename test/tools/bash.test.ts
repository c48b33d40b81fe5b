import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { bench, until } from "./support.ts";

const command = (text: string, more: object = {}) => ({ command: text, description: "test", ...more });

test("a command's output, then its directory; silence is said as such", async () => {
  const at = await bench();
  const result = await at.call("bash", command("echo out; echo err >&2"));
  expect(result).toMatchObject({ text: `out\nerr\n\n<cwd>${at.root}</cwd>`, meta: { exitCode: 0 } });
  expect((await at.call("bash", command("printf 'hello bash' > test.txt"))).text).toBe("no output");
  expect(at.text("test.txt")).toBe("hello bash");
});

test("an exit code other than 0 is a result and no error", async () => {
  const at = await bench();
  const result = await at.call("bash", command("echo no; exit 7"));
  expect(result.isError).toBeUndefined();
  expect(result.text).toBe(`no\nExit code 7\n\n<cwd>${at.root}</cwd>`);
});

test("each call is a shell of its own; working_dir is where it runs", async () => {
  const at = await bench({ "sub/x": "" });
  await at.call("bash", command("cd sub; export A=1"));
  expect((await at.call("bash", command('echo "$PWD[$A]"'))).text).toContain(`${at.root}[]`);
  expect((await at.call("bash", command("ls", { working_dir: "sub" }))).text).toBe(`x\n\n<cwd>${at.root}/sub</cwd>`);
  expect(await at.intent("bash", command("ls", { working_dir: "sub" }))).toMatchObject({
    action: "execute",
    command: "ls",
    path: `${at.root}/sub`,
    title: "ls (in sub)",
  });
  expect(await at.call("bash", command("ls", { working_dir: "gone" }))).toMatchObject({
    isError: true,
    text: expect.stringContaining("does not exist"),
  });
});

test("the question shows the command itself, with nothing hidden in it", async () => {
  const at = await bench();
  const intent = await at.intent("bash", { description: "list files", command: "ls\nrm -rf \u001b[8mx\u202e" });
  expect(intent).toMatchObject({ command: "ls\nrm -rf \u001b[8mx\u202e", title: "ls\\nrm -rf \\u{1b}[8mx\\u{202e}" });
  expect((await at.intent("bash", command("  "))).refuse).toContain("empty");
  expect((await at.intent("bash", command("ls \0"))).refuse).toContain("NUL");
});

test("secrets are not in the environment, a colourful or redrawing program comes out plain", async () => {
  const at = await bench();
  expect((await at.call("bash", command('echo "[$MY_API_KEY]"'))).text).toContain("[]");
  const { text } = await at.call("bash", command("printf '\\033[31mred\\033[0m\\r\\n 1%%\\r 50%%\\r100%%\\n'"));
  expect(text).toBe(`red\n100%\n\n<cwd>${at.root}</cwd>`);
});

test("long output keeps head and tail, says how much is missing and where all of it is", async () => {
  const at = await bench();
  const { text } = await at.call("bash", command("seq 1 50000"));
  expect(text.length).toBeLessThan(31_000);
  expect(text).toMatch(/^1\n2\n/);
  expect(text).toContain("\n50000\n");
  const [, lines, file] = /\[(\d+) lines truncated, all of it is in (.+)\]/.exec(text)!;
  expect(text.split("\n").filter((line) => /^\d+$/.test(line)).length + Number(lines)).toBe(50_000);
  expect(fs.readFileSync(file!, "utf8").split("\n")).toHaveLength(50_001);
});

test("output is told while the command runs", async () => {
  const at = await bench();
  const run = at.call("bash", command("echo early; while [ ! -e go ]; do sleep 0.02; done; echo late"));
  await until(() => at.told.some((one) => one.tail === "early\n"));
  at.put("go", "");
  expect((await run).text).toContain("early\nlate");
});

test("an abort answers at once, kills all that was started, and keeps what was said", async () => {
  const at = await bench();
  const stop = new AbortController();
  const run = at.call("bash", command(`echo before; (trap '' TERM; echo $BASHPID > pid; sleep 300; sleep 300) & wait`), stop.signal);
  await until(() => fs.existsSync(path.join(at.root, "pid")) && at.text("pid") !== "");
  const aborted = performance.now();
  stop.abort();
  const result = await run;
  expect(performance.now() - aborted).toBeLessThan(1_000);
  expect(result).toMatchObject({ isError: true, text: expect.stringMatching(/^before\n\nThe command was interrupted/) });
  const pid = Number(at.text("pid"));
  await until(() => !fs.existsSync(`/proc/${pid}`) || fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z "));
});

test("a slow command moves to the background and can be read, waited for and killed", async () => {
  const at = await bench();
  const moved = await at.call("bash", command("echo one; while [ ! -e go ]; do sleep 0.02; done; echo two", { auto_background_after: 1 }));
  expect(moved.text).toContain("moved to background job");
  expect(moved.text).toContain("Output so far:\none");
  const id = (moved.meta as { job: string }).job;
  expect((await at.call("job_output", { shell_id: id, wait: false })).text).toBe("Status: running\n\none");
  at.put("go", "");
  expect((await at.call("job_output", { shell_id: id, wait: true })).text).toBe("Status: completed (exit code 0)\n\none\ntwo");
  expect((await at.call("job_kill", { shell_id: id })).text).toContain("had already ended");
});

test("run_in_background tells a command that fails at once, and gives the id of one that does not", async () => {
  const at = await bench();
  expect((await at.call("bash", command("echo bad >&2; exit 2", { run_in_background: true }))).text).toContain("bad\nExit code 2");
  const started = await at.call("bash", command("echo up; sleep 300", { run_in_background: true }));
  const id = /ID: (\w+)/.exec(started.text)![1]!;
  expect((await at.call("job_kill", { shell_id: id })).text).toBe(`Background job ${id} and its children were killed.\n\nOutput:\nup`);
  expect((await at.call("job_output", { shell_id: id, wait: false })).text).toContain("completed (exit code 143)");
});

test("processes that a command leaves behind are named with the job that ends them", async () => {
  const at = await bench();
  const { text, meta } = await at.call("bash", command("sleep 300 & echo done"));
  expect(text).toContain("still run as background job");
  await at.call("job_kill", { shell_id: (meta as { job: string }).job });
});

test("an unknown job is an error that lists the known ones; waiting for one can be aborted", async () => {
  const at = await bench();
  await at.call("bash", command("true"));
  expect(await at.call("job_output", { shell_id: "9FF", wait: false })).toMatchObject({
    isError: true,
    text: expect.stringContaining("Jobs of this session: 001"),
  });
  expect(await at.call("job_kill", { shell_id: "9FF" })).toMatchObject({ isError: true });
  const { meta } = await at.call("bash", command("sleep 300", { run_in_background: true }));
  await expect(at.call("job_output", { shell_id: (meta as { job: string }).job, wait: true }, AbortSignal.timeout(30))).rejects.toThrow();
});

test("todos replaces the list and says where the work stands", async () => {
  const at = await bench();
  const result = await at.call("todos", {
    todos: [
      { content: "A", status: "completed", active_form: "Doing A" },
      { content: "B", status: "in_progress", active_form: "Doing B" },
      { content: "C", status: "pending" },
    ],
  });
  expect(result.text).toBe("The list was updated: 1 completed, 1 in progress, 1 pending.\nNow: Doing B");
  expect(result.meta!.todos).toEqual([
    { content: "A", status: "completed", activeForm: "Doing A" },
    { content: "B", status: "in_progress", activeForm: "Doing B" },
    { content: "C", status: "pending", activeForm: "C" },
  ]);
  await expect(at.call("todos", { todos: [{ content: "A", status: "done" }] })).rejects.toThrow("status");
});
