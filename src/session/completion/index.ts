// All completions of a worker.
import type { Clock } from "../../contracts/base.ts";
import type { ProviderConfig } from "../../contracts/config.ts";
import type { ToMain } from "../../contracts/link.ts";
import type { Queries } from "../../contracts/store.ts";
import type { WireFormat } from "../../contracts/wire-format.ts";
import type { Delta, DurableEvent, Message } from "../../protocol/index.ts";
import { type Body, openArena } from "./arena.ts";
import { openConnections } from "./connection.ts";
import { openConversation } from "./conversation.ts";
import { openHolder } from "./held.ts";
import { type Completion, type CompletionPort, type CompletionStart, startCompletion } from "./run.ts";
import { type Ticks, unwatchedTicksPerSecond } from "./ticks.ts";

export type CompletionsOptions = {
  clock: Clock;
  ticks: Ticks;
  /** Opened when first asked for. */
  queries(): Promise<Queries>;
  /** undefined: nobody speaks this provider's wire. */
  wireFor(provider: ProviderConfig, model: string): WireFormat | undefined;
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
  /** Sessions of which something is kept. */
  readonly held: number;
  /** Cancels all of them. */
  close(): void;
}

export function openCompletions(options: CompletionsOptions): Completions {
  const { clock, ticks } = options;
  const connections = openConnections(clock);
  const holder = openHolder(options);
  const running = new Map<string, Completion>();
  const pacedMs = ticks.intervalMs;
  const unwatchedMs = 1_000 / unwatchedTicksPerSecond;

  async function body(start: CompletionStart, wire: WireFormat): Promise<Body> {
    const { request, session, turn } = start;
    if (start.conversation) {
      const beside = openConversation(session);
      for (const message of start.conversation) beside.load(message);
      return openArena(wire, beside).body(turn, request);
    }
    const held = holder.hold(session);
    await held.loaded;
    const made = held.arena(wire, request).body(turn, request);
    holder.settle();
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
      const wire = options.wireFor(start.request.provider, start.request.model.model);
      if (!wire) return refuse(start);
      options.count("completions", 1);
      const done = (message: Extract<ToMain, { t: "completion.retry" | "completion.end" }>): void => {
        if (message.t === "completion.end") {
          running.delete(start.completion);
          if (!start.conversation) holder.end(start.session);
          options.count("provider_bytes", message.timing.bytes);
        }
        options.report(message);
      };
      if (!start.conversation) holder.begin(start.session, start.turn);
      running.set(
        start.completion,
        startCompletion(start, {
          clock,
          connections,
          ticks,
          wire,
          body: () => body(start, wire),
          callKnown: (call) => holder.knows(start.session, call),
          interval: () => (options.watched(start.session) ? pacedMs : unwatchedMs),
          deltas: options.deltas,
          report: done,
          activity: options.activity,
          count: options.count,
        }),
      );
    },
    cancel: (completion) => running.get(completion)?.cancel(),
    events: holder.events,
    forget: holder.forget,
    drain() {
      for (const completion of running.values()) completion.drain();
    },
    get running() {
      return running.size;
    },
    get held() {
      return holder.size;
    },
    close() {
      for (const completion of running.values()) completion.cancel();
      holder.close();
      connections.close();
    },
  };
}
