import type { Clock, Log } from "../../../src/contracts/base.ts";
import type { ProviderConfig } from "../../../src/contracts/config.ts";
import type { ToMain, ToWorker } from "../../../src/contracts/link.ts";
import type { Queries } from "../../../src/contracts/store.ts";
import type { CompletionRequest } from "../../../src/contracts/wire-format.ts";
import type { Message } from "../../../src/protocol/index.ts";
import { openWireFormats } from "../../../src/providers/index.ts";
import { openSessionHost, type SessionHost, type SessionHostOptions } from "../../../src/session/index.ts";

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Time that runs `factor` times as fast: pauses of seconds take no seconds here. */
export function fastClock(factor: number): Clock {
  const from = Date.now();
  return {
    now: () => from + (Date.now() - from) * factor,
    after(ms, run) {
      const timer = setTimeout(run, ms / factor);
      return () => clearTimeout(timer);
    },
  };
}

export const providerAt = (baseUrl: string): ProviderConfig => ({
  id: "sim",
  name: "Simulator",
  type: "openai-compat",
  baseUrl,
  apiKey: "k",
  extraHeaders: {},
  extraBody: {},
  providerOptions: {},
  flatRate: false,
  models: [],
});
export const requestTo = (baseUrl: string, more: Partial<CompletionRequest> = {}): CompletionRequest => ({
  provider: providerAt(baseUrl),
  model: { provider: "sim", model: "sim-1", maxOutputTokens: 1_000, contextWindow: 100_000 },
  system: ["be brief"],
  tools: [],
  idleTimeoutMs: 10_000,
  headersTimeoutMs: 10_000,
  retriesMax: 3,
  ...more,
});
export const userMessage = (session: string, turn: string, text: string, id: string = crypto.randomUUID()): Message => ({
  id,
  session,
  turn,
  role: "user",
  createdAt: 1,
  finishedAt: 1,
  parts: [{ id: `${id}:0`, index: 0, kind: "text", text }],
});

export const wires = openWireFormats("dist/kernels");

/** Only what a worker reads. */
export const queriesOf = (messages: Message[]): Queries =>
  ({
    prompted(session: string, { after, limit }: { after?: string; limit: number }) {
      const own = messages.filter((message) => message.session === session);
      const from = after === undefined ? 0 : own.findIndex((message) => message.id === after) + 1;
      const page = own.slice(from, from + limit);
      return { messages: page, ...(page.length === limit && { next: page.at(-1)!.id }) };
    },
    close() {},
  }) as unknown as Queries;

export type End = Extract<ToMain, { t: "completion.end" }>;
export type Rig = {
  host: SessionHost;
  batches: ToMain[][];
  all(): ToMain[];
  of<T extends ToMain["t"]>(t: T): Extract<ToMain, { t: T }>[];
  /** Sends messages in one batch. */
  send(...messages: ToWorker[]): void;
  ended(completion: string): Promise<End>;
  /** Resolves when a posted message fits. */
  until<T extends ToMain>(fits: (message: ToMain) => message is T): Promise<T>;
  text(message: string): string;
};

export function rig(more: Partial<SessionHostOptions> = {}): Rig {
  const batches: ToMain[][] = [];
  const waiting: { fits(message: ToMain): boolean; resolve(message: ToMain): void }[] = [];
  const host = openSessionHost({
    setup: { database: "", kernels: "", shard: 0, ticksPerSecond: 30 },
    clock: systemClock,
    log: silentLog,
    openQueries: async () => queriesOf([]),
    wireFor: wires,
    post(batch) {
      // Plain data only: what cannot be cloned cannot cross.
      const copy = structuredClone(batch);
      batches.push(copy);
      for (const each of [...waiting]) {
        const found = copy.find((message) => each.fits(message));
        if (!found) continue;
        waiting.splice(waiting.indexOf(each), 1);
        each.resolve(found);
      }
    },
    ...more,
  });
  const all = (): ToMain[] => batches.flat();
  const until = <T extends ToMain>(fits: (message: ToMain) => message is T): Promise<T> => {
    const known = all().find(fits);
    return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push({ fits, resolve: resolve as (message: ToMain) => void }));
  };
  return {
    host,
    batches,
    all,
    until,
    of: <T extends ToMain["t"]>(t: T) => all().filter((message): message is Extract<ToMain, { t: T }> => message.t === t),
    send: (...messages) => host.receive(messages),
    ended: (completion) => until((message): message is End => message.t === "completion.end" && message.completion === completion),
    text(message) {
      let text = "";
      for (const batch of all()) {
        if (batch.t !== "deltas") continue;
        for (const delta of batch.deltas) {
          if (delta.message !== message || delta.kind !== "text") continue;
          if (delta.offset !== text.length) throw new Error(`gap: offset ${delta.offset} after ${text.length}`);
          text += delta.text;
        }
      }
      return text;
    },
  };
}

let lastCompletion = 0;
/** A completion.start with a conversation of one user message beside the store. */
export function start(
  url: string,
  more: Partial<Extract<ToWorker, { t: "completion.start" }>> & { ask?: Partial<CompletionRequest> } = {},
): Extract<ToWorker, { t: "completion.start" }> {
  const number = ++lastCompletion;
  const session = more.session ?? `s${number}`;
  const { ask, ...rest } = more;
  return {
    t: "completion.start",
    session,
    turn: "t1",
    completion: `c${number}`,
    message: `m${number}`,
    attemptMessages: [`m${number}b`, `m${number}c`, `m${number}d`],
    request: requestTo(url, ask),
    conversation: [userMessage(session, "t1", "hello")],
    ...rest,
  };
}
