import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ToolContext } from "../../../src/contracts/tool.ts";
import { createJobs, createSpawn } from "../../../src/process/index.ts";
import { type DemoServer, openDemoServer } from "../../../src/providers/demo/index.ts";
import { parseInput, toolSpecs, tools } from "../../../src/tools/index.ts";
import { openFiles } from "../../../src/workspace/index.ts";

const token = "secret-of-this-test";
const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-demo-")));
const spill = fs.mkdtempSync(path.join(os.tmpdir(), "crush-demo-jobs-"));
const environment = () => ({ base: process.env });
const jobs = createJobs({ directory: spill, environment });
let demo: DemoServer;

beforeAll(async () => {
  demo = await openDemoServer({ token, rate: 0 });
  fs.mkdirSync(path.join(root, "src"));
  fs.writeFileSync(path.join(root, "README.md"), "# Teapots\n\nA library that counts teapots and warms them up.\n\n## Use\n\nPour.\n");
  fs.writeFileSync(
    path.join(root, "package.json"),
    JSON.stringify({ name: "teapots", description: "counts teapots", scripts: { test: "echo three teapots pass" } }, null, 2),
  );
  fs.writeFileSync(
    path.join(root, "src", "pot.ts"),
    '// Warms a pot.\nimport fs from "node:fs";\n\nexport function warm(pot: string): string {\n  return `${pot} is warm`; // TODO measure\n}\nexport class Pot {}\n',
  );
});
afterAll(async () => {
  await demo.close();
  await jobs.close();
  fs.rmSync(root, { recursive: true });
  fs.rmSync(spill, { recursive: true, force: true });
});

type Message = {
  role: string;
  content?: string;
  tool_calls?: { id: string; type: "function"; function: { name: string; arguments: string } }[];
  tool_call_id?: string;
};
type Answer = { status: number; headers: http.IncomingHttpHeaders; text: string };

const send = (method: string, where: string, headers: Record<string, string>, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const request = http.request({ host: "127.0.0.1", port: demo.port, method, path: where, headers }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece) => (text += piece));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text })).on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
const authorized = { authorization: `Bearer ${token}`, "content-type": "application/json" };

/** One streamed answer, read the plain way. */
async function complete(messages: Message[], more: object = {}): Promise<{ message: Message; finish: string }> {
  const { status, text } = await send(
    "POST",
    "/v1/chat/completions",
    authorized,
    JSON.stringify({
      model: "demo",
      stream: true,
      messages,
      tools: toolSpecs(tools, []).map((spec) => ({ type: "function", function: spec })),
      ...more,
    }),
  );
  expect(status).toBe(200);
  const message: Message = { role: "assistant", content: "" };
  let finish = "";
  const lines = text.split("\n\n").filter(Boolean);
  expect(lines.at(-1)).toBe("data: [DONE]");
  for (const line of lines.slice(0, -1)) {
    const { choices } = JSON.parse(line.slice(6)) as {
      choices: {
        delta: { content?: string; tool_calls?: { index: number; id?: string; function: { name?: string; arguments: string } }[] };
        finish_reason: string | null;
      }[];
    };
    const choice = choices[0];
    if (!choice) continue;
    message.content += choice.delta.content ?? "";
    for (const part of choice.delta.tool_calls ?? []) {
      message.tool_calls ??= [];
      message.tool_calls[part.index] ??= { id: part.id!, type: "function", function: { name: part.function.name!, arguments: "" } };
      message.tool_calls[part.index]!.function.arguments += part.function.arguments;
    }
    if (choice.finish_reason) finish = choice.finish_reason;
  }
  return { message, finish };
}

/** A whole turn: the real tools answer the demo's calls until it stops. */
async function turn(prompt: string): Promise<{ calls: string[]; answer: string }> {
  const messages: Message[] = [
    { role: "system", content: `You are Crush.\n<env>\nWorking directory: ${root}\n</env>` },
    { role: "user", content: prompt },
  ];
  const calls: string[] = [];
  const context: ToolContext = {
    session: "s",
    turn: "t",
    call: "c",
    signal: new AbortController().signal,
    files: await openFiles({ workspace: root }),
    spawn: createSpawn({ environment: () => process.env }),
    jobs,
    http: undefined as never,
    compute: { diff: async () => ({ patch: "", additions: 0, removals: 0 }), htmlToText: async (html) => html },
    limits: { lsMaxDepth: 0, lsMaxItems: 1000, grepTimeoutMs: 5_000, globTimeoutMs: 5_000 },
    ripgrep: "rg",
    progress() {},
  };
  for (let i = 0; i < 10; i++) {
    const { message, finish } = await complete(messages);
    messages.push(message);
    if (!message.tool_calls) {
      expect(finish).toBe("stop");
      return { calls, answer: message.content! };
    }
    expect(finish).toBe("tool_calls");
    for (const call of message.tool_calls) {
      const tool = tools.find((each) => each.name === call.function.name)!;
      const parsed = parseInput(tool, call.function.arguments);
      if ("error" in parsed) throw new Error(`${call.function.name} ${call.function.arguments}: ${parsed.error}`);
      calls.push(tool.name);
      messages.push({ role: "tool", tool_call_id: call.id, content: (await tool.run(parsed.input, context)).text });
    }
  }
  throw new Error("the demo did not stop");
}

const honest = (answer: string): void => {
  expect(answer).toMatch(/no model/);
  for (const way of ["OPENAI_API_KEY", "/connect", "Ollama"]) expect(answer).toContain(way);
};

describe("what the demo can be asked for", () => {
  test("an overview lists the directory, reads README and manifest, and says what is there", async () => {
    const { calls, answer } = await turn("Give me an overview of this project");
    expect(calls).toEqual(["ls", "view", "view"]);
    for (const found of ["Teapots", "counts teapots", "`test`", "`src/`", "TypeScript"]) expect(answer).toContain(found);
    honest(answer);
  });
  test("a file is read and described by what is in it", async () => {
    const { calls, answer } = await turn("please explain src/pot.ts to me");
    expect(calls).toEqual(["view"]);
    for (const found of ["`warm` (function)", "`Pot` (class)", "1 imports", "Warms a pot"]) expect(answer).toContain(found);
    honest(answer);
  });
  test("a file in another place is found by its name", async () => {
    const { calls, answer } = await turn("show me pot.ts");
    expect(calls).toEqual(["view", "glob", "view"]);
    expect(answer).toContain("src/pot.ts");
  });
  test("a file that is nowhere is said to be nowhere", async () => {
    const { answer } = await turn("read nothing-of-this-name.ts");
    expect(answer).toContain("could not read");
    honest(answer);
  });
  test("a search says in which lines the word is", async () => {
    const { calls, answer } = await turn("search for TODO");
    expect(calls).toEqual(["grep"]);
    expect(answer).toContain("src/pot.ts:5");
    honest(answer);
  });
  test("a search without hits says so", async () => {
    expect((await turn("where is flibbertigibbet?")).answer).toContain("No file has");
  });
  test("a file is written with the text that was given, also over an existing one", async () => {
    const first = await turn("create notes.md with the text: remember the milk");
    expect(first.calls).toEqual(["write"]);
    expect(fs.readFileSync(path.join(root, "notes.md"), "utf8")).toBe("remember the milk\n");
    const second = await turn("write notes.md containing 'and the bread'");
    expect(second.calls).toEqual(["write", "view", "write"]);
    expect(fs.readFileSync(path.join(root, "notes.md"), "utf8")).toBe("and the bread\n");
    honest(second.answer);
  });
  test("a text is replaced, after the file was read", async () => {
    fs.writeFileSync(path.join(root, "colours.txt"), "colour me, colour you\n");
    const { calls, answer } = await turn("replace 'colour' with \"color\" in colours.txt.");
    expect(calls).toEqual(["view", "edit"]);
    expect(fs.readFileSync(path.join(root, "colours.txt"), "utf8")).toBe("color me, color you\n");
    honest(answer);
  });
  test("the tests are run by the command that fits the project; a failure is told as one", async () => {
    const { calls, answer } = await turn("run the tests");
    expect(calls).toEqual(["ls", "bash"]);
    expect(answer).toContain("three teapots pass");
    expect((await turn("run `exit 3`")).answer).toContain("exit code 3");
  });
  test("who are you: it says that it is a demo and what it can do", async () => {
    const { calls, answer } = await turn("who are you?");
    expect(calls).toEqual([]);
    expect(answer).toContain("built-in demo");
    honest(answer);
  });
  test("what it does not know it does not pretend to know", async () => {
    const { calls, answer } = await turn("please prove the Riemann hypothesis");
    expect(calls).toEqual([]);
    expect(answer).toContain("I do not understand");
    honest(answer);
  });
  test("the same conversation gets the same answer", async () => {
    const messages: Message[] = [
      { role: "system", content: `Working directory: ${root}` },
      { role: "user", content: "search for warm" },
    ];
    const [one, two] = [await complete(messages), await complete(messages)];
    expect(one.message.content).toBe(two.message.content);
    expect(one.message.tool_calls![0]!.function).toEqual(two.message.tool_calls![0]!.function);
  });
  test("a tool that is not offered is not called", async () => {
    const { message } = await complete([{ role: "user", content: "search for TODO" }], { tools: [] });
    expect(message.tool_calls).toBeUndefined();
    expect(message.content).toContain("`grep`");
  });
});

describe("the demo as a load generator", () => {
  test("[[text n=200]] gives 200 words, [[tool]] one call and then words", async () => {
    const { message } = await complete([{ role: "user", content: "[[text n=200]]" }]);
    expect(message.content).toContain("## Section 2");
    const asked: Message[] = [{ role: "user", content: '[[tool name=bash args={"command":"ls -la"} n=5]]' }];
    const called = await complete(asked);
    expect(called.message.tool_calls).toMatchObject([{ function: { name: "bash", arguments: '{"command":"ls -la"}' } }]);
    const after = await complete([
      ...asked,
      called.message,
      { role: "tool", tool_call_id: called.message.tool_calls![0]!.id, content: "x" },
    ]);
    expect(after.message.tool_calls).toBeUndefined();
    expect(after.message.content!.trim()).not.toBe("");
  });
  test("faults: 500 always, 429 once with retry-after", async () => {
    const ask = (text: string): Promise<Answer> =>
      send("POST", "/v1/chat/completions", authorized, JSON.stringify({ stream: true, messages: [{ role: "user", content: text }] }));
    expect((await ask("[[fault=500]]")).status).toBe(500);
    const [first, second] = [await ask("[[fault=429 n=3]]"), await ask("[[fault=429 n=3]]")];
    expect([first.status, first.headers["retry-after"], second.status]).toEqual([429, "1", 200]);
  });
  test("a disconnect cuts the stream", async () => {
    await expect(complete([{ role: "user", content: "[[fault=disconnect after=3]]" }])).rejects.toThrow();
  });
});

describe("who gets an answer", () => {
  test("nobody without the token, and no other host name", async () => {
    expect((await send("GET", "/v1/models", {})).status).toBe(401);
    expect((await send("GET", "/v1/models", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await send("GET", "/v1/models", { ...authorized, host: "evil.example" })).status).toBe(403);
    const { status, text } = await send("GET", "/v1/models", authorized);
    expect([status, JSON.parse(text).data[0].id]).toEqual([200, "demo"]);
  });
  test("nonsense is refused, and the next one is answered", async () => {
    expect((await send("POST", "/v1/chat/completions", authorized, "{nope")).status).toBe(400);
    for (const body of [
      "null",
      "[]",
      '{"messages":3}',
      '{"messages":[null]}',
      '{"messages":[{"role":"user","content":[null,{"text":5}]}],"tools":[null]}',
    ]) {
      const { status } = await send("POST", "/v1/chat/completions", authorized, body);
      expect([200, 400]).toContain(status);
    }
    expect((await send("GET", "/elsewhere", authorized)).status).toBe(404);
  });
});
