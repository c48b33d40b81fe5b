import { describe, expect, test } from "vitest";
import { bothSay, named, signed, unnamed, wiresOf } from "./decode-support.ts";

const wires = wiresOf({ type: "anthropic" });
const read = (...events: Parameters<typeof named>) => bothSay(wires, named(...events));

const usage = (rest: object = {}) => ({
  input_tokens: 10,
  cache_read_input_tokens: 5,
  cache_creation_input_tokens: 3,
  output_tokens: 1,
  ...rest,
});
const begin = { type: "message_start", message: { id: "m", content: [], usage: usage() } };
const block = (index: number, content_block: object, ...deltas: object[]) => [
  { type: "content_block_start", index, content_block },
  ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
  { type: "content_block_stop", index },
];
const stop = (stop_reason = "end_turn", rest: object = { output_tokens: 42 }) => [
  { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: rest },
  { type: "message_stop" },
];
const text = (words: string) => ({ type: "text_delta", text: words });
const finish = (reason: string) => ({ kind: "finish", reason });
const done = { kind: "done" };

describe("a stream", () => {
  test("says thoughts with what signed them, text, calls, usage by price, why it stopped and its end", () => {
    expect(
      read(
        begin,
        { type: "ping" },
        ...block(
          0,
          { type: "thinking", thinking: "", signature: "" },
          { type: "thinking_delta", thinking: "hm" },
          { type: "signature_delta", signature: "ab" },
          { type: "signature_delta", signature: "cd" },
        ),
        ...block(1, { type: "redacted_thinking", data: "xyz" }),
        ...block(2, { type: "text", text: "" }, text("a"), text("é😀")),
        ...block(
          3,
          { type: "tool_use", id: "t1", name: "view", input: {} },
          { type: "input_json_delta", partial_json: "" },
          { type: "input_json_delta", partial_json: '{"p":' },
          { type: "input_json_delta", partial_json: '"x"}' },
        ),
        ...block(4, { type: "tool_use", id: "t2", name: "ls", input: {} }),
        ...stop("tool_use"),
      ),
    ).toEqual([
      { kind: "reasoning", text: "hm" },
      signed("anthropic", { signature: "abcd" }),
      signed("anthropic", { redacted: "xyz" }),
      { kind: "text", text: "aé😀" },
      { kind: "tool", index: 0, id: "t1", name: "view", arguments: '{"p":"x"}' },
      { kind: "tool", index: 1, id: "t2", name: "ls", arguments: "{}" },
      finish("tool_use"),
      { kind: "usage", usage: { input: 10, output: 42, cacheRead: 5, cacheWrite: 3, reasoning: 0 } },
      done,
    ]);
  });

  test.each([
    ["max_tokens", "max_tokens"],
    ["model_context_window_exceeded", "max_tokens"],
    ["stop_sequence", "end_turn"],
    ["pause_turn", "pause"],
    ["refusal", "content_filter"],
    ["something_new", "unknown"],
  ])("that stopped by %s is %s", (reason, kind) => {
    expect(read(begin, ...block(0, { type: "text", text: "" }, text("a")), ...stop(reason))).toContainEqual(finish(kind));
  });

  test("keeps tools that ran at the provider and citations as the wire has them, and leaves out types it does not know", () => {
    const result = { type: "web_search_tool_result", tool_use_id: "s", content: [{ type: "web_search_result", url: "u" }] };
    const compaction = { type: "compaction", content: null };
    expect(
      read(
        begin,
        ...block(
          0,
          { type: "server_tool_use", id: "s", name: "web_search", input: {} },
          { type: "input_json_delta", partial_json: '{"q":1}' },
        ),
        ...block(1, result),
        ...block(2, { type: "text", text: "" }, text("so ")),
        ...block(3, { type: "text", text: "" }, { type: "citations_delta", citation: { cited_text: "c" } }, text("found")),
        ...block(4, compaction, { type: "compaction_delta", content: "all " }, { type: "compaction_delta", content: "of it" }),
        ...block(5, { type: "brand_new_block" }),
        { type: "brand_new", index: 7, delta: { text: "no" } },
        ...stop(),
      ).slice(0, -2),
    ).toEqual([
      signed("anthropic", { block: { type: "server_tool_use", id: "s", name: "web_search", input: { q: 1 } } }),
      signed("anthropic", { block: result }),
      { kind: "text", text: "so found" },
      signed("anthropic", { block: { ...compaction, content: "all of it" } }),
      finish("end_turn"),
      signed("anthropic", { citations: [{ from: 3, to: 8, citations: [{ cited_text: "c" }] }] }),
    ]);
  });

  test("takes a call's input from the start of its block when no delta brings it", () => {
    expect(read(begin, ...block(0, { type: "tool_use", id: "t", name: "ls", input: { path: "." } }), ...stop("tool_use"))).toContainEqual({
      kind: "tool",
      index: 0,
      id: "t",
      name: "ls",
      arguments: '{"path":"."}',
    });
  });

  test("is read without event names, with keys in another order, and padded", () => {
    const plain = [begin, ...block(0, { type: "text", text: "" }, text("a"), text("b")), ...stop()];
    const want = bothSay(wires, named(...plain));
    expect(bothSay(wires, unnamed(...plain))).toEqual(want);
    const turned = plain.map((event) => Object.fromEntries(Object.entries(event).reverse()));
    expect(bothSay(wires, unnamed(...turned))).toEqual(want);
    const padded = plain
      .map((event, i) => `event: ${event.type}\ndata: ${JSON.stringify(event).slice(0, -1)}${" ".repeat(i % 5)}}\n\n`)
      .join("");
    expect(bothSay(wires, Buffer.from(padded))).toEqual(want);
  });

  test("with half a character at the end of a delta gives the whole one, or a mark", () => {
    const half = (first: string, second: string) => [
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: text(first) },
      { type: "content_block_delta", index: 0, delta: text(second) },
      { type: "content_block_stop", index: 0 },
    ];
    expect(read(begin, ...half("a\ud83d", "\ude00b"), ...stop())).toContainEqual({ kind: "text", text: "a😀b" });
    expect(read(begin, ...half("a", "b\ud83d"), ...stop())).toContainEqual({ kind: "text", text: "ab\ufffd" });
  });
});

describe("what goes wrong", () => {
  test.each([
    ["overloaded_error", "overloaded", true],
    ["rate_limit_error", "rate_limit", true],
    ["api_error", "server", true],
    ["timeout_error", "timeout", true],
    ["invalid_request_error", "bad_request", false],
    ["authentication_error", "bad_key", false],
    ["billing_error", "quota", false],
  ])("an event of %s is %s", (type, kind, retryable) => {
    const records = read(begin, ...block(0, { type: "text", text: "" }, text("a")), { type: "error", error: { type, message: "m" } });
    expect(records[0]).toEqual({ kind: "text", text: "a" });
    expect(records.at(-1)).toMatchObject({ kind: "error", error: { kind, retryable } });
    expect(records.filter((record) => record.kind === "error")).toHaveLength(1);
  });

  test("a stream that ends without its reason is an error of the network", () => {
    expect(read(begin, { type: "content_block_start", index: 0, content_block: { type: "text", text: "a" } }).at(-1)).toMatchObject({
      kind: "error",
      error: { kind: "network", retryable: true },
    });
  });

  test("another message within the answer is an error, and nothing of it is taken", () => {
    const records = read(
      begin,
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "a" } },
      begin,
      ...block(0, { type: "text", text: "b" }),
      ...stop(),
    );
    expect(records).toMatchObject([
      { kind: "text", text: "a" },
      { kind: "error", error: { kind: "protocol" } },
    ]);
  });
});
