import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { createJobs } from "../../src/process/index.ts";

const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-jobs-")));
const jobs = createJobs({
  directory: path.join(directory, "spill"),
  environment: () => ({ base: { ...process.env, SOME_SECRET: "x" }, extra: { NAMED_TOKEN: "given" } }),
  spillBytesMax: 200_000,
});
afterAll(async () => {
  await jobs.close();
  fs.rmSync(directory, { recursive: true, force: true });
});

const start = (command: string) => jobs.start({ command, cwd: directory, session: "s" });
const never = new AbortController().signal;
const alive = (pid: number): boolean => {
  try {
    // The dead that wait to be buried are dead.
    return !fs.readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
  } catch {
    return process.platform !== "linux" && execFileSync("ps", ["-o", "stat=", "-p", String(pid)]).length > 0;
  }
};
const until = async (what: () => boolean) => {
  for (let i = 0; i < 500 && !what(); i++) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(what()).toBe(true);
};
const pidsIn = async (file: string, count: number): Promise<number[]> => {
  const read = () => (fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").filter(Boolean).map(Number) : []);
  await until(() => read().length >= count);
  return read();
};

test("a job's output, exit code and state; ids count up in hexadecimal", async () => {
  const job = start("echo out; echo err >&2; exit 3");
  expect(job.id).toMatch(/^[0-9A-F]{3}$/);
  const end = await jobs.wait(job.id, never);
  expect(end).toMatchObject({ running: false, exitCode: 3, stdout: "out\n", stderr: "err\n" });
  expect(jobs.get(job.id.toLowerCase())).toMatchObject({ exitCode: 3 });
  expect(jobs.list("s").map((one) => one.id)).toContain(job.id);
  expect(jobs.list("another")).toEqual([]);
});

test("standard input is empty, the environment is filtered, what was named is there", async () => {
  const end = await jobs.wait(start('cat; echo "[$SOME_SECRET][$NAMED_TOKEN][$CRUSH]"').id, never);
  expect(end.stdout).toBe("[][given][1]\n");
});

test("killing a job kills its whole group, grandchildren and those who left the group too", async () => {
  const file = path.join(directory, "pids");
  const job = start(
    `echo $$ >> ${file}; (sleep 300 & echo $! >> ${file}; wait) & setsid sh -c 'echo $$ >> ${file}; trap "" TERM; sleep 300; sleep 300' & wait`,
  );
  const pids = await pidsIn(file, 3);
  expect(pids.every(alive)).toBe(true);
  const killed = await jobs.kill(job.id);
  expect(killed).toMatchObject({ running: false });
  await until(() => !pids.some(alive));
});

test("a shell that leaves processes behind keeps its job, which can be killed", async () => {
  const file = path.join(directory, "left");
  const job = start(`sleep 300 & echo $! > ${file}; echo started`);
  const state = await jobs.wait(job.id, never, 5_000);
  expect(state).toMatchObject({ running: true, lingering: true, exitCode: 0, stdout: "started\n" });
  const [pid] = await pidsIn(file, 1);
  expect(alive(pid!)).toBe(true);
  await jobs.kill(job.id);
  await until(() => !alive(pid!));
  expect(jobs.get(job.id)).toMatchObject({ running: false });
});

test("left processes that end by themselves end the job, also when they have closed its output", async () => {
  const job = start("sleep 0.4 >/dev/null 2>&1 &");
  expect(await jobs.wait(job.id, never)).toMatchObject({ lingering: true, running: true });
  await until(() => jobs.get(job.id)!.running === false);
});

test("100 MB of output cost a bounded memory and a bounded file, and the end is there", async () => {
  const before = process.memoryUsage().rss;
  const job = start("head -c 100000000 /dev/zero | tr '\\0' 'x' | fold -w 99; echo the end");
  const end = await jobs.wait(job.id, never);
  expect(end.bytes).toBeGreaterThan(100_000_000);
  expect(end.stdout.length).toBeLessThan(31_000);
  expect(end.stdout.endsWith("the end\n")).toBe(true);
  expect(end.stdout).toMatch(/\[\d{6,} lines truncated, all of it is in /);
  expect(fs.statSync(end.spill!).size).toBeLessThan(201_000);
  expect(fs.readFileSync(end.spill!, "utf8")).toMatch(/dropped\]\n$/);
  expect(fs.statSync(end.spill!).mode & 0o777).toBe(0o600);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 << 20);
});

test("output of some 100 KB is whole in the file, both streams in order", async () => {
  const end = await jobs.wait(start("seq 1 20000; echo problem >&2").id, never);
  const whole = fs.readFileSync(end.spill!, "utf8");
  expect(whole).toBe(`${Array.from({ length: 20_000 }, (_, i) => `${i + 1}\n`).join("")}problem\n`);
  expect(end.stdout.startsWith("1\n2\n")).toBe(true);
});

test("progress is told at most every 100 ms with at most 8 KiB, and the last state always", async () => {
  const told: { tail: string; bytes: number }[] = [];
  const job = jobs.start({
    command: "for i in $(seq 1 4000); do echo line $i; done; sleep 0.25; echo last",
    cwd: directory,
    session: "s",
    onOutput: (tail, bytes) => told.push({ tail, bytes }),
  });
  const end = await jobs.wait(job.id, never);
  expect(told.length).toBeGreaterThan(1);
  expect(told.length).toBeLessThan(40);
  expect(told.at(-1)!.tail.endsWith("line 4000\nlast\n")).toBe(true);
  expect(told.at(-1)!.bytes).toBe(end.bytes);
  for (const one of told) expect(one.tail.length).toBeLessThanOrEqual(8_192);
});

test("waiting ends with its signal or time, and the job goes on", async () => {
  const job = start("sleep 300");
  expect(await jobs.wait(job.id, never, 20)).toMatchObject({ running: true });
  expect(await jobs.wait(job.id, AbortSignal.timeout(20))).toMatchObject({ running: true });
  await jobs.kill(job.id);
});

test("a shell that cannot start is a job that failed and says why", async () => {
  const job = jobs.start({ command: "true", cwd: path.join(directory, "gone"), session: "s" });
  expect(await jobs.wait(job.id, never)).toMatchObject({ running: false, exitCode: 127, stderr: expect.stringContaining("Cannot start") });
  await expect(jobs.wait("FFF", never)).rejects.toMatchObject({ code: "not_found" });
  expect(await jobs.kill("FFF")).toBeUndefined();
});

test("killing at once, before the shell has started, leaves nothing", async () => {
  const mark = path.join(directory, "late");
  const job = start(`sleep 0.5; touch ${mark}`);
  await jobs.kill(job.id);
  expect(jobs.get(job.id)).toMatchObject({ running: false });
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(fs.existsSync(mark)).toBe(false);
});

test("the 51st running job is refused", async () => {
  const own = createJobs({ directory, environment: () => ({ base: process.env }) });
  for (let i = 0; i < 50; i++) own.start({ command: "sleep 300", cwd: directory, session: "s" });
  expect(() => own.start({ command: "true", cwd: directory, session: "s" })).toThrow(expect.objectContaining({ code: "jobs_full" }));
  await own.close();
  expect(own.list()).toEqual([]);
});

test("files that a killed server left behind are removed when they are old, others are not touched", async () => {
  const spills = path.join(directory, "strays");
  fs.mkdirSync(spills);
  for (const name of ["job-1-001-1.log", "job-1-002-2.log", "mine.txt"]) fs.writeFileSync(path.join(spills, name), "");
  for (const name of ["job-1-001-1.log", "mine.txt"]) fs.utimesSync(path.join(spills, name), 1_000, 1_000);
  const own = createJobs({ directory: spills, environment: () => ({ base: process.env }) });
  await own.wait(own.start({ command: "true", cwd: directory, session: "s" }).id, never);
  await until(() => !fs.existsSync(path.join(spills, "job-1-001-1.log")));
  expect(fs.readdirSync(spills).sort()).toEqual(["job-1-002-2.log", "mine.txt"]);
  await own.close();
});
