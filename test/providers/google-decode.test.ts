import { describe, expect, test } from "vitest";
import { bothSay, signed, unnamed, wiresOf } from "./decode-support.ts";

const wires = wiresOf({ type: "google" });
const read = (...events: object[]) => bothSay(wires, unnamed(...events));

const say = (parts: object[], rest: object = {}, top: object = {}) => ({
  candidates: [{ content: { parts, role: "model" }, ...rest, index: 0 }],
  ...top,
  modelVersion: "g",
});
const stop = (
  reason = "STOP",
  counts: object = { promptTokenCount: 30, candidatesTokenCount: 5, thoughtsTokenCount: 4, cachedContentTokenCount: 20 },
) => say([{ text: "" }], { finishReason: reason }, { usageMetadata: counts });
const counted = { kind: "usage", usage: { input: 10, output: 9, cacheRead: 20, cacheWrite: 0, reasoning: 4 } };

describe("a stream", () => {
  test("says thoughts, text, calls and what signed them, and the last counts", () => {
    expect(
      read(
        say([{ text: "hm ", thought: true }], {}, { usageMetadata: { promptTokenCount: 30, thoughtsTokenCount: 1 } }),
        say([{ thought: true, text: "so" }]),
        say([{ text: "a" }], {}, { usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 1, thoughtsTokenCount: 4 } }),
        say([{ text: "é😀", thought: false }]),
        say([{ text: "", thoughtSignature: "st" }]),
        say([
          { functionCall: { name: "view", args: { p: "x", n: 1 } }, thoughtSignature: "sc" },
          { functionCall: { id: "c2", name: "ls" } },
        ]),
        stop(),
      ),
    ).toEqual([
      { kind: "reasoning", text: "hm so" },
      { kind: "text", text: "aé😀" },
      signed("google", { of: "text", signature: "st" }),
      signed("google", { of: "call", signature: "sc" }),
      { kind: "tool", index: 0, name: "view", arguments: '{"p":"x","n":1}' },
      { kind: "tool", index: 1, id: "c2", name: "ls", arguments: "{}" },
      { kind: "finish", reason: "tool_use" },
      counted,
    ]);
  });

  test.each([
    ["STOP", "end_turn"],
    ["MAX_TOKENS", "max_tokens"],
    ["SAFETY", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
  ])("that stopped by %s is %s", (reason, kind) => {
    expect(read(say([{ text: "a" }]), stop(reason))).toEqual([{ kind: "text", text: "a" }, { kind: "finish", reason: kind }, counted]);
  });

  test("a prompt that was blocked is told as a filter", () => {
    expect(read({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 3 } })).toMatchObject([
      { kind: "finish", reason: "content_filter" },
      { kind: "usage", usage: { input: 3 } },
    ]);
  });

  test("keeps code that ran at the provider, pictures and what an answer rests on, and leaves out what it does not know", () => {
    const code = { executableCode: { language: "PYTHON", code: "1" } };
    const ran = { codeExecutionResult: { outcome: "OK", output: "1" }, thoughtSignature: "s" };
    const picture = { inlineData: { mimeType: "image/png", data: "A" } };
    const grounding = { webSearchQueries: ["q"] };
    expect(
      read(
        say([code, ran, picture]),
        say([{ text: "a" }, { brandNew: 1 }], { groundingMetadata: {}, safetyRatings: [{ probability: "LOW" }] }),
        say([{ text: "b" }], { groundingMetadata: grounding, citationMetadata: { citationSources: [] } }),
        stop(),
      ),
    ).toEqual([
      signed("google", { part: code }),
      signed("google", { part: ran }),
      signed("google", { part: picture }),
      { kind: "text", text: "ab" },
      signed("google", { sources: { groundingMetadata: grounding, citationMetadata: { citationSources: [] } } }),
      { kind: "finish", reason: "end_turn" },
      counted,
    ]);
  });

  test("of a picture that is too large for a part its kind is kept", () => {
    const picture = { inlineData: { mimeType: "image/png", data: "A".repeat(300_000) } };
    expect(read(say([picture]), stop())[0]).toEqual(signed("google", { left: "part", type: "inlineData" }));
  });

  test("arguments of a call come as they are written, whatever stands around them", () => {
    const args = '{ "n": 1.0, "big": 12345678901234567890, "s": "\\u00e9\\/\\ud83d é😀", "a": [ {} ], "args": {"x":1} }';
    const part = (inner: string) => Buffer.from(`data: {"candidates":[{"content":{"parts":[${inner}]},"finishReason":"STOP"}]}\n\n`);
    for (const inner of [
      `{"functionCall":{"name":"f","args":${args}},"thoughtSignature":"s"}`,
      `{"thoughtSignature":"s","functionCall":{"args":${args},"name":"f"}}`,
      `{"functionCall":{"args":{"no":1},"name":"f","args":${args}},"thoughtSignature":"s"}`,
      `{"functionC\\u0061ll":{"name":"f","args": ${args} },"thoughtSignature":"s"}`,
    ])
      expect(bothSay(wires, part(inner)).slice(0, 2), inner).toEqual([
        signed("google", { of: "call", signature: "s" }),
        { kind: "tool", index: 0, name: "f", arguments: args },
      ]);
    for (const none of ["null", "[]", '"x"', "5"])
      expect(bothSay(wires, part(`{"functionCall":{"name":"f","args":${none}}},{"functionCall":{"args":{}}}`))[0]).toEqual({
        kind: "tool",
        index: 0,
        name: "f",
        arguments: "{}",
      });
  });

  test("counts that are no numbers count nothing", () => {
    for (const bad of [-1, 1.5, "7", null, {}, 2 ** 40])
      expect(read(say([{ text: "a" }]), stop("STOP", { promptTokenCount: bad, candidatesTokenCount: 2 }))).toMatchObject([
        { kind: "text" },
        { kind: "finish" },
        { kind: "usage", usage: { input: 0, output: 2 } },
      ]);
  });
});

describe("what goes wrong", () => {
  test("a call that the model got wrong is an error that is tried again", () => {
    expect(read(say([], { finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "bad call" }))).toMatchObject([
      { kind: "finish", reason: "error" },
      { kind: "error", error: { kind: "server", retryable: true, message: expect.stringContaining("MALFORMED_FUNCTION_CALL: bad call") } },
    ]);
  });

  test.each([
    [{ code: 503, message: "overloaded", status: "UNAVAILABLE" }, "overloaded"],
    [{ code: 500, message: "m", status: "INTERNAL" }, "server"],
    [
      { code: 400, message: "The input token count (9) exceeds the maximum number of tokens allowed (8).", status: "INVALID_ARGUMENT" },
      "context_too_long",
    ],
  ])("an error in the stream, %j, is %s", (error, kind) => {
    expect(read(say([{ text: "a" }]), { error })).toMatchObject([{ kind: "text" }, { kind: "error", error: { kind } }]);
  });

  test("a stream that ends without its reason is an error of the network", () => {
    expect(read(say([{ text: "a" }])).at(-1)).toMatchObject({ kind: "error", error: { kind: "network" } });
  });
});

describe("arguments in pieces", () => {
  const part = (functionCall: object, finishReason?: string) =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts: [{ functionCall }] }, ...(finishReason ? { finishReason } : {}) }] })}\n\n`;
  const piece = (jsonPath: string, value: object, more = true) => part({ partialArgs: [{ jsonPath, ...value }], willContinue: more });
  const begin = part({ name: "write", willContinue: true });
  const pieces = [
    piece("$.files[0].name", { stringValue: "a", willContinue: true }),
    piece("$.files[0].name", { stringValue: ".t" }),
    piece("$.files[1]['x y']", { numberValue: 7 }),
    piece("$.ok", { boolValue: true }),
    piece("$.none", { nullValue: "NULL_VALUE" }),
    // Nothing that is no place, or fits nothing there, may do harm.
    piece("$.__proto__.polluted", { stringValue: "x" }),
    piece("$.files[99999999]", { stringValue: "x" }),
    piece("$.ok.deeper", { stringValue: "x" }),
    piece("files", { stringValue: "x" }),
  ].join("");
  const whole = { files: [{ name: "a.t" }, { "x y": 7 }], ok: true, none: null };

  test.each(wires)("are put together, and told when the call is over ($mode)", ({ wire }) => {
    const said = (text: string) => {
      const decoder = wire.decoder();
      const records = [...decoder.feed(Buffer.from(text)), ...decoder.end()];
      decoder.close();
      return records;
    };
    const calls = (text: string) => said(text).flatMap((record) => (record.kind === "tool" ? [[record.name, record.arguments]] : []));
    const withProto = (json: string) => JSON.parse(json.replace(/"__proto__":\{[^}]*\},?/, "").replace(/,\}/, "}")) as unknown;
    for (const end of [
      part({}, "STOP"),
      part({ name: "next", args: {} }, "STOP"),
      piece("$.ok", { boolValue: true }, false) + part({ name: "next" }, "STOP"),
    ]) {
      const [[name, json]] = calls(begin + pieces + end) as [[string, string]];
      expect(name).toBe("write");
      expect(withProto(json)).toEqual(whole);
    }
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    // A call that the end of the answer cut is no JSON, so that nobody runs it.
    const [[, cut]] = calls(begin + pieces + part({}, "MAX_TOKENS")) as [[string, string]];
    expect(() => JSON.parse(cut)).toThrow();
    expect(said(begin + pieces).at(-1)).toMatchObject({ kind: "error", error: { kind: "network" } });
  });
});
