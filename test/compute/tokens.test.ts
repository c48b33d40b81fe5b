import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { get_encoding } from "tiktoken";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { countConversation } from "../../src/compute/index.ts";
import type { Part } from "../../src/protocol/index.ts";
import { openTokenizer } from "../../src/kernels/tokens.ts";
import { event, openAll, text } from "../store/support.ts";

const oracle = get_encoding("o200k_base");
afterAll(() => oracle.free());
const tokens = (words: string): number => oracle.encode(words, [], []).length;
/** Around each message. */
const frame = 4;
const tokenizer = openTokenizer("dist/kernels")!;

const call = (id: string, index: number, input: string): Part => ({ id, index, kind: "tool_call", call: id, name: "view", input });
const result = (id: string, words: string): Part => ({
  id,
  index: 0,
  kind: "tool_result",
  call: id,
  name: "view",
  text: words,
  isError: false,
});

test("a conversation counts as what the model reads of it: text, calls, results, files and pictures, no reasoning, no broken attempt", async () => {
  const { store, queries } = await openAll();
  const file = { id: "f", index: 1, kind: "file", path: "a.ts", mime: "text/plain", bytes: 9, text: "const a = 1;" } as const;
  const picture = { id: "g", index: 2, kind: "file", path: "a.png", mime: "image/png", bytes: 9 } as const;
  await store.commit([
    event.created(),
    event.message("m1", { parts: [text("p1", 0, "What is in a.ts? 日本語"), file, picture] }),
    event.message("m2", { role: "assistant" }),
    event.finished("m2", { abandoned: true, parts: [text("p2", 0, "a broken attempt")] }),
    event.message("m3", { role: "assistant" }),
    event.part("m3", { id: "r", index: 0, kind: "reasoning", text: "thinking about it" }),
    event.part("m3", text("p3", 1, "I look.")),
    event.part("m3", call("c1", 2, '{"path":"a.ts"}')),
    event.finished("m3"),
    event.message("m4", { role: "tool", parts: [result("c1", "const a = 1;\nexport { a };")] }),
    event.message("m5", { role: "assistant", parts: [text("p5", 0, "is being written")] }),
  ]);
  const counted = countConversation(queries, tokenizer, { session: "S", turn: "t1", until: "m5", texts: ["abc", "", "größe"] });
  expect(counted).toEqual({
    conversation:
      frame +
      tokens("What is in a.ts? 日本語") +
      tokens("const a = 1;") +
      1_000 + //
      frame +
      tokens("I look.") +
      tokens("view") +
      tokens('{"path":"a.ts"}') + //
      frame +
      tokens("const a = 1;\nexport { a };"),
    after: "m4",
    texts: [tokens("abc"), 0, tokens("größe")],
  });
});

test("counted on from where it ended, each message counts once, and a prompt that waits for its turn not yet", async () => {
  const { store, queries } = await openAll();
  const say = (n: number): string => `message number ${n} says ${"word ".repeat(n)}`;
  const many = Array.from({ length: 150 }, (_, n) => event.message(`m${n}`, { parts: [text(`p${n}`, 0, say(n))] }));
  await store.commit([event.created(), ...many, event.message("a1", { role: "assistant" })]);
  await store.commit([event.message("q", { turn: "t2", parts: [text("pq", 0, "waits")] })]);
  const sum = Array.from({ length: 150 }, (_, n) => frame + tokens(say(n))).reduce((a, b) => a + b);
  const first = countConversation(queries, tokenizer, { session: "S", turn: "t1", until: "a1", texts: [] });
  expect(first).toEqual({ conversation: sum, after: "m149", texts: [] });
  // The message that was being written may not be there yet when it is asked for.
  expect(countConversation(queries, tokenizer, { session: "S", turn: "t1", until: "nowhere", texts: [] }).conversation).toBe(sum);
  await store.commit([
    event.part("a1", text("pa", 0, "the answer")),
    event.finished("a1"),
    event.message("a2", { turn: "t2", role: "assistant" }),
  ]);
  const second = countConversation(queries, tokenizer, { session: "S", turn: "t2", until: "a2", after: "m149", texts: [] });
  expect(second).toEqual({ conversation: frame + tokens("the answer") + frame + tokens("waits"), after: "q", texts: [] });
});

test("the worker's entry counts from the database, and says nothing where the build has no vocabulary", async () => {
  const { default: work } = await import("../../workers/compute.ts");
  const { store, path: database } = await openAll();
  await store.commit([event.created(), event.message("m1", { parts: [text("p1", 0, "hello there")] })]);
  const task = { kind: "tokens" as const, database, session: "S", turn: "t1", until: "m2", texts: ["one two"] };
  const empty = fs.mkdtempSync(path.join(os.tmpdir(), "crush-no-tokens-"));
  onTestFinished(() => fs.rmSync(empty, { recursive: true }));
  expect(await work({ ...task, kernels: empty })).toBeUndefined();
  expect(await work({ ...task, kernels: "dist/kernels" })).toEqual({
    conversation: frame + tokens("hello there"),
    after: "m1",
    texts: [2],
  });
});
