import { describe, expect, test } from "vitest";
import { bothSay, named, signed, wiresOf } from "./decode-support.ts";

const wires = wiresOf({ type: "openai", baseUrl: "https://api.openai.com/v1" });
const read = (...events: Parameters<typeof named>) => bothSay(wires, named(...events));

const added = (output_index: number, item: object) => ({ type: "response.output_item.added", output_index, item });
const finished = (output_index: number, item: object) => ({ type: "response.output_item.done", output_index, item });
const text = (delta: string) => ({
  type: "response.output_text.delta",
  item_id: "m",
  output_index: 0,
  content_index: 0,
  delta,
  logprobs: [],
});
const thought = (delta: string, summary_index = 0) => ({
  type: "response.reasoning_summary_text.delta",
  delta,
  output_index: 0,
  summary_index,
});
const part = (summary_index: number) => ({ type: "response.reasoning_summary_part.added", output_index: 0, summary_index, part: {} });
const args = (output_index: number, delta: string) => ({
  type: "response.function_call_arguments.delta",
  output_index,
  item_id: "f",
  delta,
});
const usage = {
  input_tokens: 30,
  input_tokens_details: { cached_tokens: 20 },
  output_tokens: 9,
  output_tokens_details: { reasoning_tokens: 4 },
};
const completed = { type: "response.completed", response: { status: "completed", error: null, usage } };
const counted = { kind: "usage", usage: { input: 10, output: 9, cacheRead: 20, cacheWrite: 0, reasoning: 4 } };
const done = { kind: "done" };

describe("a stream", () => {
  test("says summaries part by part, sealed reasoning, text, calls side by side, usage by price and its end", () => {
    const call = (i: number, name: string) => ({ type: "function_call", id: `fc_${i}`, call_id: `c${i}`, name, arguments: "" });
    expect(
      read(
        { type: "response.created", response: { status: "in_progress", usage: null } },
        added(0, { type: "reasoning", id: "rs_1", summary: [] }),
        part(0),
        thought("one "),
        thought("more"),
        part(1),
        thought("two", 1),
        finished(0, { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "sealed" }),
        added(1, { type: "message", id: "m", content: [] }),
        text("a"),
        text("é😀"),
        finished(1, { type: "message", id: "m", content: [{ type: "output_text", text: "aé😀" }] }),
        added(2, call(0, "view")),
        added(3, call(1, "ls")),
        args(2, '{"p"'),
        args(3, "{}"),
        args(2, ":1}"),
        finished(2, { ...call(0, "view"), arguments: '{"p":1}' }),
        finished(3, { ...call(1, "ls"), arguments: "{}" }),
        completed,
      ),
    ).toEqual([
      { kind: "reasoning", text: "one more" },
      signed("openai-responses", { more: true }),
      { kind: "reasoning", text: "two" },
      signed("openai-responses", { id: "rs_1", content: "sealed" }),
      { kind: "text", text: "aé😀" },
      { kind: "tool", index: 0, id: "c0", name: "view", arguments: "" },
      { kind: "tool", index: 1, id: "c1", name: "ls", arguments: "" },
      { kind: "tool", index: 0, arguments: '{"p"' },
      { kind: "tool", index: 1, arguments: "{}" },
      { kind: "tool", index: 0, arguments: ":1}" },
      { kind: "finish", reason: "tool_use" },
      counted,
      done,
    ]);
  });

  test("whose items come whole at their end says them from there, once", () => {
    expect(
      read(
        added(0, { type: "message", content: [] }),
        finished(0, { type: "message", content: [{ type: "output_text", text: "whole" }] }),
        added(1, { type: "function_call", call_id: "c", name: "ls", arguments: "" }),
        finished(1, { type: "function_call", call_id: "c", name: "ls", arguments: '{"a":1}' }),
        completed,
      ),
    ).toMatchObject([
      { kind: "text", text: "whole" },
      { kind: "tool", id: "c", arguments: '{"a":1}' },
      { kind: "finish" },
      { kind: "usage" },
      done,
    ]);
  });

  test("keeps items that ran at the provider, and what a text cites", () => {
    const search = { type: "web_search_call", id: "ws", status: "completed", action: { type: "search", query: "q" } };
    const annotation = { type: "url_citation", start_index: 0, end_index: 1, url: "u", title: "t" };
    expect(
      read(
        added(0, { type: "web_search_call", id: "ws", status: "in_progress" }),
        finished(0, search),
        added(1, { type: "message", content: [] }),
        text("a"),
        { type: "response.output_text.annotation.added", output_index: 1, content_index: 0, annotation_index: 0, annotation },
        finished(1, { type: "message", content: [{ type: "output_text", text: "a", annotations: [annotation] }] }),
        completed,
      ),
    ).toEqual([
      signed("openai-responses", { item: search }),
      { kind: "text", text: "a" },
      signed("openai-responses", { annotations: [annotation] }),
      { kind: "finish", reason: "end_turn" },
      counted,
      done,
    ]);
  });

  test("of an item that is too large for a part its type is kept", () => {
    expect(read(finished(0, { type: "image_generation_call", id: "ig", result: "A".repeat(300_000) }), completed)[0]).toEqual(
      signed("openai-responses", { left: "item", type: "image_generation_call" }),
    );
  });

  test("a refusal is text, and told as a filter", () => {
    expect(
      read(added(0, { type: "message" }), { type: "response.refusal.delta", output_index: 0, delta: "I cannot" }, completed),
    ).toMatchObject([{ kind: "text", text: "I cannot" }, { kind: "finish", reason: "content_filter" }, counted, done]);
  });

  test.each([
    ["max_output_tokens", "max_tokens"],
    ["content_filter", "content_filter"],
  ])("that is incomplete by %s is %s", (reason, kind) => {
    const response = { status: "incomplete", error: null, incomplete_details: { reason }, usage };
    expect(read(text("a"), { type: "response.incomplete", response })).toEqual([
      { kind: "text", text: "a" },
      { kind: "finish", reason: kind },
      counted,
      done,
    ]);
  });

  test("is the same with the type as the last key, and another value of a known key says nothing", () => {
    const events = [
      added(0, { type: "message" }),
      text("a"),
      { type: "response.something.delta", output_index: 0, delta: "no" },
      text("b"),
      completed,
    ];
    const want = bothSay(wires, named(...events));
    expect(want[0]).toEqual({ kind: "text", text: "ab" });
    const turned = events.map((event) => `data: ${JSON.stringify(Object.fromEntries(Object.entries(event).reverse()))}\n\n`).join("");
    expect(bothSay(wires, Buffer.from(turned))).toEqual(want);
  });
});

describe("what goes wrong", () => {
  test.each([
    [{ type: "error", code: "rate_limit_exceeded", message: "try again in 20s" }, "rate_limit", 20_000],
    [{ type: "error", error: { type: "server_error", message: "m" } }, "server", undefined],
    [
      { type: "response.failed", response: { status: "failed", error: { code: "server_is_overloaded", message: "m" } } },
      "overloaded",
      undefined,
    ],
    [
      { type: "response.failed", response: { status: "failed", error: { code: "context_length_exceeded", message: "m" } } },
      "context_too_long",
      undefined,
    ],
    [{ type: "response.failed", response: { status: "failed", error: { code: "insufficient_quota", message: "m" } } }, "quota", undefined],
  ])("%j is %s", (event, kind, retryAfterMs) => {
    const records = read(text("a"), event);
    expect(records).toMatchObject([
      { kind: "text", text: "a" },
      { kind: "error", error: { kind } },
    ]);
    expect((records[1] as { error: { retryAfterMs?: number } }).error.retryAfterMs).toBe(retryAfterMs);
  });

  test("a stream that ends before it is completed is an error of the network", () => {
    expect(read(text("a")).at(-1)).toMatchObject({ kind: "error", error: { kind: "network" } });
  });
});
