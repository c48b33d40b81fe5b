import type { AgentDefinition } from "../contracts/agent.ts";
import type { Attachments } from "../contracts/attachments.ts";
import type { Clock, Log } from "../contracts/base.ts";
import type { CompactionPlan, CompactionRequest } from "../contracts/compaction.ts";
import type { Config, ProviderConfig } from "../contracts/config.ts";
import type { Queries, Store } from "../contracts/store.ts";
import type { Jobs, Tool, ToolContext } from "../contracts/tool.ts";
import type { TimeQueries, TimeStore } from "../contracts/time.ts";
import type { TokensAnswer, TokensRequest } from "../contracts/tokens.ts";
import type { ToolSpec } from "../contracts/wire-format.ts";
import type {
  CatalogueUpdate,
  ClientEnv,
  FileHash,
  ModelInfo,
  ModelRef,
  ProjectFile,
  PromptCommand,
  ProviderCheck,
  ProviderConnected,
  ProviderList,
  ReasoningEffort,
  SearchHit,
} from "../protocol/index.ts";
import type { Planes } from "../metrics/planes.ts";
import type { LinkCounters, LinkFactory } from "./link/link.ts";

/** What the parts of a tool context are made for. */
export type ToolContextRequest = {
  session: string;
  turn: string;
  workspace: string;
  config: Config;
  env: ClientEnv;
  /** Whose change of a file it is, when an agent works for another session: undo of that one's turn takes it back, too. */
  owner?: { session: string; turn: string };
};

/** The pieces of a tool context that depend on the outside world; the coordinator adds session, turn, call, signal and progress. */
export type ToolSurroundings = Omit<ToolContext, "session" | "turn" | "call" | "signal" | "progress">;

export type JudgeRequest = { command: string; shell: "bash" | "powershell"; cwd: string /** `bash(git status *)`, ... */; rules: string[] };
/** `deny` is a command that is never run, whatever anybody answers; `pattern` is what "always" would save. */
export type Verdict = { decision: "allow" | "ask" | "deny"; why: string; pattern?: string };

/** Decisions are about exactly the contents that were shown. @throws ConfigError when a file says something else by now */
export type TrustKeeper = {
  status(request: { workspace: string; env: ClientEnv }): Promise<ProjectFile[]>;
  decide(request: { workspace: string; env: ClientEnv }, decision: "grant" | "decline", files: FileHash[]): Promise<void>;
  revoke(workspace: string): Promise<string[]>;
};

/** Keeps keys and chosen models of the user, where Crush does. @throws CommandError */
export type ProviderKeeper = {
  list(request: { env: ClientEnv; config: Config }): Promise<ProviderList>;
  /** `usual`: the model that a key alone leads to. */
  connect(
    request: { env: ClientEnv },
    wanted: { provider?: string; apiKey?: string; baseUrl?: string; force?: boolean },
  ): Promise<Omit<ProviderConnected, "model" | "usual"> & { usual?: ModelRef }>;
  choose(
    request: { env: ClientEnv },
    kind: "large" | "small",
    model: ModelRef,
    effort: ReasoningEffort | "default" | undefined,
  ): Promise<void>;
};

export type PromptCommands = {
  list(request: { workspace: string; env: ClientEnv; config: Config }): Promise<{ commands: PromptCommand[]; notices: string[] }>;
  /** undefined: there is no such command, or it is not trusted (any more). */
  expand(
    request: { workspace: string; env: ClientEnv; config: Config },
    command: { id: string; args?: string; values?: Record<string, string> },
  ): Promise<string | undefined>;
  /** Directories of the user's skills: what is in them the model may read without a question, wherever they are. */
  readable(request: { workspace: string; env: ClientEnv; config: Config }): Promise<string[]>;
};

/** What undo, redo, rewind, fork and import need. */
export type TimeParts = {
  store: TimeStore;
  queries: TimeQueries;
  diff(path: string, before: string, after: string): Promise<{ patch: string; additions: number; removals: number }>;
};

/** All that the coordinator gets from outside; the composition root puts it together. */
export type CoordinatorOptions = {
  epoch: string;
  version: string;
  build: string;
  clock: Clock;
  log: Log;
  store: Store;
  queries: Queries;
  links: LinkFactory;
  /** Counted by the links; shown by server.status. */
  linkCounters?: LinkCounters;
  /** Where the main thread's time is charged; shown by server.status. */
  planes?: Planes;
  /** Milliseconds that a burst may hold one turn of the event loop; Infinity: it is done at once. */
  sliceMs?: number;
  /** Session workers at most; by the number of cores when absent. */
  shardsMax?: number;
  /** Environment for workspaces whose client sent none: after a restart, and from programs. */
  env: ClientEnv;
  /** Changes whenever `loadConfig` would answer differently (file stats; cheap). The configuration is loaded again then. */
  configStamp(request: { workspace: string; env: ClientEnv }): Promise<string>;
  loadConfig(request: { workspace: string; env: ClientEnv }): Promise<Config>;
  /** Calls `changed` when what `loadConfig` reads may have changed on disk; the answer ends it. Without it screens are not told. */
  watchConfig?(request: { workspace: string; env: ClientEnv }, changed: () => void): () => void;
  /** Built once per session, model and configuration, so that the provider's prompt cache holds. */
  systemPrompt(request: { workspace: string; config: Config; tools: string[]; model: ModelInfo }): Promise<string[]>;
  /** Whether a worker speaks this provider's wire. */
  wire(provider: ProviderConfig): boolean;
  tools: readonly Tool[];
  /** What the model is told of tools: names, texts, JSON Schemas. */
  toolSpecs(tools: readonly Tool[], disabled: readonly string[]): ToolSpec[];
  toolContext(request: ToolContextRequest): Promise<ToolSurroundings>;
  /** The session was closed or has been idle for long: what was made for its tools may go; it is made again when needed. */
  forgetSession?(session: string): void;
  jobs: Jobs;
  judge(request: JudgeRequest): Promise<Verdict>;
  /** Keeps a rule for the workspace, beyond this server's life. */
  saveRule(workspace: string, pattern: string): Promise<void>;
  /** What the user says of projects' own configuration. Without it none of it counts. */
  trust?: TrustKeeper;
  /** What the user connects on a screen. Without it providers are configured in files only. */
  providers?: ProviderKeeper;
  /** A provider refused its key: the configuration is to be read again before the next turn. */
  keyRefused?(): void;
  /** Asks a provider whether it takes its key. `message` is for a person and holds no key. */
  checkProvider?(provider: ProviderConfig): Promise<Pick<ProviderCheck, "verdict" | "message">>;
  /** Takes the catalogue of models from somewhere. @throws CommandError */
  updateCatalogue?(env: ClientEnv, source: string | undefined): Promise<CatalogueUpdate>;
  /** Agents that count in a workspace besides ours. */
  agents?(request: { workspace: string; env: ClientEnv }): Promise<AgentDefinition[]>;
  /** An empty directory for an agent that reads the web. Absent: it works in the workspace. */
  scratch?(): Promise<{ path: string; remove(): Promise<void> }>;
  /** The demo provider, started when first asked for. */
  demo(): Promise<ProviderConfig>;
  completeFiles(request: { workspace: string; query: string; limit: number }): Promise<string[]>;
  /** Where contents that come with prompts are kept. Without it only text can be attached. */
  attachments?: Attachments;
  /** Custom commands and skills. Without it there are none. */
  promptCommands?: PromptCommands;
  /** Full-text search over all sessions, off the main thread: a word that is everywhere takes long. */
  search(request: { query: string; limit: number }): Promise<{ hits: SearchHit[]; complete: boolean }>;
  /** Where a provider reports no usage. undefined: this build has no vocabulary. Without it estimates stay. */
  countTokens?(request: TokensRequest): Promise<TokensAnswer | undefined>;
  /** Reads a conversation and says what a compaction would keep and replace; undefined when there is nothing. Without it there are none. */
  planCompaction?(request: CompactionRequest): Promise<CompactionPlan | undefined>;
  /** Without it nothing can be undone. */
  time?: TimeParts;
  /** Counters of other parts, for server.status. */
  counters?(): Record<string, number>;
  /** `server.stop` was asked for and answered: end the process in good order. */
  stop(): void;
};
