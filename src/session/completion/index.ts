// All completions of a worker, and the conversations and arenas that they are sent from.
import type { Clock } from "../../contracts/base.ts";
import type { ProviderConfig } from "../../contracts/config.ts";
import type { ToMain } from "../../contracts/link.ts";
import type { Queries } from "../../contracts/store.ts";
import type { CompletionRequest, WireFormat } from "../../contracts/wire-format.ts";
import type { Delta, DurableEvent, Message } from "../../protocol/index.ts";
import { type Arena, type Body, openArena } from "./arena.ts";
import { openConnections } from "./connection.ts";
import { type Conversation, openConversation } from "./conversation.ts";
import { type Completion, type CompletionPort, type CompletionStart, startCompletion } from "./run.ts";
import { type Ticks, unwatchedTicksPerSecond } from "./ticks.ts";

/** Messages read at once from the store: about 1 ms; between pages other sessions get their tick. */
const loadPageMessages = 64;
/** Arenas of one session: one for the model in use and one for the model before it. Titles and such have none. */
const arenasMax = 2;

export type CompletionsOptions = {
  clock: Clock;
  ticks: Ticks;
  /** Opened when first asked for. */
  queries(): Promise<Queries>;
  /** undefined: nobody speaks this provider's wire. */
  wireFor(provider: ProviderConfig): WireFormat | undefined;
  /** Whether somebody sees the session's text as it comes. */
  watched(session: string): boolean;
  deltas(deltas: Delta[]): void;
  report: CompletionPort["report"];
  activity: CompletionPort["activity"];
  count(name: string, by: number): void;
};

export interface Completions {
  start(start: CompletionStart): void;
  cancel(completion: string): void;
  events(session: string, events: readonly DurableEvent[]): void;
  forget(session: string): void;
  /** Reads what has gathered for all of them. */
  drain(): void;
  readonly running: number;
  /** Cancels all of them. */
  close(): void;
}

/** What a worker holds of a session for its prompts, from its first completion to `forget`. */
type Held = { conversation: Conversation; loaded: Promise<void>; early: DurableEvent[] | undefined; arenas: Map<string, Arena> };

export function openCompletions(options: CompletionsOptions): Completions {
  const { clock, ticks } = options;
  const connections = openConnections(clock);
  const held = new Map<string, Held>();
  const running = new Map<string, Completion>();
  const pacedMs = ticks.intervalMs;
  const unwatchedMs = 1_000 / unwatchedTicksPerSecond;

  async function load(session: string, into: Held): Promise<void> {
    const queries = await options.queries();
    let after: string | undefined;
    for (;;) {
      const page: Message[] = queries.conversation(session, { ...(after === undefined ? {} : { after }), limit: loadPageMessages });
      for (const message of page) into.conversation.load(message);
      after = page.at(-1)?.id;
      if (page.length < loadPageMessages) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    // Events that came meanwhile were told after what they speak of had been written: some of it was in the pages.
    for (const event of into.early ?? []) into.conversation.apply(event);
    into.early = undefined;
  }
  const hold = (session: string): Held => {
    let mine = held.get(session);
    if (!mine) {
      const made: Held = { conversation: openConversation(session), loaded: Promise.resolve(), early: [], arenas: new Map() };
      made.loaded = load(session, made);
      // A conversation that could not be read is read again for the next request.
      made.loaded.catch(() => held.get(session) === made && held.delete(session));
      held.set(session, made);
      mine = made;
    }
    return mine;
  };
  const arenaFor = (mine: Held, wire: WireFormat, request: CompletionRequest): Arena => {
    const key = JSON.stringify([wire.id, request.provider.id, request.model.model]);
    const arena = mine.arenas.get(key) ?? openArena(wire, mine.conversation);
    // Put last again: the first one is the one that was not used for longest.
    mine.arenas.delete(key);
    mine.arenas.set(key, arena);
    for (const [old, { close }] of mine.arenas) {
      if (mine.arenas.size <= arenasMax) break;
      close();
      mine.arenas.delete(old);
    }
    return arena;
  };

  async function body(start: CompletionStart, wire: WireFormat): Promise<Body> {
    const { request, session, turn } = start;
    if (start.conversation) {
      const beside = openConversation(session);
      for (const message of start.conversation) beside.load(message);
      return openArena(wire, beside).body(turn, request);
    }
    const mine = hold(session);
    await mine.loaded;
    const made = arenaFor(mine, wire, request).body(turn, request);
    options.count("prompt_messages_serialised", made.fresh);
    options.count("prompt_bytes", made.bytes);
    return made;
  }

  const refuse = (start: CompletionStart): void => {
    const { completion, session, turn, request } = start;
    const { provider } = request;
    const error = `Provider ${provider.name} is of type ${provider.type}, which is not supported: use type openai, openai-compat, anthropic or google, by what its address speaks`;
    const now = clock.now();
    const message: Message = {
      id: start.message,
      session,
      turn,
      role: "assistant",
      createdAt: now,
      finishedAt: now,
      finish: "error",
      error,
      abandoned: true,
      parts: [],
    };
    options.report({
      t: "completion.end",
      completion,
      session,
      message,
      outcome: { status: "failed", fault: { kind: "bad_request", message: error, retryable: false } },
      timing: { connectMs: 0, firstByteMs: 0, totalMs: 0, bytes: 0 },
    });
  };

  return {
    start(start) {
      if (running.has(start.completion)) return;
      const wire = options.wireFor(start.request.provider);
      if (!wire) return refuse(start);
      options.count("completions", 1);
      const done = (message: Extract<ToMain, { t: "completion.retry" | "completion.end" }>): void => {
        if (message.t === "completion.end") {
          running.delete(start.completion);
          options.count("provider_bytes", message.timing.bytes);
        }
        options.report(message);
      };
      running.set(
        start.completion,
        startCompletion(start, {
          clock,
          connections,
          ticks,
          wire,
          body: () => body(start, wire),
          callKnown: (call) => held.get(start.session)?.conversation.knows(call) ?? false,
          interval: () => (options.watched(start.session) ? pacedMs : unwatchedMs),
          deltas: options.deltas,
          report: done,
          activity: options.activity,
          count: options.count,
        }),
      );
    },
    cancel: (completion) => running.get(completion)?.cancel(),
    events(session, events) {
      const mine = held.get(session);
      if (!mine) return;
      if (mine.early) mine.early.push(...events);
      else for (const event of events) mine.conversation.apply(event);
    },
    forget: (session) => void held.delete(session),
    drain() {
      for (const completion of running.values()) completion.drain();
    },
    get running() {
      return running.size;
    },
    close() {
      for (const completion of running.values()) completion.cancel();
      connections.close();
    },
  };
}
