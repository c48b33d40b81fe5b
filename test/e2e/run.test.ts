import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openProduct, type Product, simulatedProvider, until } from "../support/product.ts";

// `crush run` as a script uses it. One server for the file; each test has sessions of its own.

let product: Product;
beforeAll(async () => {
  product = await openProduct();
  await product.serve();
});
afterAll(() => product[Symbol.asyncDispose]());
beforeEach(() => {
  product.simulator.seen.length = 0;
  product.simulator.play({ text: "The answer." });
});

const lines = (text: string): Record<string, unknown>[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const write = (file: string, content = "new\n") => ({ name: "write", arguments: JSON.stringify({ file_path: file, content }) });
const inWork = (name: string) => path.join(product.workspace, name);
const usage = { input: 100, output: 20, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0 };

test("text: the answer and a line feed on standard output, nothing on standard error, exit code 0", async () => {
  expect(await product.run(["run", "what", "is this?"])).toEqual({ code: 0, signal: null, stdout: "The answer.\n", stderr: "" });
  expect(product.simulator.seen.at(-1)?.body.messages.at(-1)).toEqual({ role: "user", content: "what is this?" });
});

test("json: one object, the result, with all its fields", async () => {
  const { code, stdout, stderr } = await product.run(["run", "--format", "json", "hi"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(lines(stdout)).toEqual([
    {
      version: 1,
      type: "result",
      session: expect.any(String),
      turn: expect.any(String),
      status: "ok",
      exitCode: 0,
      text: "The answer.",
      usage,
      cost: 0,
      completions: 1,
      durationMs: expect.any(Number),
      denied: [],
    },
  ]);
});

test("stream-json: start, what happens in order, result; the texts of a message joined are its text", async () => {
  product.simulator.play({ reasoning: "Let me look.", text: "I write it.", tools: [write("stream.txt")] }, { text: "Done: 你好 🙂" });
  const { code, stdout } = await product.run(["run", "--format", "stream-json", "--allow", "write", "hi"]);
  expect(code).toBe(0);
  const all = lines(stdout);
  expect(all.every(({ version }) => version === 1)).toBe(true);
  const kinds = all.map(({ type }) => type).filter((type, i, list) => type !== list[i - 1]);
  expect(kinds).toEqual(["start", "reasoning", "text", "tool_call", "tool_result", "text", "result"]);
  const of = (type: string) => all.filter((line) => line.type === type);
  expect(of("start")).toEqual([
    { version: 1, type: "start", session: expect.any(String), turn: expect.any(String), workspace: product.workspace },
  ]);
  expect(
    of("reasoning")
      .map(({ text }) => text)
      .join(""),
  ).toBe("Let me look.");
  const texts = Map.groupBy(of("text"), ({ message }) => message);
  expect([...texts.values()].map((parts) => parts.map(({ text }) => text).join(""))).toEqual(["I write it.", "Done: 你好 🙂"]);
  expect(of("tool_call")).toMatchObject([{ call: "call_0", name: "write", input: { file_path: "stream.txt", content: "new\n" } }]);
  expect(of("tool_result")).toMatchObject([{ call: "call_0", name: "write", isError: false, text: expect.any(String) }]);
  expect(of("result")).toMatchObject([{ status: "ok", exitCode: 0, completions: 2, text: "Done: 你好 🙂" }]);
  expect(fs.readFileSync(inWork("stream.txt"), "utf8")).toBe("new\n");
});

test("piped input stands before the prompt with a blank line between; alone it is the prompt; nothing at all is a usage error", async () => {
  await product.run(["run", "explain this"], { stdin: "some\ntext\n" });
  expect(product.simulator.seen.at(-1)?.body.messages.at(-1)).toEqual({ role: "user", content: "some\ntext\n\nexplain this" });
  await product.run(["run"], { stdin: "only this" });
  expect(product.simulator.seen.at(-1)?.body.messages.at(-1)).toEqual({ role: "user", content: "only this" });
  const empty = await product.run(["run"], { stdin: "" });
  expect(empty).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("no prompt") });
});

test.each([
  [["run", "--colour", "x"], "--colour"],
  [["run", "--format", "yaml", "x"], "yaml"],
  [["run", "--max-turns", "0", "x"], "--max-turns"],
  [["run", "--timeout", "soon", "x"], "--timeout"],
  [["run", "-s", "abc", "-C", "x"], "--continue"],
  [["rum", "x"], 'crush run "rum ..."'],
  [["run", "-c", "/nowhere/at/all", "x"], "/nowhere/at/all"],
  [["run", "-H", "carrier-pigeon", "x"], "carrier-pigeon"],
  [["session", "frobnicate"], "frobnicate"],
])("usage error %j: exit code 2, the message names it, nothing is sent", async (args, named) => {
  const { code, stdout, stderr } = await product.run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toContain(named);
  expect(product.simulator.seen).toEqual([]);
});

test("a call that needs asking is denied: exit code 3, the message names the flag, which then allows it", async () => {
  product.simulator.play({ tools: [write("denied.txt")] }, { text: "Written." });
  const refused = await product.run(["run", "--format", "json", "hi"]);
  const [result] = lines(refused.stdout);
  expect(refused.code).toBe(3);
  expect(result).toMatchObject({ status: "failed", cause: "permission_denied", exitCode: 3, denied: [{ tool: "write" }] });
  expect(fs.existsSync(inWork("denied.txt"))).toBe(false);
  const [, flag] = /--allow '([^']+)'/.exec(String(result!.reason)) ?? [];
  expect(flag).toBe("write(denied.txt)");

  product.simulator.play({ tools: [write("denied.txt")] }, { text: "Written." });
  expect(await product.run(["run", "--allow", flag!, "hi"])).toMatchObject({ code: 0, stdout: "Written.\n" });
  expect(fs.readFileSync(inWork("denied.txt"), "utf8")).toBe("new\n");
});

test("allow rules: a tool, a tool and its action, a path; another tool, action or path stays denied", async () => {
  const attempt = async (rule: string, file: string) => {
    product.simulator.play({ tools: [write(file)] }, { text: "ok" });
    return (await product.run(["run", "--allow", rule, "hi"])).code;
  };
  const codes = await [
    ["write", "a1.txt"],
    ["write:write", "a2.txt"],
    ["write(sub/**)", "sub/a3.txt"],
    ["edit", "b1.txt"],
    ["write:read", "b2.txt"],
    ["write(sub/**)", "sub/../b3.txt"],
    ["write(sub/**)", "../b4.txt"],
  ].reduce(async (before, [rule, file]) => [...(await before), await attempt(rule!, file!)], Promise.resolve<(number | null)[]>([]));
  expect(codes).toEqual([0, 0, 0, 3, 3, 3, 3]);
  expect(["b1.txt", "b2.txt", "b3.txt"].filter((file) => fs.existsSync(inWork(file)))).toEqual([]);
  expect(fs.existsSync(path.join(product.root, "b4.txt"))).toBe(false);
});

test("commands: what only reads runs, what changes is denied and the pattern in the message allows it and no more", async () => {
  const attempt = async (command: string, ...flags: string[]) => {
    product.simulator.play({ tools: [{ name: "bash", arguments: JSON.stringify({ description: "d", command }) }] }, { text: "ok" });
    const { code, stdout } = await product.run(["run", "--format", "json", ...flags, "hi"]);
    return { code, reason: String(lines(stdout)[0]!.reason ?? "") };
  };
  expect((await attempt("pwd && ls")).code).toBe(0);
  const denied = await attempt("mkdir made");
  expect(denied.code).toBe(3);
  const [, pattern] = /--allow '([^']+)'/.exec(denied.reason) ?? [];
  expect(pattern).toMatch(/^bash/);
  expect(fs.existsSync(inWork("made"))).toBe(false);
  expect((await attempt("mkdir made", "--allow", pattern!)).code).toBe(0);
  expect(fs.existsSync(inWork("made"))).toBe(true);
  expect((await attempt("mkdir made2 && touch more", "--allow", "bash(mkdir *)")).code).toBe(3);
  expect((await attempt("mkdir $(touch more)", "--allow", "bash(mkdir *)")).code).toBe(3);
  expect(["made2", "more"].filter((name) => fs.existsSync(inWork(name)))).toEqual([]);
});

test("--max-turns ends the turn after so many requests, --timeout after so long: exit code 4 and the reason", async () => {
  fs.writeFileSync(inWork("seen.txt"), "x\n");
  // The ids repeat, as some servers' do.
  product.simulator.play({ tools: [{ name: "view", arguments: '{"file_path":"seen.txt"}' }] });
  const turns = await product.run(["run", "--max-turns", "3", "--format", "json", "hi"]);
  expect(turns.code).toBe(4);
  expect(lines(turns.stdout)).toMatchObject([{ status: "limit", cause: "max_turns", completions: 3 }]);
  expect(product.simulator.seen.length).toBe(3);

  product.simulator.play({ words: 500, rate: 50 });
  const late = await product.run(["run", "--timeout", "0.2", "--format", "json", "hi"]);
  expect(late.code).toBe(4);
  expect(lines(late.stdout)).toMatchObject([{ status: "limit", cause: "timeout", reason: expect.stringContaining("0.2 s") }]);
  await until(() => product.simulator.seen.at(-1)!.closed);
});

test("an interrupt ends the turn on the server and keeps what was said: exit code 130", async () => {
  product.simulator.play({ words: 500, rate: 50 });
  const running = product.start(["run", "--format", "stream-json", "hi"]);
  await running.prints("alpha");
  running.child.kill("SIGINT");
  const { code, stdout } = await running.ended;
  expect(code).toBe(130);
  expect(lines(stdout).at(-1)).toMatchObject({ type: "result", status: "interrupted", cause: "canceled", exitCode: 130 });
  await until(() => product.simulator.seen.at(-1)!.closed);
  expect((await product.run(["session", "last"])).stdout).not.toContain("[running]");
});

test("-m and --small-model choose; without a provider's name an ambiguous one is refused with the names, an unknown one with the near", async () => {
  const { providers } = simulatedProvider(product.simulator.url) as { providers: { sim: object } };
  product.writeConfig({ providers: { ...providers, other: { ...providers.sim } } });
  expect((await product.run(["run", "-m", "sim/SMALL-one", "hi"])).code).toBe(0);
  expect(product.simulator.seen.at(-1)?.body.model).toBe("small-one");
  expect((await product.run(["run", "-m", "other/small-one", "--small-model", "sim/large-one", "hi"])).code).toBe(0);
  expect(await product.run(["run", "-m", "large-one", "hi"])).toMatchObject({ code: 2, stderr: expect.stringContaining("sim, other") });
  expect(await product.run(["run", "-m", "large-on", "hi"])).toMatchObject({ code: 2, stderr: expect.stringContaining("sim/large-one") });
  expect((await product.run(["models", "small"])).stdout).toBe("sim/small-one\nother/small-one\n");
  product.writeConfig(simulatedProvider(product.simulator.url));
});

test("-C goes on with the newest session of the directory, -s with the one named; both send what was said before", async () => {
  const cwd = path.join(product.workspace, "own");
  fs.mkdirSync(cwd);
  expect(await product.run(["run", "-C", "hi"], { cwd })).toMatchObject({ code: 1, stderr: expect.stringContaining("no session") });
  await product.run(["run", "first"], { cwd });
  const { id } = JSON.parse((await product.run(["session", "last", "--json"], { cwd })).stdout) as { id: string };
  await product.run(["run", "-C", "second"], { cwd });
  await product.run(["run", "-s", id, "third"]);
  const said = product.simulator.seen.at(-1)!.body.messages.filter(({ role }) => role !== "system");
  expect(said.map(({ content }) => content)).toEqual(["first", "The answer.", "second", "The answer.", "third"]);
});

test("-q leaves standard error empty also when the provider had to be asked twice", async () => {
  product.simulator.play({ status: 500, headers: { "retry-after": "0" } }, { text: "At last." });
  expect(await product.run(["run", "-q", "hi"])).toEqual({ code: 0, signal: null, stdout: "At last.\n", stderr: "" });
});

test("a reader that leaves early is no error and stops nothing on the server", async () => {
  product.simulator.play({ words: 400, rate: 400 });
  const running = product.start(["run", "--format", "stream-json", "hi"]);
  await running.prints("alpha");
  running.child.stdout!.destroy();
  expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  const client = product.connect();
  const ended = async () =>
    (await client.request("session.get", { session: "last", workspace: product.workspace })).session.status === "idle";
  await until(ended);
  const { messages } = await client.request("session.messages", {
    session: (await client.request("session.get", { session: "last", workspace: product.workspace })).session.id,
  });
  expect(messages.at(-1)).toMatchObject({ finish: "end_turn" });
  await client.close();
});

test("20 at once get each its own answer, over one server", async () => {
  product.simulator.play((asked) => ({ text: `You said ${String(asked.body.messages.at(-1)?.content)}.` }));
  const names = Array.from({ length: 20 }, (_, i) => `number-${i}`);
  const results = await Promise.all(names.map((name) => product.run(["run", "-q", name])));
  expect(results.map(({ stdout, code }) => [stdout, code])).toEqual(names.map((name) => [`You said ${name}.\n`, 0]));
  expect(product.processes().filter(({ command }) => command.includes("serve.mjs"))).toHaveLength(1);
});

test("a broken configuration is named with its file and line; the server goes on", async () => {
  product.writeConfig('{\n  "providers": {\n    oops\n');
  const { code, stderr } = await product.run(["run", "hi"]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/crush\.json/);
  expect(stderr).toMatch(/line 3|:3/);
  product.writeConfig(simulatedProvider(product.simulator.url));
  expect((await product.run(["run", "hi"])).code).toBe(0);
});
