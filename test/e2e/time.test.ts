import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ImportReport, Message, TimeResult } from "../../src/protocol/index.ts";
import { makeCrushDatabase } from "../support/crush-database.ts";
import { apiKey, openProduct, type Product } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
});
afterAll(() => product[Symbol.asyncDispose]());

const directory = (name: string): string => {
  const made = path.join(product.workspace, name);
  fs.mkdirSync(made);
  return made;
};
const json = async <T>(args: string[], cwd: string): Promise<T> => {
  const { code, stdout, stderr } = await product.run([...args, "--json"], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
};
/** One prompt whose answer writes files. */
const prompt = async (cwd: string, words: string, writes: Record<string, string>, goesOn = true): Promise<void> => {
  product.simulator.play(
    { tools: Object.entries(writes).map(([file_path, content]) => ({ name: "write", arguments: JSON.stringify({ file_path, content }) })) },
    { text: `Done with ${words}.` },
  );
  const { code, stderr } = await product.run(["run", "--yolo", ...(goesOn ? ["-C"] : []), words], { cwd });
  expect({ code, stderr }).toMatchObject({ code: 0 });
};

test("crush undo tells, asks, and puts back; the model is not sent what was undone; crush redo brings it again", async () => {
  const cwd = directory("undone");
  const file = path.join(cwd, "a.txt");
  await prompt(cwd, "first", { "a.txt": "one\n", "b/c.txt": "c\n" }, false);
  await prompt(cwd, "walrus", { "d.txt": "two\n" });
  const preview = await product.run(["undo", "--preview"], { cwd });
  expect(preview).toMatchObject({ code: 0, stdout: "1 turn: walrus\n  D d.txt  +0 -1\n" });
  expect(await product.run(["undo"], { cwd })).toMatchObject({ code: 2, stderr: expect.stringContaining("--yes") });
  expect(fs.existsSync(path.join(cwd, "d.txt"))).toBe(true);
  expect(await product.run(["undo", "--yes"], { cwd })).toMatchObject({ code: 0, stdout: expect.stringContaining("done: 1 turn, 1 file") });
  expect(fs.readdirSync(cwd).sort()).toEqual(["a.txt", "b"]);
  product.simulator.play({ text: "Third." });
  const before = product.simulator.seen.length;
  await product.run(["run", "-C", "third"], { cwd });
  const sent = product.simulator.seen
    .slice(before)
    .map(({ raw }) => raw)
    .find((raw) => raw.includes("third"))!;
  expect(sent).toContain("first");
  expect(sent).not.toContain("walrus");
  expect(await product.run(["redo", "--yes"], { cwd })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Another turn has begun"),
  });
  const { messages } = await json<{ messages: Message[] }>(["session", "show", "last"], cwd);
  expect(messages.filter(({ undone }) => undone).length).toBe(4);
  await expect
    .poll(async () => (await product.run(["session", "search", "walrus"], { cwd })).stdout, { timeout: 10_000 })
    .toContain("walrus");
  // The third one, then the first: what it made goes with its directory, unless it was changed since.
  await product.run(["undo", "--yes"], { cwd });
  fs.writeFileSync(file, "by hand\n");
  expect(await product.run(["undo", "--yes"], { cwd })).toMatchObject({ code: 1, stderr: "left as it is: a.txt: it was changed since\n" });
  expect(fs.readdirSync(cwd)).toEqual(["a.txt"]);
  expect(fs.readFileSync(file, "utf8")).toBe("by hand\n");
  expect((await json<TimeResult>(["redo", "--yes"], cwd)).files.map(({ state }) => state)).toEqual(["done"]);
  expect(fs.readFileSync(path.join(cwd, "b/c.txt"), "utf8")).toBe("c\n");
  expect((await json<TimeResult>(["undo", "--yes", "--force"], cwd)).files.map(({ state }) => state)).toEqual(["done", "done"]);
  expect(fs.readdirSync(cwd)).toEqual([]);
});

test("what a command makes of a file that was written in the same turn goes back with it", async () => {
  const cwd = directory("formatted");
  fs.writeFileSync(path.join(cwd, "other.txt"), "other");
  product.simulator.play(
    { tools: [{ name: "write", arguments: JSON.stringify({ file_path: "a.txt", content: "a" }) }] },
    {
      tools: [
        {
          name: "bash",
          arguments: JSON.stringify({ description: "format", command: "echo formatted > a.txt; echo formatted > other.txt" }),
        },
      ],
    },
    { text: "Done." },
  );
  await product.run(["run", "--yolo", "format"], { cwd });
  expect(fs.readFileSync(path.join(cwd, "a.txt"), "utf8")).toBe("formatted\n");
  const done = await json<TimeResult>(["undo", "--yes"], cwd);
  expect(done.notes).toEqual([expect.stringContaining("1 shell command ran")]);
  expect(fs.readdirSync(cwd)).toEqual(["other.txt"]);
  expect(fs.readFileSync(path.join(cwd, "other.txt"), "utf8")).toBe("formatted\n");
});

test("fork and rewind at a message by its number", async () => {
  const cwd = directory("forked");
  for (const [words, content] of [
    ["one", "1"],
    ["two", "2"],
    ["three", "3"],
  ] as const)
    await prompt(cwd, words, { [`${words}.txt`]: content }, words !== "one");
  const { id } = await json<{ id: string }>(["session", "last"], cwd);
  const fork = await json<{ id: string; title: string }>(["session", "fork", id, "5"], cwd);
  expect(fork.title).toBe("one (fork)");
  const { messages } = await json<{ messages: Message[] }>(["session", "show", fork.id], cwd);
  expect(messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(fs.readdirSync(cwd).length).toBe(3);
  expect(await product.run(["session", "rewind", id, "#5", "--yes"], { cwd })).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("done: 2 turns, 2 files"),
  });
  expect(fs.readdirSync(cwd)).toEqual(["one.txt"]);
});

test("an export has no key in it, of the configuration, of the environment or by its shape; HTML is one file in which nothing runs", async () => {
  const cwd = directory("exported");
  const token = "hunter2-long-and-secret";
  const hostile = `<script>alert(1)</script> ${apiKey} ghp_0123456789abcdefghijABCDEFGHIJ456789 "${token}" \u001b[31mred`;
  product.simulator.play(
    { text: hostile, tools: [{ name: "write", arguments: JSON.stringify({ file_path: 'x"onload="y.txt', content: hostile }) }] },
    { text: "Done." },
  );
  await product.run(["run", "--yolo", hostile], { cwd });
  const env = { MY_SERVICE_TOKEN: token };
  for (const format of ["md", "html", "json"]) {
    const { code, stdout } = await product.run(["session", "export", "last", "--format", format], { cwd, env });
    expect(code).toBe(0);
    for (const secret of [apiKey, token, "ghp_0123456789"]) expect(stdout).not.toContain(secret);
    expect(stdout).toContain("[redacted]");
    expect(stdout).not.toContain("\u001b");
    if (format === "json") expect(JSON.parse(stdout)).toMatchObject({ version: 1, messages: expect.any(Array) });
    if (format !== "html") continue;
    expect(stdout).toMatch(/^<!doctype html>/);
    expect(stdout).not.toMatch(/<script|<img|onload=["']|https?:/i);
    expect(stdout).toContain("default-src 'none'");
  }
  const whole = await product.run(["session", "export", "last", "--with-secrets"], { cwd });
  expect(whole.stdout).toContain(apiKey);
  expect(await product.run(["session", "export", "last", "--format", "pdf"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("md, html, json"),
  });
});

test("crush import copies the sessions of a project's Crush database, a second one only what is new, and they go on here", async () => {
  const cwd = directory("imported");
  fs.mkdirSync(path.join(cwd, ".crush"));
  const crush = makeCrushDatabase(path.join(cwd, ".crush", "crush.db"));
  crush.session("5c0e", { title: "Old work" });
  crush.message("m1", "5c0e", "user", [{ type: "text", data: { text: "remember the walrus" } }]);
  crush.message("m2", "5c0e", "assistant", [
    { type: "text", data: { text: "I do." } },
    { type: "finish", data: { reason: "end_turn", time: 1 } },
  ]);
  crush.close();
  const report = await json<ImportReport>(["import"], cwd);
  expect(report.sessions).toMatchObject([{ title: "Old work", messages: 2, state: "new" }]);
  expect((await product.run(["import", "--from", cwd], { cwd: product.root })).stdout).toContain("0 new, 0 grown, 1 known before");
  expect((await product.run(["session", "list"], { cwd })).stdout).toContain("Old work");
  product.simulator.play({ text: "Still." });
  const before = product.simulator.seen.length;
  await product.run(["run", "-s", report.sessions[0]!.hash, "and now?"], { cwd });
  expect(product.simulator.seen[before]!.raw).toContain("remember the walrus");
  expect(await product.run(["import", "--from", product.root], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("no Crush database"),
  });
});

test("the server killed with -9 in the middle of an undo: the next one finishes it, and every file is as it was", async () => {
  const cwd = directory("killed");
  const names = Array.from({ length: 120 }, (_, i) => `f${i}.txt`);
  for (const name of names) fs.writeFileSync(path.join(cwd, name), `before ${name}`);
  const client = product.connect();
  product.simulator.play(
    { tools: names.map((name) => ({ name: "view", arguments: JSON.stringify({ file_path: name }) })) },
    { tools: names.map((name) => ({ name: "write", arguments: JSON.stringify({ file_path: name, content: `after ${name}` }) })) },
    { text: "Done." },
  );
  expect(await product.run(["run", "--yolo", "rewrite"], { cwd })).toMatchObject({ code: 0 });
  const held = () => {
    const holds = (word: string) => names.filter((name) => fs.readFileSync(path.join(cwd, name), "utf8") === `${word} ${name}`).length;
    return { before: holds("before"), after: holds("after"), other: fs.readdirSync(cwd).filter((name) => !names.includes(name)) };
  };
  expect(held()).toEqual({ before: 0, after: 120, other: [] });
  const { session } = await client.request("session.get", { session: "last", workspace: cwd });
  const { pid } = product.discovery()!;
  const asked = client.request("session.undo", { session: session.id }).catch(() => undefined);
  while (held().before < 5) await new Promise((resolve) => setImmediate(resolve));
  process.kill(pid, "SIGKILL");
  const between = held();
  expect(between.before).toBeGreaterThan(0);
  await client.close();
  await asked;
  await product.serve();
  expect(held()).toEqual({ before: 120, after: 0, other: [] });
  await product.run(["redo", "--yes"], { cwd });
  expect(held()).toEqual({ before: 0, after: 120, other: [] });
}, 60_000);
