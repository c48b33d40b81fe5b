import { toolSpecs } from "../../../src/tools/index.ts";
import { z } from "zod";
import type { Config, ProviderConfig } from "../../../src/contracts/config.ts";
import type { Coordinator, Peer, PeerPort } from "../../../src/contracts/coordinator.ts";
import type { Tool, ToolContext, ToolIntent, ToolResult } from "../../../src/contracts/tool.ts";
import { type CoordinatorOptions, openCoordinator } from "../../../src/coordinator/index.ts";
import type { DurableEvent, DurableKind, MethodName, Params, Result, Scope, ServerFrame } from "../../../src/protocol/index.ts";
import { FakeClock } from "./clock.ts";
import { FakeWorkers } from "./fake-links.ts";
import { MemoryStore } from "./memory-store.ts";

export const workspace = "/work/project";

const model = (name: string): ProviderConfig["models"][number] => ({
  provider: "test",
  model: name,
  name,
  providerName: "Test",
  contextWindow: 100_000,
  maxTokens: 4_000,
  canReason: false,
  supportsImages: false,
  price: { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 },
});

export const provider: ProviderConfig = {
  id: "test",
  name: "Test",
  type: "openai-compat",
  baseUrl: "http://127.0.0.1:1/v1",
  extraHeaders: {},
  extraBody: {},
  providerOptions: {},
  flatRate: false,
  models: [model("big"), model("small")],
};

export const config = (change: Partial<Config> = {}): Config => ({
  providers: [provider],
  large: { provider: "test", model: "big" },
  small: { provider: "test", model: "small" },
  mcp: [],
  lsp: [],
  hooks: [],
  options: {
    contextPaths: [],
    globalContextPaths: [],
    skillsPaths: [],
    debug: false,
    debugLsp: false,
    dataDirectory: ".crush",
    disabledTools: [],
    disabledSkills: [],
    disableProviderAutoUpdate: false,
    disableDefaultProviders: false,
    disableMetrics: false,
    autoLsp: true,
    progress: true,
    disableAutoSummarize: false,
    attribution: { trailerStyle: "none", generatedWith: false },
    initializeAs: "AGENTS.md",
    notifications: "auto",
    tui: {
      compactMode: false,
      diffMode: "unified",
      completionsMaxDepth: 0,
      completionsMaxItems: 0,
      transparent: false,
      scrollbar: "default",
    },
    node: { theme: "auto", keys: {} },
  },
  permissions: { allowedTools: [], rules: [] },
  tools: { lsMaxDepth: 0, lsMaxItems: 0, grepTimeoutMs: 0, globTimeoutMs: 0 },
  env: {},
  notices: [],
  files: [],
  untrusted: [],
  demo: false,
  ...change,
});

const anyInput = z.object({ value: z.string() });

/** A tool that says what it was given. */
export const tool = (
  name: string,
  options: { intent?: ToolIntent; parallel?: boolean; run?: (value: string, context: ToolContext) => Promise<ToolResult> } = {},
): Tool =>
  ({
    name,
    description: name,
    input: anyInput,
    parallel: options.parallel ?? false,
    intent: () => options.intent ?? { action: "none", title: name },
    run: async ({ value }: { value: string }, context: ToolContext) => options.run?.(value, context) ?? { text: `${name} said ${value}` },
  }) as Tool;

export class FakePeer implements Peer {
  readonly id: number;
  readonly name: string;
  readonly scope: Scope;
  readonly frames: ServerFrame[] = [];
  drain: () => Promise<void> = async () => {};
  /** What the client does with a frame, in the same turn of the event loop. */
  onFrame: ((frame: ServerFrame) => void) | undefined;

  constructor(id: number, scope: Scope = "admin", name = `client ${id}`) {
    this.id = id;
    this.scope = scope;
    this.name = name;
  }

  send(frame: ServerFrame): void {
    this.frames.push(structuredClone(frame));
    this.onFrame?.(frame);
  }

  drained(): Promise<void> {
    return this.drain();
  }

  get events(): DurableEvent[] {
    return this.frames.filter((frame): frame is DurableEvent => "type" in frame && frame.type === "event");
  }

  kinds(): DurableKind[] {
    return this.events.map(({ kind }) => kind);
  }
}

/** Lets everything that is under way come to rest: nothing here needs real time. */
export const settle = async (turns = 60): Promise<void> => {
  for (let at = 0; at < turns; at++) await new Promise((resolve) => setImmediate(resolve));
};

export type Harness = {
  store: MemoryStore;
  workers: FakeWorkers;
  clock: FakeClock;
  coordinator: Coordinator;
  peer: FakePeer;
  port: PeerPort;
  logs: string[];
  saved: string[];
  stopped: () => boolean;
  request<M extends MethodName>(method: M, params: Params<M>, key?: string): Promise<Result<M>>;
  /** A session, subscribed to from its beginning. */
  session(change?: Partial<Params<"session.create">>): Promise<string>;
  connect(scope?: Scope, name?: string): { peer: FakePeer; port: PeerPort };
};

export async function harness(change: Partial<CoordinatorOptions> & { store?: MemoryStore; config?: Config } = {}): Promise<Harness> {
  const store = change.store ?? new MemoryStore();
  const workers = new FakeWorkers();
  const clock = new FakeClock();
  const logs: string[] = [];
  const saved: string[] = [];
  let stopped = false;
  const log = (message: string, fields?: Record<string, unknown>): void => void logs.push(`${message} ${JSON.stringify(fields ?? {})}`);
  const { config: given, ...options } = change;
  const coordinator = await openCoordinator({
    epoch: "epoch",
    version: "1",
    build: "b",
    toolSpecs,
    clock,
    log: { debug: log, info: log, warn: log, error: log },
    links: workers.factory,
    shardsMax: 2,
    // What is told comes at once, however slow the machine is; slices.test.ts has the rest.
    sliceMs: Number.POSITIVE_INFINITY,
    env: {},
    configStamp: async () => "1",
    loadConfig: async () => given ?? config(),
    systemPrompt: async () => ["You are a test."],
    wire: () => true,
    tools: [],
    toolContext: async () =>
      ({
        files: {
          workspace,
          resolve: async (path: string) => ({ path, real: path, inside: path.startsWith(`${workspace}/`) || path === workspace }),
        },
      }) as never,
    jobs: { list: () => [], kill: async () => undefined } as never,
    judge: async ({ command, rules }) => {
      if (command.startsWith("sudo")) return { decision: "deny", why: "sudo is never run" };
      const pattern = `bash(${command.split(" ")[0]} *)`;
      return command === "ls" || rules.includes(pattern)
        ? { decision: "allow", why: "known" }
        : { decision: "ask", why: "not known", pattern };
    },
    saveRule: async (_, pattern) => void saved.push(pattern),
    demo: async () => ({ ...provider, id: "demo" }),
    search: async () => ({ hits: [], complete: true }),
    completeFiles: async ({ query }) => [query],
    stop: () => {
      stopped = true;
    },
    ...options,
    store,
    queries: change.queries ?? store,
  });
  let peers = 0;
  const connect = (scope: Scope = "admin", name?: string): { peer: FakePeer; port: PeerPort } => {
    const peer = new FakePeer(++peers, scope, name);
    return { peer, port: coordinator.connect(peer) };
  };
  const { peer, port } = connect();
  const request: Harness["request"] = (method, params, key) => port.request(method, params, key);
  return {
    store,
    workers,
    clock,
    coordinator,
    peer,
    port,
    logs,
    saved,
    stopped: () => stopped,
    request,
    connect,
    async session(change = {}) {
      const { session } = await request("session.create", { workspace, title: "Test", ...change });
      await request("session.subscribe", { session: session.id, after: 0, deltas: true });
      await settle(10);
      return session.id;
    },
  };
}

/** The results of a session, by call. */
export const results = (store: MemoryStore, session: string): Map<string, { text: string; isError: boolean }[]> => {
  const all = new Map<string, { text: string; isError: boolean }[]>();
  for (const part of store.conversation(session).flatMap(({ parts }) => parts)) {
    if (part.kind === "tool_result") all.set(part.call, [...(all.get(part.call) ?? []), { text: part.text, isError: part.isError }]);
  }
  return all;
};

export const completed = (store: MemoryStore, session: string): Extract<DurableEvent, { kind: "turn.completed" }>[] =>
  store
    .events(session, 0, 1e6)
    .filter((event): event is Extract<DurableEvent, { kind: "turn.completed" }> => event.kind === "turn.completed");
