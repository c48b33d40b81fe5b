import type { ProviderType } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";

/** A provider that needs no more than a key. Addresses as published by the providers; ids and variables as in Crush's catalogue. */
export type KnownProvider = { name: string; type: ProviderType; baseUrl: string; keyVariable?: string; baseUrlVariable?: string[] };

export const knownProviders: Record<string, KnownProvider> = {
  openai: {
    name: "OpenAI",
    type: "openai",
    baseUrl: "https://api.openai.com/v1",
    keyVariable: "OPENAI_API_KEY",
    baseUrlVariable: ["OPENAI_BASE_URL", "OPENAI_API_ENDPOINT"],
  },
  anthropic: {
    name: "Anthropic",
    type: "anthropic",
    baseUrl: "https://api.anthropic.com/v1",
    keyVariable: "ANTHROPIC_API_KEY",
    baseUrlVariable: ["ANTHROPIC_BASE_URL", "ANTHROPIC_API_ENDPOINT"],
  },
  gemini: {
    name: "Google Gemini",
    type: "google",
    baseUrl: "https://generativelanguage.googleapis.com/v1beta",
    keyVariable: "GEMINI_API_KEY",
    baseUrlVariable: ["GEMINI_API_ENDPOINT"],
  },
  openrouter: { name: "OpenRouter", type: "openrouter", baseUrl: "https://openrouter.ai/api/v1", keyVariable: "OPENROUTER_API_KEY" },
  deepseek: { name: "DeepSeek", type: "openai-compat", baseUrl: "https://api.deepseek.com/v1", keyVariable: "DEEPSEEK_API_KEY" },
  groq: { name: "Groq", type: "openai-compat", baseUrl: "https://api.groq.com/openai/v1", keyVariable: "GROQ_API_KEY" },
  xai: { name: "xAI", type: "openai-compat", baseUrl: "https://api.x.ai/v1", keyVariable: "XAI_API_KEY" },
  cerebras: { name: "Cerebras", type: "openai-compat", baseUrl: "https://api.cerebras.ai/v1", keyVariable: "CEREBRAS_API_KEY" },
  ollama: { name: "Ollama", type: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  lmstudio: { name: "LM Studio", type: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  llamacpp: { name: "llama.cpp", type: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
};

type Row = [
  id: string,
  name: string,
  context: number,
  output: number,
  reason: boolean,
  images: boolean,
  input: number,
  out: number,
  cached: number,
  /** Writing to the provider's cache; where it is not given, it costs as much as input and is counted so. */
  cacheWrite?: number,
];

/** What OPENAI_API_KEY alone offers. US dollars for a million tokens, from the published price list; first = large, second = small. */
const openai: Row[] = [
  ["gpt-5", "GPT-5", 400_000, 128_000, true, true, 1.25, 10, 0.125],
  ["gpt-5-mini", "GPT-5 mini", 400_000, 128_000, true, true, 0.25, 2, 0.025],
  ["gpt-5-nano", "GPT-5 nano", 400_000, 128_000, true, true, 0.05, 0.4, 0.005],
  ["gpt-4.1", "GPT-4.1", 1_047_576, 32_768, false, true, 2, 8, 0.5],
  ["gpt-4.1-mini", "GPT-4.1 mini", 1_047_576, 32_768, false, true, 0.4, 1.6, 0.1],
  ["gpt-4o", "GPT-4o", 128_000, 16_384, false, true, 2.5, 10, 1.25],
  ["gpt-4o-mini", "GPT-4o mini", 128_000, 16_384, false, true, 0.15, 0.6, 0.075],
  ["o4-mini", "o4-mini", 200_000, 100_000, true, true, 1.1, 4.4, 0.275],
];

/** What ANTHROPIC_API_KEY alone offers. As above; writes are those that last five minutes. */
const anthropic: Row[] = [
  ["claude-sonnet-5", "Claude Sonnet 5", 1_000_000, 128_000, true, true, 2, 10, 0.2, 2.5],
  ["claude-haiku-4-5", "Claude Haiku 4.5", 200_000, 64_000, true, true, 1, 5, 0.1, 1.25],
  ["claude-opus-5", "Claude Opus 5", 1_000_000, 128_000, true, true, 5, 25, 0.5, 6.25],
];

/** What GEMINI_API_KEY alone offers. As above; prices of prompts up to 200,000 tokens. */
const gemini: Row[] = [
  ["gemini-2.5-pro", "Gemini 2.5 Pro", 1_048_576, 65_536, true, true, 1.25, 10, 0.125],
  ["gemini-2.5-flash", "Gemini 2.5 Flash", 1_048_576, 65_536, true, true, 0.3, 2.5, 0.03],
  ["gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", 1_048_576, 65_536, true, true, 0.1, 0.4, 0.01],
  ["gemini-4-neon", "Gemini 4 Neon", 1_048_576, 65_536, true, true, 3, 15, 0.15],
];

const rows: Record<string, Row[]> = { openai, anthropic, gemini };

export function knownModels(provider: string, providerName: string): ModelInfo[] {
  return (rows[provider] ?? []).map(
    ([model, name, contextWindow, maxTokens, canReason, supportsImages, input, output, cacheRead, cacheWrite = 0]) => ({
      provider,
      model,
      name,
      providerName,
      contextWindow,
      maxTokens,
      canReason,
      supportsImages,
      price: { input, output, cacheRead, cacheWrite },
    }),
  );
}
