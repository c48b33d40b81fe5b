import fc from "fast-check";
import type { CompletionRequest, WireFormat } from "../../src/contracts/wire-format.ts";
import type { Message, MessageRole, ModelInfo, Part, ReasoningPart } from "../../src/protocol/index.ts";
import { messageOf, part, requestOf } from "./support.ts";

/** The body as the arena joins it. */
export function bodyOf(wire: WireFormat, request: CompletionRequest, messages: Message[]): string {
  const segments = messages.flatMap((message) => wire.segment(message, request) ?? []);
  return wire.head(request) + segments.join(",") + wire.tail(request);
}

export const hello = [messageOf("user", [part.text("hello")])];
export const view = { name: "view", description: "d", parameters: { type: "object", properties: {} } };
export const own = { model: { provider: "p", model: "m" } };
export const reasoning = (text: string, signature?: string): ReasoningPart => ({
  ...part.reasoning(text),
  ...(signature === undefined ? {} : { signature }),
});

export const modelInfo = (some: Partial<ModelInfo>): ModelInfo => ({
  provider: "p",
  model: "m",
  name: "M",
  providerName: "P",
  contextWindow: 1,
  maxTokens: 1,
  canReason: false,
  supportsImages: true,
  price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  ...some,
});

/** Any request and any messages; signatures among them that are none. */
export function anything(wireId: string): fc.Arbitrary<[CompletionRequest, Message[]]> {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const signature = fc.oneof(
    text,
    fc
      .dictionary(fc.constantFrom("signature", "redacted", "content", "id", "more", "of"), text)
      .map((data) => JSON.stringify({ wire: wireId, ...data })),
  );
  const anyPart: fc.Arbitrary<Part> = fc.oneof(
    text.map(part.text),
    fc.tuple(text, fc.option(signature, { nil: undefined })).map(([words, signed]) => reasoning(words, signed)),
    fc.tuple(text, fc.oneof(text, fc.json())).map(([call, input]) => part.call(call, "view", input)),
    fc.tuple(text, text).map(([call, words]) => part.result(call, words)),
    fc.tuple(text, fc.boolean()).map(([words, picture]) => part.file("a.png", picture ? `data:image/png;base64,${words}` : words)),
  );
  const message = fc
    .tuple(fc.constantFrom<MessageRole>("user", "assistant", "tool", "system"), fc.array(anyPart, { maxLength: 4 }), fc.boolean())
    .map(([role, parts, abandoned]) => messageOf(role, parts, { abandoned }));
  const request = fc
    .record({
      system: fc.array(text, { maxLength: 3 }),
      tools: fc.boolean(),
      maxTokens: fc.nat(9),
      think: fc.option(fc.boolean(), { nil: undefined }),
      extra: fc.dictionary(fc.stringMatching(/^[a-z_]{1,8}$/), fc.jsonValue()),
    })
    .map(({ system, tools, maxTokens, think, extra }) =>
      requestOf({
        system,
        tools: tools ? [view] : [],
        model: { maxTokens, ...(think === undefined ? {} : { think }) },
        provider: { extraBody: extra, models: [modelInfo({})] },
      }),
    );
  return fc.tuple(request, fc.array(message, { maxLength: 6 }));
}
