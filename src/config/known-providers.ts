import type { ProviderType } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { table } from "./catalogue-table.ts";

/** A provider that needs no more than a key. Addresses as published by the providers; ids and variables as in Crush's catalogue. */
export type KnownProvider = {
  name: string;
  type: ProviderType;
  baseUrl: string;
  keyVariable?: string;
  baseUrlVariable?: string[];
  /** Its models that answer unless somebody chose another one: the first for the work, the second for titles and the like. */
  usual?: readonly [large: string, small: string];
};

/** What the catalogue that was fetched last says, by its ids of providers. */
export type FetchedModels = Record<string, Omit<ModelInfo, "provider" | "providerName">[]>;

const compatible = (name: string, baseUrl: string, keyVariable: string, usual?: readonly [string, string]): KnownProvider => ({
  name,
  type: "openai-compat",
  baseUrl,
  keyVariable,
  ...(usual ? { usual } : {}),
});

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
  openrouter: {
    name: "OpenRouter",
    type: "openrouter",
    baseUrl: "https://openrouter.ai/api/v1",
    keyVariable: "OPENROUTER_API_KEY",
    usual: ["anthropic/claude-sonnet-5", "anthropic/claude-haiku-4.5"],
  },
  vercel: { name: "Vercel AI Gateway", type: "vercel", baseUrl: "https://ai-gateway.vercel.sh/v1", keyVariable: "VERCEL_API_KEY" },
  deepseek: compatible("DeepSeek", "https://api.deepseek.com/v1", "DEEPSEEK_API_KEY", ["deepseek-v4-pro", "deepseek-v4-flash"]),
  groq: compatible("Groq", "https://api.groq.com/openai/v1", "GROQ_API_KEY", ["openai/gpt-oss-120b", "openai/gpt-oss-20b"]),
  xai: compatible("xAI", "https://api.x.ai/v1", "XAI_API_KEY", ["grok-4.6", "grok-4-1-fast-non-reasoning"]),
  cerebras: compatible("Cerebras", "https://api.cerebras.ai/v1", "CEREBRAS_API_KEY", ["zai-glm-4.7", "gpt-oss-120b"]),
  moonshot: compatible("Moonshot", "https://api.moonshot.ai/v1", "MOONSHOT_API_KEY", ["kimi-k3", "kimi-k2.6"]),
  "kimi-coding": { name: "Kimi Coding", type: "anthropic", baseUrl: "https://api.kimi.com/coding", keyVariable: "KIMI_CODING_API_KEY" },
  minimax: { name: "MiniMax", type: "anthropic", baseUrl: "https://api.minimax.io/anthropic", keyVariable: "MINIMAX_API_KEY" },
  "minimax-china": {
    name: "MiniMax China",
    type: "anthropic",
    baseUrl: "https://api.minimaxi.com/anthropic",
    keyVariable: "MINIMAX_API_KEY",
  },
  zai: compatible("Z.AI", "https://api.z.ai/api/coding/paas/v4", "ZAI_API_KEY"),
  zhipu: compatible("Zhipu", "https://open.bigmodel.cn/api/paas/v4", "ZHIPU_API_KEY"),
  "zhipu-coding": compatible("Zhipu Coding", "https://open.bigmodel.cn/api/coding/paas/v4", "ZHIPU_API_KEY"),
  aihubmix: compatible("AIHubMix", "https://aihubmix.com/v1", "AIHUBMIX_API_KEY"),
  "alibaba-singapore": compatible(
    "Alibaba Singapore",
    "https://dashscope-intl.aliyuncs.com/compatible-mode/v1",
    "ALIBABA_SINGAPORE_API_KEY",
  ),
  "alibaba-us": compatible("Alibaba US", "https://dashscope-us.aliyuncs.com/compatible-mode/v1", "ALIBABA_US_API_KEY"),
  atlascloud: compatible("Atlas Cloud", "https://api.atlascloud.ai/v1", "ATLASCLOUD_API_KEY"),
  avian: compatible("Avian", "https://api.avian.io/v1", "AVIAN_API_KEY"),
  baseten: compatible("Baseten", "https://inference.baseten.co/v1", "BASETEN_API_KEY"),
  chutes: compatible("Chutes", "https://llm.chutes.ai/v1", "CHUTES_API_KEY"),
  cortecs: compatible("Cortecs", "https://api.cortecs.ai/v1", "CORTECS_API_KEY"),
  fireworks: compatible("Fireworks", "https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
  huggingface: compatible("Hugging Face", "https://router.huggingface.co/v1", "HF_TOKEN"),
  ionet: compatible("io.net", "https://api.intelligence.io.solutions/api/v1", "IONET_API_KEY"),
  nebius: compatible("Nebius", "https://api.tokenfactory.nebius.com/v1", "NEBIUS_API_KEY"),
  neuralwatt: compatible("Neuralwatt", "https://api.neuralwatt.com/v1", "NEURALWATT_API_KEY"),
  "opencode-zen": compatible("OpenCode Zen", "https://opencode.ai/zen/v1", "OPENCODE_API_KEY"),
  "opencode-go": compatible("OpenCode Go", "https://opencode.ai/zen/go/v1", "OPENCODE_API_KEY"),
  qiniucloud: compatible("Qiniu Cloud", "https://api.qnaigc.com/v1", "QINIUCLOUD_API_KEY"),
  scaleway: compatible("Scaleway", "https://api.scaleway.ai/v1", "SCW_SECRET_KEY"),
  synthetic: compatible("Synthetic", "https://api.synthetic.new/openai/v1", "SYNTHETIC_API_KEY"),
  venice: compatible("Venice", "https://api.venice.ai/api/v1", "VENICE_API_KEY"),
  ollama: { name: "Ollama", type: "ollama", baseUrl: "http://127.0.0.1:11434/v1" },
  lmstudio: { name: "LM Studio", type: "lmstudio", baseUrl: "http://127.0.0.1:1234/v1" },
  llamacpp: { name: "llama.cpp", type: "llamacpp", baseUrl: "http://127.0.0.1:8080/v1" },
};

/** Which models answer first where more than a key is needed (clouds.ts), and at the providers whose models are listed by hand below. */
const usual: Record<string, readonly [large: string, small: string]> = {
  openai: ["gpt-5", "gpt-5-mini"],
  anthropic: ["claude-sonnet-5", "claude-haiku-4-5"],
  gemini: ["gemini-2.5-pro", "gemini-2.5-flash"],
  azure: ["gpt-5", "gpt-5-mini"],
  bedrock: ["global.anthropic.claude-sonnet-5-v1:0", "global.anthropic.claude-haiku-4-5-20251001-v1:0"],
  vertexai: ["gemini-3.1-pro-preview", "gemini-3.5-flash"],
};

/**
 * The models of a provider that we know of, the usual ones first: those of the fetched catalogue, then embedded ones that it lacks.
 * @param as  the id that it goes by in the configuration
 */
export function knownModels(provider: string, providerName: string, as = provider, fetched: FetchedModels = {}): ModelInfo[] {
  const newer = (fetched[provider] ?? []).map((model): ModelInfo => ({ ...model, provider: as, providerName }));
  // The same models at more than one address.
  const rows = (table[provider === "minimax-china" ? "minimax" : provider] ?? "").trim();
  const embedded = rows === "" ? [] : rows.split("\n").map((row) => modelOf(row.split("|"), as, providerName));
  const models = [...newer, ...embedded.filter(({ model }) => !newer.some((one) => one.model === model))];
  const first: readonly string[] = usual[provider] ?? knownProviders[provider]?.usual ?? [];
  const rank = ({ model }: ModelInfo): number => (first.includes(model) ? first.indexOf(model) : first.length);
  return models.sort((a, b) => rank(a) - rank(b));
}

/** The model that answers when nobody has chosen; undefined where none is usual. */
export const usualModel = (provider: string, providerName: string): ModelInfo | undefined =>
  (usual[provider] ?? knownProviders[provider]?.usual) ? knownModels(provider, providerName)[0] : undefined;

function modelOf(cells: string[], provider: string, providerName: string): ModelInfo {
  const [model = "", name = "", window = "", output = "", flags = "", ...prices] = cells;
  // Where the cache has no prices of its own, its tokens cost what all do.
  const [input = 0, out = 0, cacheRead = input, cacheWrite = input] = prices.map(Number);
  return {
    provider,
    model,
    name: name || model,
    providerName,
    contextWindow: Number(window),
    maxTokens: Number(output),
    canReason: flags.includes("t"),
    supportsImages: flags.includes("i"),
    price: { input, output: out, cacheRead, cacheWrite },
  };
}
