import fs from "node:fs";
import { describe, expect, test } from "vitest";
import type { StreamRecord } from "../../src/contracts/wire-format.ts";
import { cut, haveStreams, streamFiles } from "../kernels/sse-support.ts";
import { bothSay, decode as decodeBy, signed, wiresOf } from "./decode-support.ts";

const wires = wiresOf({ type: "openai-compat" });
const decode = (pieces: Iterable<Uint8Array>, wire = wires[0]!.wire): StreamRecord[] => decodeBy(pieces, wire);
const data = (...events: (object | string)[]) =>
  Buffer.from(events.map((event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`).join(""));
const delta = (delta: object, finish: string | null = null) => ({ choices: [{ index: 0, delta, finish_reason: finish }] });
const stop = delta({}, "stop");
/** What both kernels say, whole and cut at every byte. */
const read = (...events: (object | string)[]): StreamRecord[] => bothSay(wires, data(...events));
const calls = (...fragments: object[]) =>
  read(...fragments.map((fragment) => delta({ tool_calls: [fragment] })), stop, "[DONE]").filter((record) => record.kind === "tool");
const fn = (name?: string, args?: string) => ({
  function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
});

describe("a stream", () => {
  test("says text, reasoning, finish, usage and its end, in order", () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 4,
      prompt_tokens_details: { cached_tokens: 6 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    expect(
      read(
        delta({ role: "assistant", content: "" }),
        delta({ reasoning_content: "hm" }),
        delta({ content: "a" }),
        delta({ content: "b" }),
        stop,
        { choices: [], usage },
        "[DONE]",
      ),
    ).toEqual([
      { kind: "reasoning", text: "hm" },
      { kind: "text", text: "ab" },
      { kind: "finish", reason: "end_turn" },
      { kind: "usage", usage: { input: 4, output: 4, cacheRead: 6, cacheWrite: 0, reasoning: 3 } },
      { kind: "done" },
    ]);
  });

  test("keeps signed reasoning as its provider wants it back, and what the text cites, behind the answer", () => {
    const detail = (some: object) =>
      delta({ reasoning: "hm", reasoning_details: [{ type: "reasoning.text", format: "f", index: 0, ...some }] });
    const annotation = { type: "url_citation", url_citation: { url: "u" } };
    expect(
      read(
        detail({ text: "one " }),
        detail({ text: "two", signature: null }),
        detail({ signature: "s" }),
        delta({
          reasoning_details: [
            { type: "reasoning.encrypted", data: "x", index: 1 },
            { type: "reasoning.encrypted", data: "y", index: 1 },
          ],
        }),
        delta({ content: "a", annotations: [annotation] }),
        { ...delta({ content: "b" }), citations: ["https://a"] },
        stop,
        "[DONE]",
      ),
    ).toEqual([
      { kind: "reasoning", text: "hmhmhm" },
      { kind: "text", text: "ab" },
      signed("openai-chat", {
        details: [
          { type: "reasoning.text", format: "f", index: 0, text: "one two", signature: "s" },
          { type: "reasoning.encrypted", data: "x", index: 1 },
          { type: "reasoning.encrypted", data: "y", index: 1 },
        ],
      }),
      signed("openai-chat", { annotations: [annotation] }),
      signed("openai-chat", { sources: { citations: ["https://a"] } }),
      { kind: "finish", reason: "end_turn" },
      { kind: "done" },
    ]);
    expect(read(detail({ text: "said already" }), stop).map(({ kind }) => kind)).toEqual(["reasoning", "finish"]);
  });

  test("keeps what signs a call", () => {
    const extra_content = { google: { thought_signature: "s" } };
    expect(
      read(
        delta({ tool_calls: [{ index: 0, id: "a", ...fn("f", "{}") }] }),
        delta({ tool_calls: [{ index: 1, extra_content, id: "b", ...fn("f", "{}") }] }),
        stop,
      ).at(-2),
    ).toEqual(signed("openai-chat", { extras: [{ call: 1, extra_content }] }));
  });

  test("with thoughts that are counted beside the answer counts both", () => {
    const usage = { prompt_tokens: 11, completion_tokens: 21, total_tokens: 32, citation_tokens: 30, reasoning_tokens: 50 };
    expect(read(delta({ content: "a" }), { ...stop, usage })).toContainEqual({
      kind: "usage",
      usage: { input: 11, output: 71, cacheRead: 0, cacheWrite: 0, reasoning: 50 },
    });
  });

  test("without [DONE] is whole once it has a finish reason", () => {
    expect(read(delta({ content: "a" }), stop).map((record) => record.kind)).toEqual(["text", "finish"]);
  });

  test("that ends without finish and [DONE] is broken, and may be tried again", () => {
    for (const events of [[], [delta({ content: "a" })]])
      expect(read(...events).at(-1)).toMatchObject({ kind: "error", error: { kind: "network", retryable: true } });
  });

  test("with half an event at its end does not tell that half", () => {
    const bytes = Buffer.concat([data(delta({ content: "a" })), data(delta({ content: "b" })).subarray(0, -12)]);
    expect(decode([bytes])).toMatchObject([
      { kind: "text", text: "a" },
      { kind: "error", error: { kind: "network" } },
    ]);
  });

  test.each([
    ["length", "max_tokens"],
    ["tool_calls", "tool_use"],
    ["function_call", "tool_use"],
    ["content_filter", "content_filter"],
    ["something new", "unknown"],
  ])("that ends with %s ends with %s", (reason, want) => {
    expect(read(delta({}, reason), "[DONE]")).toEqual([{ kind: "finish", reason: want }, { kind: "done" }]);
  });

  test("with a character cut over two deltas says that character; a lone half becomes U+FFFD", () => {
    const raw = (text: string) => `{"choices":[{"delta":{"content":"${text}"}}]}`;
    expect(read(raw("a\\ud83d"), raw("\\ude00b"), stop)[0]).toEqual({ kind: "text", text: "a😀b" });
    expect(read(raw("a\\ud83d"), delta({ reasoning: "x" }), raw("\\ude00"), stop).slice(0, 3)).toEqual([
      { kind: "text", text: "a\ufffd" },
      { kind: "reasoning", text: "x" },
      { kind: "text", text: "\ufffd" },
    ]);
  });

  test("with an error in it tells what kind, and no end of its own", () => {
    expect(read({ error: { message: "Rate limit", code: "rate_limit_exceeded" } })).toMatchObject([
      { kind: "error", error: { kind: "rate_limit", retryable: true } },
    ]);
    expect(read({ error: { message: "bad", code: 400 } }, "[DONE]")[0]).toMatchObject({
      error: { kind: "bad_request", status: 400, retryable: false },
    });
    expect(
      read({ ...delta({ content: "" }, "error"), error: { code: 502, message: "Worker local total request limit reached (33/32)" } }),
    ).toMatchObject([
      { kind: "finish", reason: "error" },
      { kind: "error", error: { kind: "overloaded", retryable: true, status: 502 } },
    ]);
    expect(read(delta({}, "error")).at(-1)).toMatchObject({ kind: "error", error: { kind: "server" } });
    expect(read("nonsense").at(-1)).toMatchObject({ kind: "error", error: { kind: "protocol" } });
  });
});

describe("tool calls", () => {
  test("in parallel and interleaved keep apart", () => {
    expect(
      calls(
        { index: 0, id: "a", ...fn("f", "") },
        { index: 1, id: "b", ...fn("g", "{") },
        { index: 0, ...fn(undefined, "{}") },
        { index: 1, ...fn(undefined, "}") },
      ),
    ).toEqual([
      { kind: "tool", index: 0, id: "a", name: "f", arguments: "" },
      { kind: "tool", index: 1, id: "b", name: "g", arguments: "{" },
      { kind: "tool", index: 0, arguments: "{}" },
      { kind: "tool", index: 1, arguments: "}" },
    ]);
  });

  test("that all have index 0 are told apart by id", () => {
    expect(calls({ index: 0, id: "a", ...fn("f", "{}") }, { index: 0, id: "b", ...fn("f", "{}") })).toMatchObject([
      { index: 0, id: "a", arguments: "{}" },
      { index: 1, id: "b", arguments: "{}" },
    ]);
  });

  test("without an index are told apart by id, or by a name after whole arguments", () => {
    expect(calls({ id: "a", ...fn("f", "{}") }, { id: "b", ...fn("f", "{}") })).toMatchObject([
      { index: 0, id: "a" },
      { index: 1, id: "b" },
    ]);
    expect(calls(fn("f", "{}"), fn("f", '{"a"'), fn("f", ":1}"))).toMatchObject([
      { index: 0, arguments: "{}" },
      { index: 1, arguments: '{"a":1}' },
    ]);
  });

  test("of one call keep their first id and name, whatever each fragment repeats or makes up", () => {
    expect(
      calls(
        { index: 0, id: "a", ...fn("f", "{") },
        { index: 0, id: "a", ...fn("f", '"x"') },
        { index: 0, id: "r2", ...fn(undefined, ":1}") },
      ),
    ).toEqual([{ kind: "tool", index: 0, id: "a", name: "f", arguments: '{"x":1}' }]);
  });

  test("with arguments in front of id and name, or as an object, are the same calls", () => {
    const back = '{"choices":[{"delta":{"tool_calls":[{"function":{"arguments":"{}","name":"f"},"id":"a","index":0}]}}]}';
    expect(read(back, stop)[0]).toEqual({ kind: "tool", index: 0, id: "a", name: "f", arguments: "{}" });
    expect(calls({ index: 0, id: "a", function: { name: "f", arguments: { x: 1 } } })).toMatchObject([{ arguments: '{"x":1}' }]);
  });
});

describe.skipIf(!haveStreams)("recorded streams (../shared/data)", () => {
  const all = haveStreams ? streamFiles("openai-chat") : [];
  const errors = (file: string) => JSON.parse(fs.readFileSync(`../shared/data/streams/errors/${file}.json`, "utf8"));
  const stored = (file: string) => fs.readFileSync(`../shared/data/streams/${file}`);

  test("give the same records by kernel and plain version, whole and cut", () => {
    for (const { id, bytes } of all) {
      const want = decode([bytes]);
      for (const { mode, wire } of wires)
        for (const max of [1, 50]) expect(decode(cut(bytes, max), wire), `${id} ${mode} ${max}`).toEqual(want);
    }
  });

  test("cut anywhere in the midst keep what came and end in one retryable error", () => {
    const cuts = (
      errors("truncations").entries as {
        file: string;
        format: string;
        cutAtByte: number;
        textSoFar: string;
        sawFinish: boolean;
        how: string;
      }[]
    ).filter((one) => one.format === "openai-chat");
    expect(cuts).not.toEqual([]);
    for (const { file, cutAtByte, textSoFar, sawFinish, how } of cuts) {
      const records = decode(cut(stored(file).subarray(0, cutAtByte), 60));
      const text = records.flatMap((record) => (record.kind === "text" ? [record.text] : [])).join("");
      expect(text, `${file} ${how}`).toBe(textSoFar);
      const broken = records.filter((record) => record.kind === "error");
      expect(broken.length, `${file} ${how}`).toBe(sawFinish ? 0 : 1);
      if (!sawFinish) expect(broken[0]).toMatchObject({ error: { kind: "network", retryable: true } });
    }
  });

  test("with an error spliced in keep the text before it and tell the error", () => {
    const spliced = (
      errors("midstream").spliced as { file: string; format: string; cutAtByte: number; then: string; textBefore: string }[]
    ).filter((one) => one.format === "openai-chat");
    expect(spliced).not.toEqual([]);
    for (const { file, cutAtByte, then, textBefore } of spliced) {
      const records = decode([Buffer.concat([stored(file).subarray(0, cutAtByte), Buffer.from(then)])]);
      expect(records.flatMap((record) => (record.kind === "text" ? [record.text] : [])).join(""), file).toBe(textBefore);
      expect(records.at(-1), file).toMatchObject({ kind: "error", error: { kind: "overloaded", retryable: true } });
    }
  });
});
