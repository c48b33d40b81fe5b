import { describe, expect, test } from "vitest";
import type { CompletionRequest } from "../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../src/providers/index.ts";
import { sign } from "../../src/providers/shared/signature.ts";
import { bodyOf, hello, modelInfo, own, reasoning, view } from "./encode-support.ts";
import { messageOf, part, requestOf } from "./support.ts";

const wire = openWireFormats("dist/kernels")({ type: "openai", baseUrl: "https://api.openai.com/v1" })!;
const body = (request: CompletionRequest) => JSON.parse(bodyOf(wire, request, hello));

test("the body of a model that thinks asks for its reasoning sealed, and leaves sampling out", () => {
  const request = requestOf({ system: ["be brief"], tools: [view], model: { model: "gpt-5", temperature: 1, reasoningEffort: "low" } });
  expect(bodyOf(wire, request, hello)).toBe(
    JSON.stringify({
      model: "gpt-5",
      input: [
        { role: "developer", content: "be brief" },
        { role: "user", content: "hello" },
      ],
      tools: [{ type: "function", name: "view", description: "d", parameters: view.parameters, strict: false }],
      tool_choice: "auto",
      stream: true,
      store: false,
      max_output_tokens: 1000,
      include: ["reasoning.encrypted_content"],
      reasoning: { effort: "low", summary: "auto" },
    }),
  );
});

test("the body of another model has sampling and no reasoning", () => {
  const asked = body(requestOf({ system: ["s"], model: { model: "gpt-4.1", temperature: 0, topP: 0.5 } }));
  expect(asked).toMatchObject({ temperature: 0, top_p: 0.5, input: [{ role: "system" }, {}] });
  expect(asked).not.toHaveProperty("reasoning");
  expect(asked).not.toHaveProperty("include");
});

test("options of the configuration are fields of the wire, and cannot turn the stream off", () => {
  const asked = body(
    requestOf({
      provider: {
        providerOptions: { service_tier: "flex", reasoning_summary: "detailed", verbosity: "low" },
        extraBody: { stream: false, x: 1 },
      },
      model: { model: "gpt-5" },
    }),
  );
  expect(asked).toMatchObject({ service_tier: "flex", reasoning: { summary: "detailed" }, text: { verbosity: "low" }, stream: true, x: 1 });
});

describe("messages", () => {
  const items = (...args: Parameters<typeof messageOf>) => {
    const json = wire.segment(messageOf(...args), requestOf({ provider: { models: [modelInfo({})] } }));
    return json === undefined ? undefined : JSON.parse(`[${json}]`);
  };
  const id = "openai-responses";

  test("send reasoning back item by item, each in front of what followed from it", () => {
    const parts = [
      reasoning("one", sign(id, { more: true })),
      reasoning("two", sign(id, { id: "rs_1", content: "sealed" })),
      part.text("a"),
      reasoning("", sign(id, { id: "rs_2", content: "s2" })),
      part.call("c", "view", '{"p": 1}'),
    ];
    expect(items("assistant", parts, own)).toEqual([
      {
        type: "reasoning",
        id: "rs_1",
        summary: [
          { type: "summary_text", text: "one" },
          { type: "summary_text", text: "two" },
        ],
        encrypted_content: "sealed",
      },
      { role: "assistant", content: [{ type: "output_text", text: "a" }] },
      { type: "reasoning", id: "rs_2", summary: [], encrypted_content: "s2" },
      { type: "function_call", call_id: "c", name: "view", arguments: '{"p": 1}' },
    ]);
  });

  test("keep back reasoning that is not sealed, or another model's", () => {
    const only = [{ role: "assistant", content: [{ type: "output_text", text: "a" }] }];
    for (const signature of [undefined, sign(id, {}), sign("anthropic", { content: "x" })])
      expect(items("assistant", [reasoning("hm", signature), part.text("a")], own)).toEqual(only);
    const sealed = reasoning("hm", sign(id, { id: "r", content: "x" }));
    expect(items("assistant", [sealed, part.text("a")], { model: { provider: "p", model: "other" } })).toEqual(only);
  });

  test("give results one by one", () => {
    expect(items("tool", [part.result("c1", "ok"), part.result("c2", "")])).toEqual([
      { type: "function_call_output", call_id: "c1", output: "ok" },
      { type: "function_call_output", call_id: "c2", output: "" },
    ]);
  });

  test("carry pictures for models that see", () => {
    expect(items("user", [part.text("look"), part.file("a.png", "data:image/png;base64,QUJD")])).toEqual([
      {
        role: "user",
        content: [
          { type: "input_text", text: "look" },
          { type: "input_image", image_url: "data:image/png;base64,QUJD" },
        ],
      },
    ]);
  });
});
