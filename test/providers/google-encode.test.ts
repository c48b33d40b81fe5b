import { describe, expect, test } from "vitest";
import type { CompletionRequest } from "../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { sign } from "../../src/providers/shared/signature.ts";
import { bodyOf, hello, modelInfo, own, reasoning, view } from "./encode-support.ts";
import { messageOf, part, requestOf } from "./support.ts";

const wire = openWireFormats("dist/kernels")({ type: "google" })!;
const body = (request: CompletionRequest) => JSON.parse(bodyOf(wire, request, hello));

test("the body has system, tools, contents and settings, in this order", () => {
  const request = requestOf({ system: ["a", "b"], tools: [view], model: { temperature: 0, topK: 3 } });
  expect(bodyOf(wire, request, hello)).toBe(
    JSON.stringify({
      systemInstruction: { parts: [{ text: "a" }, { text: "b" }] },
      tools: [{ functionDeclarations: [{ name: "view", description: "d", parametersJsonSchema: view.parameters }] }],
      contents: [{ role: "user", parts: [{ text: "hello" }] }],
      generationConfig: { maxOutputTokens: 1000, temperature: 0, topK: 3 },
    }),
  );
});

test("thinking is a budget for Gemini 2.5, a level for later ones, and nothing for models that do not think", () => {
  const thinking = (model: string, some: object = {}) => body(requestOf({ model: { model, ...some } })).generationConfig.thinkingConfig;
  expect(thinking("gemini-2.5-flash")).toEqual({ includeThoughts: true });
  expect(thinking("gemini-2.5-flash", { reasoningEffort: "medium" })).toEqual({ includeThoughts: true, thinkingBudget: 2_000 });
  expect(thinking("gemini-2.5-flash", { think: false })).toEqual({ includeThoughts: true, thinkingBudget: 0 });
  expect(thinking("gemini-2.5-pro", { think: false }).thinkingBudget).toBe(128);
  expect(thinking("gemini-3-pro-preview", { reasoningEffort: "low" })).toEqual({ includeThoughts: true, thinkingLevel: "low" });
  expect(thinking("gemini-2.0-flash")).toBeUndefined();
  expect(thinking("gemini-2.5-flash", { providerOptions: { thinking_config: { thinking_budget: 7, include_thoughts: false } } })).toEqual({
    includeThoughts: false,
    thinkingBudget: 7,
  });
});

describe("messages", () => {
  const content = (message: ReturnType<typeof messageOf>, model = "m") => {
    const json = wire.segment(message, requestOf({ model: { model }, provider: { models: [modelInfo({})] } }));
    return json === undefined ? undefined : JSON.parse(json);
  };
  const of = (what: string, signature: string) => sign("google", { of: what, signature });

  test("send signatures back on the parts that they came with", () => {
    const parts = [
      reasoning("hm", of("thought", "s0")),
      part.text("a"),
      reasoning("", of("text", "s1")),
      reasoning("", of("call", "s2")),
      part.call("c1", "view", '{"p":1}'),
      part.call("c2", "ls", "[1]"),
      reasoning("", of("text", "s3")),
    ];
    expect(content(messageOf("assistant", parts, own))).toEqual({
      role: "model",
      parts: [
        { text: "hm", thought: true, thoughtSignature: "s0" },
        { text: "a", thoughtSignature: "s1" },
        { functionCall: { id: "c1", name: "view", args: { p: 1 } }, thoughtSignature: "s2" },
        { functionCall: { id: "c2", name: "ls", args: {} } },
        { text: "", thoughtSignature: "s3" },
      ],
    });
  });

  test("send back code that ran at the provider and pictures, not what an answer rests on", () => {
    const code = { executableCode: { language: "PYTHON", code: "1" }, thoughtSignature: "s" };
    const sources = reasoning("", sign("google", { sources: { groundingMetadata: {} } }));
    expect(content(messageOf("assistant", [reasoning("", sign("google", { part: code })), part.text("a"), sources], own)).parts).toEqual([
      code,
      { text: "a" },
    ]);
  });

  test("say of the first call of another model that it is not signed, where one must be", () => {
    const parts = [reasoning("", of("call", "s")), part.call("c1", "view", "{}"), part.call("c2", "ls", "{}")];
    const other = messageOf("assistant", parts, { model: { provider: "q", model: "x" } });
    const signatures = (model: string) => content(other, model).parts.map((one: { thoughtSignature?: string }) => one.thoughtSignature);
    expect(signatures("gemini-3-pro-preview")).toEqual(["skip_thought_signature_validator", undefined]);
    expect(signatures("gemini-2.5-pro")).toEqual([undefined, undefined]);
  });

  test("give all results of a message together, by name, errors as such", () => {
    const failed = { ...part.result("c2", "no"), isError: true };
    expect(content(messageOf("tool", [part.result("c1", "ok"), failed]))).toEqual({
      role: "user",
      parts: [
        { functionResponse: { id: "c1", name: "t", response: { output: "ok" } } },
        { functionResponse: { id: "c2", name: "t", response: { error: "no" } } },
      ],
    });
  });

  test("carry pictures for models that see", () => {
    expect(content(messageOf("user", [part.text("look"), part.file("a.png", "data:image/png;base64,QUJD")])).parts).toEqual([
      { text: "look" },
      { inlineData: { mimeType: "image/png", data: "QUJD" } },
    ]);
  });
});
