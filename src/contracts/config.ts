import type { ModelInfo, ModelRef } from "../protocol/index.ts";

/** Provider types of Crush. */
export type ProviderType =
  | "openai"
  | "openai-compat"
  | "openrouter"
  | "vercel"
  | "anthropic"
  | "google"
  | "azure"
  | "bedrock"
  | "google-vertex"
  | "hyper"
  | "litellm"
  | "llamacpp"
  | "lmstudio"
  | "ollama"
  | "omlx";

export type WireName = "openai-chat" | "openai-responses" | "anthropic" | "bedrock" | "google";

/** The wire of each type; those that are missing (azure, google-vertex, hyper) have none yet. */
export const wireOfType: Partial<Record<ProviderType, WireName>> = {
  openai: "openai-chat",
  "openai-compat": "openai-chat",
  openrouter: "openai-chat",
  vercel: "openai-chat",
  litellm: "openai-chat",
  llamacpp: "openai-chat",
  lmstudio: "openai-chat",
  ollama: "openai-chat",
  omlx: "openai-chat",
  anthropic: "anthropic",
  bedrock: "bedrock",
  google: "google",
};

/** What a model whose size and prices nobody told us is taken to be. */
export const unknownModel = {
  contextWindow: 128_000,
  maxTokens: 8_192,
  canReason: false,
  supportsImages: false,
  price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
};

export type ProviderConfig = {
  id: string;
  name: string;
  type: ProviderType;
  baseUrl: string;
  /** Expanded; absent when it resolved to nothing. Never logged. */
  apiKey?: string;
  extraHeaders: Record<string, string>;
  extraBody: Record<string, unknown>;
  providerOptions: Record<string, unknown>;
  systemPromptPrefix?: string;
  flatRate: boolean;
  models: ModelInfo[];
};

export type SelectedModel = ModelRef & {
  reasoningEffort?: "low" | "medium" | "high";
  think?: boolean;
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  providerOptions?: Record<string, unknown>;
};

/** Something of a file that was not taken, and why: a person is told. */
export type ConfigNotice = { file: string; key?: string; line?: number; message: string };

/** The merged, expanded and checked configuration of one workspace. */
export type Config = {
  providers: ProviderConfig[];
  large?: SelectedModel;
  small?: SelectedModel;
  options: {
    contextPaths: string[];
    globalContextPaths: string[];
    debug: boolean;
    disabledTools: string[];
    disableAutoSummarize: boolean;
    attribution: { trailerStyle: "none" | "co-authored-by" | "assisted-by"; generatedWith: boolean };
    initializeAs: string;
    notifications: "auto" | "native" | "osc" | "bell" | "disabled";
    tui: {
      compactMode: boolean;
      diffMode: "unified" | "split";
      completionsMaxDepth: number;
      completionsMaxItems: number;
      transparent: boolean;
    };
  };
  permissions: { allowedTools: string[] /** `tool(pattern)` rules that a user saved with "always". */; rules: string[] };
  tools: { lsMaxDepth: number; lsMaxItems: number; grepTimeoutMs: number; globTimeoutMs: number };
  /** `env` of the configuration, expanded: for tools' children. */
  env: Record<string, string>;
  notices: ConfigNotice[];
  /** Files that it was read from, low to high. */
  files: string[];
  /** True when no provider is usable: the demo provider answers. */
  demo: boolean;
};
