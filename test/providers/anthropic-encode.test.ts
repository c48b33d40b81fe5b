import { afterEach, describe, expect, test, vi } from "vitest";
import type { CompletionRequest } from "../../src/contracts/wire-format.ts";
import type { Message } from "../../src/protocol/index.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { sign } from "../../src/providers/shared/signature.ts";
import { bodyOf, hello, modelInfo, own, reasoning, view } from "./encode-support.ts";
import { messageOf, part, requestOf } from "./support.ts";

const wire = openWireFormats("dist/kernels")({ type: "anthropic" })!;
const body = (request: CompletionRequest, messages: Message[] = hello) => JSON.parse(bodyOf(wire, request, messages));
const mark = { cache_control: { type: "ephemeral" } };
afterEach(() => vi.unstubAllEnvs());

test("the body has system, tools, messages and settings, in this order, with marks on the last tool, the last system text and itself", () => {
  const request = requestOf({ system: ["a", " ", "b"], tools: [view, { ...view, name: "ls" }], model: { temperature: 0.5 } });
  expect(bodyOf(wire, request, hello)).toBe(
    JSON.stringify({
      model: "m",
      system: [
        { type: "text", text: "a" },
        { type: "text", text: "b", ...mark },
      ],
      tools: [
        { name: "view", description: "d", input_schema: view.parameters },
        { name: "ls", description: "d", input_schema: view.parameters, ...mark },
      ],
      messages: [{ role: "user", content: [{ type: "text", text: "hello" }] }],
      stream: true,
      max_tokens: 1000,
      ...mark,
      temperature: 0.5,
    }),
  );
});

test("without the cache nothing is marked", () => {
  vi.stubEnv("CRUSH_DISABLE_ANTHROPIC_CACHE", "1");
  expect(bodyOf(wire, requestOf({ system: ["a"], tools: [view] }), hello)).not.toContain("cache_control");
});

test("a bound is always sent", () => {
  expect(body(requestOf({ model: { maxOutputTokens: 0 } })).max_tokens).toBeGreaterThan(0);
});

describe("thinking", () => {
  const asked = (model: string, some: object = {}) =>
    body(requestOf({ model: { model, temperature: 1, maxOutputTokens: 8_000, ...some } }));
  test("is a budget for models that know no other, within the bound, and leaves sampling out", () => {
    expect(asked("claude-haiku-4-5", { think: true })).toMatchObject({ thinking: { type: "enabled", budget_tokens: 2_000 } });
    expect(asked("claude-haiku-4-5", { think: true })).not.toHaveProperty("temperature");
    expect(asked("claude-haiku-4-5", { think: true, maxTokens: 1_500 }).thinking.budget_tokens).toBe(1_499);
    expect(asked("claude-haiku-4-5", { think: true, maxTokens: 500 })).not.toHaveProperty("thinking");
    expect(asked("claude-sonnet-4-20250514", { think: true }).thinking.type).toBe("enabled");
    expect(asked("claude-haiku-4-5", {})).toMatchObject({ temperature: 1 });
  });
  test("is the model's own choice for those that decide, with the effort", () => {
    for (const model of ["claude-opus-4-6", "claude-sonnet-5", "claude-opus-5-5", "claude-fable-5-1"])
      expect(asked(model, { think: true, reasoningEffort: "low" }), model).toMatchObject({
        thinking: { type: "adaptive", display: "summarized" },
        output_config: { effort: "low" },
      });
    expect(asked("claude-opus-4-7")).not.toHaveProperty("temperature");
    expect(asked("claude-opus-4-6")).toHaveProperty("temperature");
    expect(asked("claude-haiku-4-5", { reasoningEffort: "low" })).not.toHaveProperty("output_config");
  });
  test("between calls is asked for where it needs asking", () => {
    const headers = (model: string) => wire.endpoint(requestOf({ model: { model, think: true, maxOutputTokens: 8_000 } }), "s").headers;
    expect(headers("claude-haiku-4-5")["anthropic-beta"]).toMatch(/^interleaved-thinking/);
    expect(headers("claude-sonnet-5")).not.toHaveProperty("anthropic-beta");
  });
});

describe("messages", () => {
  const content = (message: Message, request = requestOf({})) => {
    const json = wire.segment(message, request);
    return json === undefined ? undefined : JSON.parse(json);
  };
  const thought = reasoning("hm", sign("anthropic", { signature: "s" }));
  const redacted = reasoning("", sign("anthropic", { redacted: "r" }));

  test("send thoughts back as they were signed, in their places, with calls and what was said", () => {
    const parts = [thought, part.text("a"), redacted, part.call("c1", "view", '{"p":1}'), part.call("c2", "ls", "not json")];
    expect(content(messageOf("assistant", parts, own))).toEqual({
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "text", text: "a" },
        { type: "redacted_thinking", data: "r" },
        { type: "tool_use", id: "c1", name: "view", input: { p: 1 } },
        { type: "tool_use", id: "c2", name: "ls", input: {} },
      ],
    });
  });

  test("keep back what another model or wire signed, or nobody", () => {
    const parts = [thought, part.text("a")];
    const only = { role: "assistant", content: [{ type: "text", text: "a" }] };
    expect(content(messageOf("assistant", parts, { model: { provider: "p", model: "other" } }))).toEqual(only);
    for (const signature of [sign("google", { signature: "s" }), sign("anthropic", {}), "plain", undefined])
      expect(content(messageOf("assistant", [reasoning("hm", signature), part.text("a")], own))).toEqual(only);
    expect(content(messageOf("assistant", [thought], { model: { provider: "q", model: "m" } }))).toBeUndefined();
  });

  test("send back what ran at the provider, but for a call that has no result", () => {
    const kept = (block: object) => reasoning("", sign("anthropic", { block }));
    const use = (id: string) => ({ type: "server_tool_use", id, name: "web_search", input: { q: "x" } });
    const result = { type: "web_search_tool_result", tool_use_id: "s1", content: [] };
    const cites = reasoning("", sign("anthropic", { citations: [{ from: 0, to: 1, citations: [{}] }] }));
    const parts = [kept(use("s1")), kept(result), part.text("a"), cites, kept(use("s2"))];
    expect(content(messageOf("assistant", parts, own)).content).toEqual([use("s1"), result, { type: "text", text: "a" }]);
    expect(content(messageOf("assistant", parts, { model: { provider: "q", model: "m" } })).content).toEqual([{ type: "text", text: "a" }]);
    // One that the provider paused goes back with it: it goes on with that call.
    const paused = content(messageOf("assistant", parts, { ...own, finish: "pause" })).content;
    expect(paused).toEqual([use("s1"), result, { type: "text", text: "a" }, use("s2")]);
  });

  test("give results with the calls' ids in letters that are allowed, errors as such", () => {
    const failed = { ...part.result("fc:1/x", "no"), isError: true };
    expect(content(messageOf("tool", [part.result("c1", "ok"), failed, part.result("c3", "")]))).toEqual({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "c1", content: "ok" },
        { type: "tool_result", tool_use_id: "fc_1_x", content: "no", is_error: true },
        { type: "tool_result", tool_use_id: "c3" },
      ],
    });
    expect(content(messageOf("assistant", [part.call("fc:1/x", "v", "{}")])).content[0].id).toBe("fc_1_x");
  });

  test("have no empty block", () => {
    expect(content(messageOf("user", [part.text(" \n")]))).toBeUndefined();
    expect(content(messageOf("assistant", [part.text(""), part.text("\n")]))).toBeUndefined();
  });

  test("carry pictures for models that see", () => {
    const picture = { ...part.file("a.png", "data:image/png;base64,QUJD"), mime: "image/png" };
    const request = requestOf({ provider: { models: [modelInfo({ supportsImages: true })] } });
    expect(content(messageOf("user", [part.text("look"), picture]), request).content).toEqual([
      { type: "image", source: { type: "base64", media_type: "image/png", data: "QUJD" } },
      { type: "text", text: "look" },
    ]);
    expect(wire.segment(messageOf("user", [picture]), requestOf({}))).not.toContain("QUJD");
  });
});
