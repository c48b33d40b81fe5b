import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openProduct, type Product, until } from "../support/product.ts";

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
  product.simulator.play({ text: "An answer." });
});
afterAll(() => product[Symbol.asyncDispose]());

const json = async <T>(args: string[], cwd?: string): Promise<T> => {
  const { code, stdout, stderr } = await product.run([...args, "--json"], cwd === undefined ? {} : { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout) as T;
};
type Row = { id: string; uuid: string; title: string; workspace: string; status: string; created: string; modified: string };
const directory = (name: string): string => {
  const made = path.join(product.workspace, name);
  fs.mkdirSync(made);
  return made;
};

test("list: newest first, of this directory, with --all of every one; last is the first of them", async () => {
  const [here, there] = [directory("here"), directory("there")];
  expect(await json<Row[]>(["session", "list"], here)).toEqual([]);
  for (const [cwd, prompt] of [
    [here, "one"],
    [there, "two"],
    [here, "three"],
  ] as const)
    await product.run(["run", prompt], { cwd });
  const rows = await json<Row[]>(["session", "list"], here);
  expect(rows).toEqual(
    ["three", "one"].map((title) => ({
      id: expect.stringMatching(/^[0-9a-f]{7}$/),
      uuid: expect.stringMatching(/^[0-9a-f-]{36}$/),
      title,
      workspace: here,
      status: "idle",
      created: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      modified: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    })),
  );
  expect((await json<Row[]>(["session", "list", "--all"], here)).map(({ title }) => title)).toEqual(["three", "two", "one"]);
  expect(await json<Row>(["session", "last"], here)).toEqual(rows[0]);
  expect((await product.run(["session", "list"], { cwd: here })).stdout).toMatch(/^[0-9a-f]{7} {2}.* three\n[0-9a-f]{7} {2}.* one\n$/);
  expect(await product.run(["session", "last"], { cwd: product.root })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("no session"),
  });
});

test("show and export: everything that was said, as Markdown and as JSON, to a file that only its owner reads", async () => {
  const cwd = directory("shown");
  product.simulator.play({ text: "I look.", tools: [{ name: "view", arguments: '{"file_path":"a.md"}' }] }, { text: "It says ```hi```." });
  fs.writeFileSync(path.join(cwd, "a.md"), "```\nfenced\n```\n");
  await product.run(["run", "read a.md"], { cwd });
  product.simulator.play({ text: "An answer." });
  const { id, uuid } = await json<Row>(["session", "last"], cwd);
  const shown = await json<Row & { cost: number; tokens: number; messages: { role: string }[] }>(["session", "show", id], cwd);
  expect(shown).toMatchObject({ id, uuid, cost: 0, tokens: 240 });
  expect(shown.messages.map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  const exported = await json<{ version: number; session: { id: string }; messages: unknown[] }>(["session", "export", id], cwd);
  expect(exported).toMatchObject({ version: 1, session: { id: uuid } });
  expect(exported.messages).toEqual(shown.messages);
  const file = path.join(cwd, "out.md");
  expect((await product.run(["session", "export", id, "-o", file], { cwd })).code).toBe(0);
  expect(fs.statSync(file).mode & 0o777).toBe(0o600);
  const markdown = fs.readFileSync(file, "utf8");
  expect(markdown).toMatch(/^# read a\.md\n/);
  for (const part of ["## User\n\nread a.md", "I look.", "**view**", "It says ```hi```.", "````\n"]) expect(markdown).toContain(part);
});

test("rename and delete by the start of the hash; what is gone is gone", async () => {
  const cwd = directory("renamed");
  await product.run(["run", "old name"], { cwd });
  const { id } = await json<Row>(["session", "last"], cwd);
  expect(await json<Row>(["session", "rename", id, "new", "name"], cwd)).toMatchObject({ id, title: "new name" });
  expect((await product.run(["session", "rename", id])).code).toBe(2);
  expect((await product.run(["session", "delete", id])).stdout).toBe(`deleted ${id} new name\n`);
  for (const command of ["show", "export", "delete"])
    expect(await product.run(["session", command, id])).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(id) });
  expect(await json<Row[]>(["session", "list"], cwd)).toEqual([]);
});

test("an ambiguous start of a hash is refused with the sessions that it fits; one digit more than they share is enough", async () => {
  const cwd = directory("many");
  const client = product.connect();
  const hashes = new Map<string, string[]>();
  let pair: string[] | undefined;
  while (!pair) {
    const { session } = await client.request("session.create", { workspace: cwd, title: "one of many" });
    const list = [...(hashes.get(session.hash[0]!) ?? []), session.hash];
    hashes.set(session.hash[0]!, list);
    if (list.length === 2) pair = list;
  }
  await client.close();
  const [a, b] = pair as [string, string];
  const ambiguous = await product.run(["session", "show", a[0]!], { cwd });
  expect(ambiguous.code).toBe(2);
  for (const hash of [a, b]) expect(ambiguous.stderr).toContain(hash.slice(0, 7));
  expect((await json<Row>(["session", "show", a.slice(0, 8)], cwd)).id).toBe(a.slice(0, 7));
});

test("while a turn runs: rename allowed, delete refused", async () => {
  const cwd = directory("busy");
  product.simulator.play({ words: 1_000, rate: 50 });
  const running = product.start(["run", "long"], { cwd });
  await running.prints("alpha");
  const { id, status } = await json<Row>(["session", "last"], cwd);
  expect(status).toBe("running");
  expect((await product.run(["session", "rename", id, "still going"])).code).toBe(0);
  expect(await product.run(["session", "delete", id])).toMatchObject({ code: 1, stderr: expect.stringContaining("running") });
  expect(await product.run(["server", "stop"])).toMatchObject({ code: 1, stdout: "" });
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(130);
  expect((await product.run(["session", "delete", id])).code).toBe(0);
  product.simulator.play({ text: "An answer." });
});

test("dirs names what is used, and logs shows the log without a secret", async () => {
  const dirs = await json<Record<string, string>>(["dirs"]);
  expect(dirs).toEqual({
    config: path.join(product.root, "config/crush"),
    data: product.dataDir,
    logs: path.join(product.dataDir, "logs"),
    runtime: path.dirname(product.discovery()!.socket),
    socket: product.discovery()!.socket,
    workspace: product.workspace,
  });
  await until(async () => (await product.run(["logs", "-t", "5"])).stdout.trim().split("\n").length === 5);
});
