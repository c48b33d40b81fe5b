// Where servers of Chat Completions differ. Data with defaults; the last entry that fits wins, field by field.
import type { ProviderConfig, ProviderType } from "../../contracts/config.ts";

export type Quirks = {
  /** Which field bounds the answer. */
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** Role of the system texts. */
  systemRole: "system" | "developer";
  /** The model takes temperature, top_p and penalties. */
  sampling: boolean;
  /** How it is told to think: as a level, as an object with one, or as a switch. */
  reasoning: "effort" | "object" | "thinking" | "enable_thinking";
  /** Earlier reasoning goes back: under this key, with the messages that called tools (the provider refuses them without it). */
  reasoningBack: "none" | "reasoning_content" | "reasoning";
  /** Which of top_k and the like beyond OpenAI's own it takes. */
  topK: boolean;
  /** Takes `stream_options`. */
  streamOptions: boolean;
  /** Fields for every request with tools. */
  withTools: Record<string, unknown>;
};

const defaults: Quirks = {
  maxTokens: "max_tokens",
  systemRole: "system",
  sampling: true,
  reasoning: "effort",
  reasoningBack: "none",
  topK: true,
  streamOptions: true,
  withTools: {},
};

type Entry = { types?: ProviderType[]; ids?: string[]; model?: RegExp; quirks: Partial<Quirks> };

const entries: Entry[] = [
  { types: ["openai"], quirks: { topK: false } },
  // OpenAI's reasoning models refuse max_tokens and sampling, and name their system role developer.
  {
    types: ["openai"],
    model: /^(?:o\d|gpt-[5-9](?!.*-chat)|codex)/,
    quirks: { maxTokens: "max_completion_tokens", sampling: false, systemRole: "developer" },
  },
  { types: ["openrouter", "vercel"], quirks: { reasoning: "object", reasoningBack: "reasoning" } },
  { ids: ["deepseek"], quirks: { reasoning: "thinking", reasoningBack: "reasoning_content" } },
  { ids: ["moonshot"], quirks: { reasoningBack: "reasoning_content" } },
  {
    ids: ["zai", "zhipu", "zhipu-coding"],
    quirks: { reasoning: "thinking", reasoningBack: "reasoning_content", withTools: { tool_stream: true } },
  },
  { ids: ["alibaba-singapore", "alibaba-us"], quirks: { reasoning: "enable_thinking" } },
];

export function quirksOf(provider: Pick<ProviderConfig, "id" | "type">, model: string): Quirks {
  const found = { ...defaults };
  for (const { types, ids, model: pattern, quirks } of entries) {
    if (types && !types.includes(provider.type)) continue;
    if (ids && !ids.includes(provider.id)) continue;
    if (pattern && !pattern.test(model)) continue;
    Object.assign(found, quirks);
  }
  return found;
}
