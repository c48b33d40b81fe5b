// The calls of one step: those that may run side by side start at once, the others go one after another; each gets one result.
import type { Config } from "../../contracts/config.ts";
import type { DurableBody, PromptOptions, ToolCallPart } from "../../protocol/index.ts";
import type { ProgressGate } from "../events/latest.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import { type CallParts, performCall } from "./call.ts";
import { callSignature } from "./loop.ts";
import type { TurnEvent } from "./machine.ts";
import { resultMessage } from "./messages.ts";

export type StepCallsOf = {
  entry: OpenSession;
  turn: string;
  prompt: PromptOptions;
  /** The result is committed. */
  result: (event: Extract<TurnEvent, { e: "result" }>) => void;
  storageFailed: (error: unknown) => void;
};

export class StepCalls {
  readonly #of: StepCallsOf;
  readonly #parts: CallParts & { progress: ProgressGate };
  #calls: ToolCallPart[] = [];
  /** Calls of this step whose result was given to the store: none gets a second one. */
  readonly #answered = new Set<string>();
  #abort = new AbortController();

  constructor(of: StepCallsOf, parts: CallParts & { progress: ProgressGate }) {
    this.#of = of;
    this.#parts = parts;
  }

  /** The next step's. */
  take(calls: ToolCallPart[]): void {
    this.#calls = calls;
    // Those of the step before are all answered, and a provider may give their ids again.
    this.#answered.clear();
  }

  get ids(): string[] {
    return this.#calls.map(({ call }) => call);
  }

  async run(config: Config): Promise<void> {
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const inOrder: ToolCallPart[] = [];
    for (const part of this.#calls) {
      if (this.#parts.toolbox.get(part.name)?.parallel) void this.#one(part, config, signal);
      else inOrder.push(part);
    }
    for (const part of inOrder) {
      if (signal.aborted) return;
      await this.#one(part, config, signal);
    }
  }

  abort(): void {
    this.#abort.abort();
  }

  /** A result that says `text` for each of the `open` calls that has none. */
  giveUp(open: readonly string[], text: string): DurableBody[] {
    return this.#calls.flatMap((part) =>
      open.includes(part.call) && !this.#answered.has(part.call) ? [this.#result(part, { text, isError: true })] : [],
    );
  }

  async #one(part: ToolCallPart, config: Config, signal: AbortSignal): Promise<void> {
    const { hub, progress, options } = this.#parts;
    const { entry, turn, prompt } = this.#of;
    const began = options.clock.now();
    const outcome = await performCall(
      {
        entry,
        turn,
        part,
        config,
        prompt,
        signal,
        progress: (tail, bytes) => {
          if (!signal.aborted && !this.#answered.has(part.call))
            progress.put({ type: "progress", session: entry.id, call: part.call, tail, bytes, ms: options.clock.now() - began });
        },
        running: () => hub.latest({ type: "activity", session: entry.id, state: "tool", note: part.name }),
      },
      this.#parts,
    );
    // The turn has gone on without it.
    if (signal.aborted || this.#answered.has(part.call)) return;
    progress.drop(part.call);
    const bodies = [this.#result(part, outcome)];
    if (outcome.meta?.todos !== undefined) bodies.push(sessionUpdate(entry, { todos: outcome.meta.todos }, options.clock));
    try {
      await hub.commit(entry.id, bodies);
    } catch (error) {
      this.#answered.delete(part.call);
      this.#of.storageFailed(error);
      return;
    }
    const { ending } = outcome;
    this.#of.result({
      e: "result",
      call: part.call,
      signature: callSignature(part.name, part.input, outcome.text),
      ...(ending !== undefined && { ending }),
    });
  }

  #result(part: ToolCallPart, outcome: Parameters<typeof resultMessage>[1]): DurableBody {
    const { entry, turn } = this.#of;
    this.#answered.add(part.call);
    entry.session = { ...entry.session, messageCount: entry.session.messageCount + 1 };
    return resultMessage({ session: entry.id, turn, call: part.call, name: part.name }, outcome, this.#parts.options.clock);
  }
}
