import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSimulator, type Simulator, wordsOf } from "../../support/simulator.ts";
import { rig, start } from "./support.ts";

let simulator: Simulator;
beforeAll(async () => {
  simulator = await openSimulator();
});
afterAll(() => simulator.close());

describe("a completion that goes well", () => {
  test("tells its text in deltas without gaps and ends once, with the whole message", async () => {
    simulator.play({ words: 60 });
    const { send, ended, text, of } = rig();
    const ask = start(simulator.url);
    send(ask);
    const end = await ended(ask.completion);
    expect(end.outcome).toEqual({
      status: "ok",
      finish: "end_turn",
      usage: { input: 100, output: 20, cacheRead: 0, cacheWrite: 0, reasoning: 0 },
    });
    expect(end.message).toMatchObject({
      id: ask.message,
      role: "assistant",
      turn: "t1",
      finish: "end_turn",
      parts: [{ id: `${ask.message}:0`, kind: "text", text: wordsOf(60) }],
    });
    expect(text(ask.message)).toBe(wordsOf(60));
    expect(of("completion.end")).toHaveLength(1);
    expect(end.timing.bytes).toBeGreaterThan(1_000);
  });

  test("an answer that is asked for no more than some text ends there, and its connection is closed", async () => {
    simulator.play({ words: 20_000, rate: 2_000 });
    const { send, ended } = rig();
    const ask = { ...start(simulator.url), textCharsMax: 300 };
    send(ask);
    const { outcome, message, timing } = await ended(ask.completion);
    expect(outcome).toMatchObject({ status: "ok", finish: "max_tokens" });
    const [part] = message.parts;
    expect(part?.kind === "text" && wordsOf(20_000).startsWith(part.text)).toBe(true);
    expect(part?.kind === "text" && part.text.length).toBeGreaterThanOrEqual(300);
    expect(timing.bytes).toBeLessThan(1_000_000);
    await expect.poll(() => simulator.seen.at(-1)?.closed).toBe(true);
  });

  test("cut at every byte it gives the same parts, wide characters and emoji included", async () => {
    simulator.play({
      text: "naïve 你好 🙂👩‍👩‍👧 end",
      reasoning: "thinking über 思考",
      tools: [{ name: "view", arguments: '{"file_path":"ä🙂.txt"}' }],
      pieces: 1,
    });
    const { send, ended, text } = rig();
    const ask = start(simulator.url);
    send(ask);
    const end = await ended(ask.completion);
    expect(end.message.parts).toMatchObject([
      { kind: "reasoning", text: "thinking über 思考" },
      { kind: "text", text: "naïve 你好 🙂👩‍👩‍👧 end" },
      { kind: "tool_call", call: "call_0", name: "view", input: '{"file_path":"ä🙂.txt"}' },
    ]);
    expect(end.outcome).toMatchObject({ status: "ok", finish: "tool_use" });
    expect(text(ask.message)).toBe("naïve 你好 🙂👩‍👩‍👧 end");
  });

  test("parallel calls keep their arguments apart, and make it tool_use even if the provider says stop", async () => {
    simulator.play({
      tools: [
        { name: "a", arguments: '{"x":1}' },
        { name: "b", arguments: '{"y":[1,2,3]}' },
        { name: "c", arguments: "" },
      ],
      finish: "stop",
      fragment: 2,
    });
    const { send, ended } = rig();
    const ask = start(simulator.url);
    send(ask);
    const end = await ended(ask.completion);
    expect(end.outcome).toMatchObject({ status: "ok", finish: "tool_use" });
    expect(end.message.parts).toMatchObject([
      { name: "a", input: '{"x":1}' },
      { name: "b", input: '{"y":[1,2,3]}' },
      { name: "c", input: "{}" },
    ]);
    expect(end.message.parts.some((part) => "incomplete" in part)).toBe(false);
  });

  test("without usage it is estimated at four bytes a token, and says so", async () => {
    simulator.play({ text: "12345678", usage: null });
    const { send, ended } = rig();
    const ask = start(simulator.url);
    send(ask);
    const { outcome } = await ended(ask.completion);
    expect(outcome).toMatchObject({
      status: "ok",
      estimated: true,
      usage: { output: 2, input: Math.ceil(simulator.seen.at(-1)!.raw.length / 4) },
    });
  });

  test("without an end mark the finish reason is enough", async () => {
    simulator.play({ text: "done", noDone: true, usage: null });
    const { send, ended } = rig();
    const ask = start(simulator.url);
    send(ask);
    expect((await ended(ask.completion)).outcome).toMatchObject({ status: "ok", finish: "end_turn" });
  });

  test("a content filter is told as such, with the text before it", async () => {
    simulator.play({ text: "I cannot", finish: "content_filter" });
    const { send, ended } = rig();
    const ask = start(simulator.url);
    send(ask);
    expect(await ended(ask.completion)).toMatchObject({
      outcome: { status: "ok", finish: "content_filter" },
      message: { parts: [{ text: "I cannot" }] },
    });
  });

  test("at the length limit a call that was cut is incomplete and there is nothing to run", async () => {
    simulator.play({ tools: [{ name: "write", arguments: '{"content":"abc' }], finish: "length" });
    const { send, ended } = rig();
    const ask = start(simulator.url);
    send(ask);
    expect(await ended(ask.completion)).toMatchObject({
      outcome: { status: "ok", finish: "max_tokens" },
      message: { parts: [{ kind: "tool_call", incomplete: true }] },
    });
  });

  test("a second request takes the connection of the first", async () => {
    simulator.play({ words: 3 });
    const { send, ended } = rig();
    const first = start(simulator.url);
    send(first);
    await ended(first.completion);
    const before = simulator.seen.at(-1)!.connection;
    // The end mark ends the completion; the connection is free when the body's last bytes have been read.
    await new Promise((resolve) => setTimeout(resolve, 30));
    const second = start(simulator.url);
    send(second);
    await ended(second.completion);
    expect(simulator.seen.at(-1)!.connection).toBe(before);
  });
});
