// What every wire but Chat Completions (openai-chat-encode.test.ts) promises of its bodies and addresses.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openWireFormats } from "../../src/providers/index.ts";
import { anything, bodyOf, hello } from "./encode-support.ts";
import { requestOf } from "./support.ts";

const wireFor = openWireFormats("dist/kernels");
const openai = { type: "openai", baseUrl: "https://api.openai.com/v1" } as const;
const wires = [openai, { type: "anthropic" } as const, { type: "google" } as const].map((provider) => wireFor(provider)!);

describe.each(wires.map((wire) => [wire.id, wire] as const))("%s", (id, wire) => {
  test("the body in pieces is byte for byte what JSON.stringify makes of the whole", () => {
    fc.assert(
      fc.property(anything(id), ([request, messages]) => {
        const body = bodyOf(wire, request, [...hello, ...messages]);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
      }),
      { numRuns: 200 },
    );
  });

  test("a message is the same bytes whatever follows it, and abandoned ones are left out", () => {
    fc.assert(
      fc.property(anything(id), ([request, messages]) => {
        const alone = messages.map((message) => wire.segment(message, request));
        bodyOf(wire, request, [...messages, ...hello]);
        expect(messages.map((message) => wire.segment(message, request))).toEqual(alone);
        for (const message of messages) if (message.abandoned) expect(wire.segment(message, request)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  test("head and tail are those of an empty conversation: only its text stands between them", () => {
    const request = requestOf({ system: ["s"] });
    const list = id === "openai-responses" ? "input" : id === "google" ? "contents" : "messages";
    expect(JSON.parse(bodyOf(wire, request, hello))[list].length).toBeGreaterThan(0);
    expect(wire.head(request)).toContain(`"${list}":[`);
    expect(wire.tail(request).startsWith("],")).toBe(true);
  });

  test("configured headers win, and a base_url that is no address is named", () => {
    const { headers } = wire.endpoint(requestOf({ provider: { apiKey: " k1 ", extraHeaders: { "User-Agent": "mine" } } }), "s1");
    expect(headers).toMatchObject({ "user-agent": "mine", "x-session-id": "s1", accept: "text/event-stream" });
    expect(Object.values(headers).some((value) => value.endsWith("k1"))).toBe(true);
    expect(() => wire.endpoint(requestOf({ provider: { baseUrl: "$BASE" } }), "s")).toThrow(/base_url of provider p .*\$BASE/);
  });
});

describe("the address", () => {
  const url = (type: "openai" | "anthropic" | "google", baseUrl: string, model = "m") =>
    wireFor({ type, baseUrl })!.endpoint(requestOf({ provider: { type, baseUrl }, model: { model } }), "s").url;

  test.each([
    ["anthropic", "https://api.anthropic.com/v1", "https://api.anthropic.com/v1/messages"],
    ["anthropic", "https://api.anthropic.com", "https://api.anthropic.com/v1/messages"],
    ["anthropic", "https://a.example/anthropic/", "https://a.example/anthropic/v1/messages"],
    ["anthropic", "https://a.example/x/messages", "https://a.example/x/messages"],
    ["google", "https://g.example/v1beta", "https://g.example/v1beta/models/m:streamGenerateContent?alt=sse"],
    ["google", "https://g.example", "https://g.example/v1beta/models/m:streamGenerateContent?alt=sse"],
    ["openai", "https://api.openai.com/v1", "https://api.openai.com/v1/responses"],
    ["openai", "https://api.openai.com/v1/chat/completions", "https://api.openai.com/v1/chat/completions"],
    ["openai", "https://api.openai.com.example/v1", "https://api.openai.com.example/v1/chat/completions"],
    ["openai", "http://127.0.0.1:1", "http://127.0.0.1:1/chat/completions"],
    ["openai", "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1/chat/completions"],
    ["openai", "http://127.0.0.1:1/v1/responses", "http://127.0.0.1:1/v1/responses"],
  ] as const)("of %s at %s is %s", (type, base, want) => {
    expect(url(type, base)).toBe(want);
  });

  test("of a tuned model of Google's has its own path, and odd names cannot leave theirs", () => {
    expect(url("google", "https://g.example/v1beta", "tunedModels/t")).toContain("/v1beta/tunedModels/t:streamGenerateContent");
    expect(url("google", "https://g.example/v1beta", "a?b#c")).toContain("/models/a%3Fb%23c:streamGenerateContent");
  });

  test("keys stand where each wire wants them", () => {
    const headers = (type: "anthropic" | "google", apiKey: string) =>
      wireFor({ type })!.endpoint(requestOf({ provider: { type, apiKey } }), "s").headers;
    expect(headers("anthropic", "k")).toMatchObject({ "x-api-key": "k", "anthropic-version": "2023-06-01" });
    expect(headers("anthropic", "Bearer t")).toMatchObject({ authorization: "Bearer t" });
    expect(headers("anthropic", "Bearer t")).not.toHaveProperty("x-api-key");
    expect(headers("google", "k")).toMatchObject({ "x-goog-api-key": "k" });
  });
});

test("a model that its provider has over another wire is asked there", () => {
  const zen = { id: "opencode-zen", type: "openai-compat", baseUrl: "https://opencode.ai/zen/v1" } as const;
  const url = (model: string) => wireFor(zen, model)!.endpoint(requestOf({ provider: zen, model: { model } }), "s").url;
  expect(url("qwen3.7-max")).toBe("https://opencode.ai/zen/v1/messages");
  expect(url("kimi-k3")).toBe("https://opencode.ai/zen/v1/chat/completions");
});

test("each provider is told to think in its own way, and OpenRouter by which route it takes a model", () => {
  const body = (id: string, model: string, some: object, type: "openai-compat" | "openrouter" = "openai-compat") => {
    const request = requestOf({ provider: { id, type }, model: { model, ...some } });
    return JSON.parse(bodyOf(wireFor({ id, type }, model)!, request, hello)) as Record<string, unknown>;
  };
  expect(body("ionet", "m", { think: true })).toMatchObject({ reasoning: { effort: "medium" } });
  expect(body("ionet", "m", { think: false })).toMatchObject({ reasoning: { effort: "none" } });
  expect(body("deepseek", "m", { reasoningEffort: "high" })).toMatchObject({ thinking: { type: "enabled" }, reasoning_effort: "high" });
  expect(body("deepseek", "m", { think: false, reasoningEffort: "high" })).not.toHaveProperty("reasoning_effort");
  expect(body("zai", "m", {})).not.toHaveProperty("thinking");
  expect(body("baseten", "m", { think: true })).toMatchObject({ chat_template_args: { enable_thinking: true } });
  expect(body("alibaba-us", "m", { think: true })).toMatchObject({ enable_thinking: true });
  expect(body("opencode-go", "minimax-m3", { think: true })).toMatchObject({ thinking: { type: "enabled" } });
  expect(body("opencode-go", "kimi-k3", { reasoningEffort: "low" })).toMatchObject({ reasoning_effort: "low" });
  expect(body("openrouter", "z-ai/glm-4.6", { reasoningEffort: "low" }, "openrouter")).toMatchObject({
    model: "z-ai/glm-4.6:exacto",
    reasoning: { enabled: true, effort: "low" },
  });
});
