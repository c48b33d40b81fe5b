// Where servers of Chat Completions differ. Data with defaults; the last entry that fits wins, field by field.
import type { ProviderConfig, ProviderType } from "../../contracts/config.ts";

export type Quirks = {
  /** Which field bounds the answer. */
  maxTokens: "max_tokens" | "max_completion_tokens";
  /** Role of the system texts. */
  systemRole: "system" | "developer";
  /** The model takes temperature, top_p and penalties. */
  sampling: boolean;
  /**
   * How it is told to think: as a level, as an object with one (with a switch beside it, or with "none" for off), or as a switch: an
   * object with a type, a field, an argument of the chat template.
   */
  reasoning: "effort" | "object" | "object_effort" | "thinking" | "enable_thinking" | "template";
  /** Earlier reasoning goes back: under this key, with the messages that called tools (the provider refuses them without it). */
  reasoningBack: "none" | "reasoning_content" | "reasoning";
  /** Which of top_k and the like beyond OpenAI's own it takes. */
  topK: boolean;
  /** Takes `stream_options`. */
  streamOptions: boolean;
  /** Stands behind the model's id: routes of OpenRouter. */
  modelSuffix: string;
  /** Prompt cache marks of Anthropic are passed on. */
  cacheMarks: boolean;
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
  modelSuffix: "",
  cacheMarks: false,
  withTools: {},
};

const claude = /claude|anthropic\//;
/** Providers behind OpenRouter differ in how well they call tools; for these models it knows which do it well. */
const exacto = /^(?:moonshotai\/kimi-k2-0905|deepseek\/deepseek-v3\.1-terminus|z-ai\/glm-4\.6|openai\/gpt-oss-120b|qwen\/qwen3-coder)$/;

type Entry = { types?: ProviderType[]; ids?: string[]; model?: RegExp; quirks: Partial<Quirks> };

const entries: Entry[] = [
  { types: ["openai", "azure"], quirks: { topK: false } },
  // OpenAI's reasoning models refuse max_tokens and sampling, and name their system role developer.
  {
    types: ["openai", "azure"],
    model: /^(?:o\d|gpt-[5-9](?!.*-chat)|codex)/,
    quirks: { maxTokens: "max_completion_tokens", sampling: false, systemRole: "developer" },
  },
  { types: ["openrouter", "vercel"], quirks: { reasoning: "object", reasoningBack: "reasoning" } },
  { types: ["openrouter", "vercel", "litellm"], model: claude, quirks: { cacheMarks: true } },
  { types: ["openrouter"], model: exacto, quirks: { modelSuffix: ":exacto" } },
  { ids: ["ionet"], quirks: { reasoning: "object_effort" } },
  { ids: ["fireworks"], quirks: { reasoning: "thinking" } },
  { ids: ["baseten"], quirks: { reasoning: "template" } },
  { ids: ["opencode-zen", "opencode-go"], model: /^minimax/i, quirks: { reasoning: "thinking" } },
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
