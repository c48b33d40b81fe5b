import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompletionRequest, WireFormat } from "../../src/contracts/wire-format.ts";
import type { Message, MessageRole, Part } from "../../src/protocol/index.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { sign } from "../../src/providers/shared/signature.ts";
import { messageOf, part, requestOf } from "./support.ts";

const wire = openWireFormats("dist/kernels")({ type: "openai-compat" })!;

function bodyOf(request: CompletionRequest, messages: Message[], by: WireFormat = wire): string {
  const segments = messages.flatMap((message) => by.segment(message, request) ?? []);
  return by.head(request) + segments.join(",") + by.tail(request);
}
const parsed = (request: CompletionRequest, messages: Message[]) => JSON.parse(bodyOf(request, messages)) as Record<string, unknown>;
const hello = [messageOf("user", [part.text("hello")])];

describe("the body", () => {
  test("in pieces is byte for byte what JSON.stringify makes of the whole", () => {
    const text = fc.string({ unit: "binary", maxLength: 20 });
    const anyPart: fc.Arbitrary<Part> = fc.oneof(
      text.map(part.text),
      text.map(part.reasoning),
      fc.tuple(text, text).map(([call, input]) => part.call(call, "view", input)),
      fc.tuple(text, text).map(([call, words]) => part.result(call, words)),
      text.map((words) => part.file("a.txt", words)),
    );
    const message = fc
      .tuple(fc.constantFrom<MessageRole>("user", "assistant", "tool", "system"), fc.array(anyPart, { maxLength: 4 }), fc.boolean())
      .map(([role, parts, abandoned]) => messageOf(role, parts, { abandoned }));
    const request = fc
      .record({
        system: fc.array(text, { maxLength: 3 }),
        maxTokens: fc.nat(9),
        extra: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue()),
      })
      .map(({ system, maxTokens, extra }) => requestOf({ system, model: { maxTokens }, provider: { extraBody: extra } }));
    fc.assert(
      fc.property(request, fc.array(message, { maxLength: 6 }), (asked, messages) => {
        const body = bodyOf(asked, [...hello, ...messages]);
        expect(JSON.stringify(JSON.parse(body))).toBe(body);
      }),
      { numRuns: 300 },
    );
  });

  test("has model, messages, tools and the stream options, in this order", () => {
    const tool = { name: "view", description: "d", parameters: { type: "object", properties: {} } };
    const request = requestOf({ system: ["be brief"], tools: [tool], model: { temperature: 0, topP: 0.5 } });
    expect(bodyOf(request, hello)).toBe(
      JSON.stringify({
        model: "m",
        messages: [
          { role: "system", content: "be brief" },
          { role: "user", content: "hello" },
        ],
        tools: [{ type: "function", function: tool }],
        tool_choice: "auto",
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 1000,
        temperature: 0,
        top_p: 0.5,
      }),
    );
  });

  test("leaves max_tokens out when it is 0, and tools when there are none", () => {
    const body = parsed(requestOf({ model: { maxOutputTokens: 0 } }), hello);
    expect(Object.keys(body)).toEqual(["model", "messages", "stream", "stream_options"]);
  });

  test("extra_body changes what it names, but neither messages nor stream", () => {
    const extraBody = { model: "other", messages: [], stream: false, top_k: 3, stream_options: {} };
    expect(parsed(requestOf({ provider: { extraBody } }), hello)).toMatchObject({
      model: "other",
      messages: [{ content: "hello" }],
      stream: true,
      top_k: 3,
      stream_options: {},
    });
  });

  test("options of the model go before those of the provider, extra_body before both", () => {
    const request = requestOf({
      provider: { providerOptions: { service_tier: "a", user: "p", unknown: 1 }, extraBody: { user: "e" } },
      model: { providerOptions: { service_tier: "b", user: "m" } },
    });
    const body = parsed(request, hello);
    expect(body).toMatchObject({ service_tier: "b", user: "e" });
    expect(body).not.toHaveProperty("unknown");
  });

  test("OpenAI's reasoning models get max_completion_tokens, no sampling, a developer", () => {
    const asked = { model: "gpt-5", temperature: 1, reasoningEffort: "low" as const };
    const body = parsed(requestOf({ provider: { type: "openai" }, model: asked, system: ["s"] }), hello);
    expect(body).toMatchObject({
      max_completion_tokens: 1000,
      reasoning_effort: "low",
      messages: [{ role: "developer" }, { role: "user" }],
    });
    expect(body).not.toHaveProperty("temperature");
    expect(body).not.toHaveProperty("max_tokens");
  });

  test("openrouter is told to think by an object", () => {
    expect(parsed(requestOf({ provider: { type: "openrouter" }, model: { reasoningEffort: "high" } }), hello)).toMatchObject({
      reasoning: { enabled: true, effort: "high" },
    });
  });
});

describe("a message", () => {
  const sent = (message: Message, request = requestOf({})) => {
    const json = wire.segment(message, request);
    return json === undefined ? undefined : (JSON.parse(`[${json}]`) as unknown[]);
  };

  test("that was abandoned or says nothing is not sent", () => {
    expect(sent(messageOf("assistant", [part.text("half")], { abandoned: true }))).toBeUndefined();
    expect(sent(messageOf("assistant", [part.reasoning("hm")]))).toBeUndefined();
    expect(sent(messageOf("user", []))).toBeUndefined();
    expect(sent(messageOf("tool", []))).toBeUndefined();
  });

  test("with calls carries their arguments exactly as the model wrote them, {} where they are no JSON", () => {
    const odd = '{ "a" : 1.0,\n"b":"\\u0041" }';
    const message = messageOf("assistant", [
      part.call("1", "view", odd),
      part.call("2", "bash", '{"command":"rm'),
      part.call("3", "ls", ""),
    ]);
    expect(sent(message)).toEqual([
      {
        role: "assistant",
        content: null,
        tool_calls: [
          { id: "1", type: "function", function: { name: "view", arguments: odd } },
          { id: "2", type: "function", function: { name: "bash", arguments: "{}" } },
          { id: "3", type: "function", function: { name: "ls", arguments: "{}" } },
        ],
      },
    ]);
  });

  test("of results is one object a result", () => {
    expect(sent(messageOf("tool", [part.result("1", "one"), part.result("2", "")]))).toEqual([
      { role: "tool", tool_call_id: "1", content: "one" },
      { role: "tool", tool_call_id: "2", content: "" },
    ]);
  });

  test("gives signed reasoning back as it came, to the model that thought it", () => {
    const details = [{ type: "reasoning.encrypted", data: "x" }];
    const parts = [
      part.reasoning("hm"),
      part.call("1", "ls", "{}"),
      { ...part.reasoning(""), signature: sign("openai-chat", { details }) },
    ];
    const request = requestOf({ provider: { type: "openrouter" } });
    const own = sent(messageOf("assistant", parts, { model: { provider: "p", model: "m" } }), request);
    expect(own).toMatchObject([{ reasoning_details: details }]);
    expect(own?.[0]).not.toHaveProperty("reasoning");
    expect(sent(messageOf("assistant", parts, { model: { provider: "q", model: "m" } }), request)?.[0]).not.toHaveProperty(
      "reasoning_details",
    );
    expect(sent(messageOf("assistant", parts, { model: { provider: "p", model: "m" } }))?.[0]).not.toHaveProperty("reasoning_details");
  });

  test("gives what signed a call back with that call", () => {
    const extras = [{ call: 1, extra_content: { google: { thought_signature: "s" } } }];
    const parts = [
      part.call("1", "ls", "{}"),
      part.call("2", "ls", "{}"),
      { ...part.reasoning(""), signature: sign("openai-chat", { extras }) },
    ];
    const calls = (provider: string) =>
      (sent(messageOf("assistant", parts, { model: { provider, model: "m" } }))![0] as { tool_calls: object[] }).tool_calls;
    expect(calls("p")).toMatchObject([{ id: "1" }, { id: "2", extra_content: { google: { thought_signature: "s" } } }]);
    for (const call of [calls("p")[0], ...calls("q")]) expect(call).not.toHaveProperty("extra_content");
  });

  test("gives reasoning back only where the provider wants it", () => {
    const message = messageOf("assistant", [part.reasoning("hm"), part.call("1", "ls", "{}")]);
    expect(wire.segment(message, requestOf({}))).not.toContain("hm");
    expect(sent(message, requestOf({ provider: { id: "deepseek" } }))).toMatchObject([{ reasoning_content: "hm" }]);
    expect(sent(message, requestOf({ provider: { type: "openrouter" } }))).toMatchObject([{ reasoning: "hm" }]);
  });

  test("with files has text in the prompt, a picture only for a model that sees, and of others says that they are there", () => {
    const files = [
      part.text("look"),
      part.file('a"b.ts', "const a = 1"),
      { ...part.file("p.png", "data:image/png;base64,AA=="), mime: "image/png" },
    ];
    const blind = (sent(messageOf("user", files)) as [{ content: string }])[0].content;
    expect(blind).toContain('<file path="a&quot;b.ts">\nconst a = 1\n</file>');
    expect(blind).toContain("left out: you cannot be shown pictures");
    expect(blind).not.toContain("base64");
    const request = requestOf({ provider: { models: [{ model: "m", supportsImages: true } as never] } });
    expect(sent(messageOf("user", files), request)).toMatchObject([
      { content: [{ type: "text" }, { type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] },
    ]);
  });
});

describe("the endpoint", () => {
  test.each([
    ["https://a.example/v1", "https://a.example/v1/chat/completions"],
    ["https://a.example/v1/", "https://a.example/v1/chat/completions"],
    ["http://[::1]:80/x?api-version=2", "http://[::1]/x/chat/completions?api-version=2"],
    ["https://a.example/v1/chat/completions", "https://a.example/v1/chat/completions"],
  ])("of %s is %s", (baseUrl, url) => {
    expect(wire.endpoint(requestOf({ provider: { baseUrl } }), "s").url).toBe(url);
  });

  test("carries the key, the session's affinity and configured headers, which win in any case", () => {
    const one = wire.endpoint(
      requestOf({ provider: { apiKey: " k1 \n", extraHeaders: { "User-Agent": "mine", "X-A": "b" } } }),
      "s1",
    ).headers;
    expect(one).toMatchObject({ authorization: "Bearer k1", "user-agent": "mine", "x-a": "b", "x-session-id": "s1" });
    expect(one["x-session-affinity"]).not.toBe(wire.endpoint(requestOf({}), "s2").headers["x-session-affinity"]);
    expect(wire.endpoint(requestOf({}), "s").headers).not.toHaveProperty("authorization");
  });

  test("of a base_url that is no address is an error that names it", () => {
    expect(() => wire.endpoint(requestOf({ provider: { baseUrl: "$BASE" } }), "s")).toThrow(/base_url of provider p .*\$BASE/);
  });
});

test("a type without a wire of ours has none", () => {
  expect(openWireFormats("dist/kernels")({ type: "hyper" })).toBeUndefined();
});
