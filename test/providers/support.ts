import type { ProviderConfig, SelectedModel } from "../../src/contracts/config.ts";
import type { CompletionRequest } from "../../src/contracts/wire-format.ts";
import type {
  FilePart,
  Message,
  MessageRole,
  Part,
  ReasoningPart,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from "../../src/protocol/index.ts";

export function providerOf(some: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    id: "p",
    name: "Provider P",
    type: "openai-compat",
    baseUrl: "https://p.example/v1",
    extraHeaders: {},
    extraBody: {},
    providerOptions: {},
    flatRate: false,
    models: [],
    ...some,
  };
}

export function requestOf(some: {
  provider?: Partial<ProviderConfig>;
  model?: Partial<SelectedModel & { maxOutputTokens: number }>;
  system?: string[];
  tools?: CompletionRequest["tools"];
}): CompletionRequest {
  return {
    provider: providerOf(some.provider),
    model: { provider: "p", model: "m", maxOutputTokens: 1000, contextWindow: 100_000, ...some.model },
    system: some.system ?? [],
    tools: some.tools ?? [],
    idleTimeoutMs: 1,
    headersTimeoutMs: 1,
    retriesMax: 0,
  };
}

export const part = {
  text: (text: string): TextPart => ({ id: "p", index: 0, kind: "text", text }),
  reasoning: (text: string): ReasoningPart => ({ id: "p", index: 0, kind: "reasoning", text }),
  call: (call: string, name: string, input: string): ToolCallPart => ({ id: "p", index: 0, kind: "tool_call", call, name, input }),
  result: (call: string, text: string): ToolResultPart => ({
    id: "p",
    index: 0,
    kind: "tool_result",
    call,
    name: "t",
    text,
    isError: false,
  }),
  file: (path: string, text: string): FilePart => ({ id: "p", index: 0, kind: "file", path, mime: "text/plain", bytes: text.length, text }),
};

export function messageOf(role: MessageRole, parts: Part[], some: Partial<Message> = {}): Message {
  return { id: "m", session: "s", turn: "t", role, createdAt: 1, parts, ...some };
}
