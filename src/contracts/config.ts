import type { ModelInfo, ModelRef, ReasoningEffort } from "../protocol/index.ts";

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

export type WireName = "openai-chat" | "openai-responses" | "anthropic" | "bedrock" | "google" | "vertex-gemini" | "vertex-anthropic";

/** The wire of each type, where neither address nor model say otherwise; hyper has none. */
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
  azure: "openai-responses",
  "google-vertex": "vertex-gemini",
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
  /** Ask the provider for its models, too. */
  discoverModels?: boolean;
  /** What of the environment signs its requests (Amazon, Google), by the variables' names. Never logged. */
  access?: Record<string, string>;
  /** Command that renews Amazon's credentials. */
  awsAuthRefresh?: string;
  models: ModelInfo[];
  /** `options` of models in the configuration, by the models' ids: what counts where nothing else is chosen. */
  modelSettings?: Record<string, ModelSettings>;
};

export type ModelSettings = Omit<SelectedModel, "provider" | "model">;

export type SelectedModel = ModelRef & {
  reasoningEffort?: ReasoningEffort;
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

/** A file of the project whose user has not said yes to exactly these contents. What it would set does not count. */
export type UntrustedFile = {
  file: string;
  /** SHA-256 of its bytes, in hex: what a yes is given to. */
  hash: string;
  /** changed: other contents of this file were trusted. */
  state: "new" | "changed";
  /** Keys that are left out; of a script none, since it is not run. */
  keys: string[];
  script: boolean;
  /** The user was asked about these contents and said no: not to be asked again. */
  declined: boolean;
};

/** A project's file that would set something which needs its user's yes. */
export type ProjectFileState = {
  file: string;
  hash: string;
  state: "new" | "changed" | "trusted" | "declined";
  script: boolean;
  /** What it would set; of a script nothing, since only running it would tell. */
  keys: string[];
  text: string;
  /** The contents that were trusted. */
  before?: string;
};

export type McpServer = {
  name: string;
  type: "stdio" | "sse" | "http";
  command?: string;
  args: string[];
  env: Record<string, string>;
  url?: string;
  headers: Record<string, string>;
  disabledTools: string[];
  /** Only these, when any is named. */
  enabledTools: string[];
  timeoutMs: number;
  oauth: boolean;
  oauthClientId?: string;
  oauthClientSecret?: string;
  oauthCallbackPort?: number;
};

/** What is absent is for the catalogue of servers to fill in. */
export type LspServer = {
  name: string;
  command?: string;
  args: string[];
  env: Record<string, string>;
  filetypes: string[];
  rootMarkers: string[];
  initOptions?: Record<string, unknown>;
  options?: Record<string, unknown>;
  timeoutMs: number;
};

/** `matcher` is a regular expression on the tool's name; without one it is for every tool. */
export type HookConfig = { event: "PreToolUse"; command: string; name?: string; matcher?: string; timeoutMs: number };

/** Styles by name, as text; checked by whoever knows the names. */
export type ThemeFile = { file: string; base?: string; styles: Record<string, string> };

/** Key bindings of the user: scope, action, strokes. Checked by whoever knows the actions. */
export type KeyBindings = Record<string, Record<string, string[]>>;

/** The merged, expanded and checked configuration of one workspace. */
export type Config = {
  providers: ProviderConfig[];
  large?: SelectedModel;
  small?: SelectedModel;
  mcp: McpServer[];
  lsp: LspServer[];
  hooks: HookConfig[];
  options: {
    contextPaths: string[];
    globalContextPaths: string[];
    skillsPaths: string[];
    debug: boolean;
    debugLsp: boolean;
    /** Crush's directory of a workspace (".crush"), where its own overrides of the configuration are. Ours is elsewhere. */
    dataDirectory: string;
    disabledTools: string[];
    disabledSkills: string[];
    disableProviderAutoUpdate: boolean;
    disableDefaultProviders: boolean;
    /** Kept for Crush: nothing is ever reported here. */
    disableMetrics: boolean;
    autoLsp: boolean;
    progress: boolean;
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
      scrollbar: "default" | "always" | "never";
    };
    /** Ours alone (`options.node`). */
    node: {
      /** auto, dark, light, ansi, or a file's name in the themes directory. */
      theme: string;
      /** The user's file of that name. */
      themeFile?: ThemeFile;
      keys: KeyBindings;
      /** Share of the context window at which a conversation is compacted; absent: Crush's threshold. */
      compactAt?: number;
      /** Tokens of recent turns that a compaction keeps word by word, at most. */
      compactKeep?: number;
      /** US dollars that a turn and a session may cost. */
      budget?: { turn?: number; session?: number };
    };
  };
  permissions: { allowedTools: string[] /** `tool(pattern)` rules that a user saved with "always". */; rules: string[] };
  tools: { lsMaxDepth: number; lsMaxItems: number; grepTimeoutMs: number; globTimeoutMs: number };
  /** `env` of the configuration, expanded: for tools' children. */
  env: Record<string, string>;
  notices: ConfigNotice[];
  /** Files that it was read from, low to high. */
  files: string[];
  /** Files of the project that wait for a yes. */
  untrusted: UntrustedFile[];
  /** True when no provider is usable: the demo provider answers. */
  demo: boolean;
};
