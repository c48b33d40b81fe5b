// The same conversation over every wire: real HTTP, the session's arena, the wire's own events. What went in front of a call comes
// back with its result, byte for byte the same.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderConfig } from "../../../src/contracts/config.ts";
import type { CompletionRequest } from "../../../src/contracts/wire-format.ts";
import type { Message, ToolResultPart } from "../../../src/protocol/index.ts";
import { openSimulator, type Script, type Seen, type Simulator } from "../../support/simulator.ts";
import { providerAt, rig, start, userMessage } from "./support.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await openSimulator();
});
afterAll(() => simulator.close());

type Wire = {
  type: ProviderConfig["type"];
  base: string;
  path: string;
  key: Record<string, string>;
  /** What the second request must have of the first answer: reasoning with its signature, the call and its result. */
  again(asked: Seen): unknown;
  want: unknown;
  /** Reasons in the wire's words, and an error in a stream. */
  length: string;
  overloaded: object;
};

const anthropicMessages = (asked: Seen) => asked.body.messages.map(({ role, content }) => ({ role, content }));
const wires: Wire[] = [
  {
    type: "openai",
    base: "/v1/responses",
    path: "/v1/responses",
    key: { authorization: "Bearer k" },
    again: (asked) => (asked.body.input as unknown[]).slice(2),
    want: [
      { type: "reasoning", id: "rs_sim", summary: [{ type: "summary_text", text: "let me see" }], encrypted_content: "sig-1" },
      { role: "assistant", content: [{ type: "output_text", text: "on it" }] },
      { type: "function_call", call_id: "c1", name: "view", arguments: '{"p":"ä🙂"}' },
      { type: "function_call_output", call_id: "c1", output: "found" },
    ],
    length: "max_output_tokens",
    overloaded: { code: "server_is_overloaded", message: "Overloaded" },
  },
  {
    type: "anthropic",
    base: "/v1",
    path: "/v1/messages",
    key: { "x-api-key": "k", "anthropic-version": "2023-06-01" },
    again: (asked) => anthropicMessages(asked).slice(1),
    want: [
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "let me see", signature: "sig-1" },
          { type: "text", text: "on it" },
          { type: "tool_use", id: "c1", name: "view", input: { p: "ä🙂" } },
        ],
      },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "found" }] },
    ],
    length: "max_tokens",
    overloaded: { type: "overloaded_error", message: "Overloaded" },
  },
  {
    type: "google",
    base: "/v1beta",
    path: "/v1beta/models/sim-1:streamGenerateContent?alt=sse",
    key: { "x-goog-api-key": "k" },
    again: (asked) => (asked.body.contents as unknown[]).slice(1),
    want: [
      {
        role: "model",
        parts: [{ text: "on it" }, { functionCall: { id: "c1", name: "view", args: { p: "ä🙂" } }, thoughtSignature: "sig-1" }],
      },
      { role: "user", parts: [{ functionResponse: { id: "c1", name: "view", response: { output: "found" } } }] },
    ],
    length: "MAX_TOKENS",
    overloaded: { code: 503, status: "UNAVAILABLE", message: "Overloaded" },
  },
];

describe.each(wires.map((wire) => [wire.type, wire] as const))("%s", (_, wire) => {
  const ask = (): { ask: Partial<CompletionRequest> } => ({
    ask: { provider: { ...providerAt(`${simulator.url}${wire.base}`), type: wire.type }, retriesMax: 1 },
  });
  const say = async (script: Script, more: Parameters<typeof start>[1] = {}) => {
    simulator.play(script);
    const { send, ended, text } = rig();
    const first = start("", { ...ask(), ...more });
    send(first);
    const end = await ended(first.completion);
    return { end, first, told: text(first.message), asked: simulator.seen.at(-1)! };
  };

  test("reasoning, text, a call and usage arrive, cut at every byte, with the key where the wire wants it", async () => {
    const script: Script = {
      reasoning: "let me see",
      text: "on it 你好🙂",
      tools: [{ id: "c1", name: "view", arguments: '{"p":"ä🙂"}' }],
      usage: { prompt_tokens: 100, completion_tokens: 20, cached: 60 },
      pieces: 1,
    };
    const { end, told, asked } = await say(script);
    expect(end.outcome).toEqual({
      status: "ok",
      finish: "tool_use",
      usage: { input: 40, output: 20, cacheRead: 60, cacheWrite: 0, reasoning: 0 },
    });
    expect(end.message.parts.filter(({ kind }) => kind !== "reasoning")).toMatchObject([
      { kind: "text", text: "on it 你好🙂" },
      { kind: "tool_call", call: "c1", name: "view", input: '{"p":"ä🙂"}' },
    ]);
    expect(end.message.parts[0]).toMatchObject({ kind: "reasoning", text: "let me see" });
    expect(told).toBe("on it 你好🙂");
    expect(asked.path).toBe(wire.path);
    expect(asked.headers).toMatchObject(wire.key);
  });

  test("the next request sends the answer back with what signed it, and the result", async () => {
    const script: Script = {
      reasoning: "let me see",
      signature: "sig-1",
      text: "on it",
      tools: [{ id: "c1", name: "view", arguments: '{"p":"ä🙂"}' }],
    };
    const { end, first } = await say(script);
    const result: ToolResultPart = { id: "r:0", index: 0, kind: "tool_result", call: "c1", name: "view", text: "found", isError: false };
    const results: Message = { id: "r", session: first.session, turn: "t1", role: "tool", createdAt: 2, finishedAt: 2, parts: [result] };
    const conversation = [userMessage(first.session, "t1", "hello"), end.message, results];
    const { asked } = await say({ text: "done" }, { session: first.session, conversation });
    expect(wire.again(asked)).toEqual(wire.want);
    expect(JSON.stringify(JSON.parse(asked.raw))).toBe(asked.raw);
  });

  test("at the length limit it is max_tokens", async () => {
    const { end } = await say({ text: "abc", finish: wire.length });
    expect(end.outcome).toMatchObject({ status: "ok", finish: "max_tokens" });
  });

  test("an error inside the stream is told by its kind, with the text before it", async () => {
    const { end } = await say(
      { text: "one two three", inBand: { after: 2, error: wire.overloaded } },
      { ask: { ...ask().ask, retriesMax: 0 } },
    );
    expect(end).toMatchObject({
      outcome: { status: "failed", fault: { kind: "overloaded", retryable: true } },
      message: { abandoned: true },
    });
    expect(JSON.stringify(end.message.parts)).toContain("one ");
  });

  test("an HTTP error is told by its kind, and a cut stream is one of the network", async () => {
    const refused = await say({ status: 401, body: JSON.stringify({ error: { message: "no" } }) });
    expect(refused.end.outcome).toMatchObject({ status: "failed", fault: { kind: "bad_key" } });
    const broken = await say({ text: "one two three", cut: 2 }, { ask: { ...ask().ask, retriesMax: 0 } });
    expect(broken.end.outcome).toMatchObject({ status: "failed", fault: { kind: "network" } });
  });
});
