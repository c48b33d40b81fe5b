import { randomUUID } from "node:crypto";
import type { Clock } from "../../contracts/base.ts";
import type { CompletionOutcome } from "../../contracts/link.ts";
import type { Store } from "../../contracts/store.ts";
import type { Delta, DurableBody, FinishReason, Message, Part, Usage } from "../../protocol/index.ts";
import type { Hub } from "../events/hub.ts";
import type { CompletionActivity, CompletionEnd, CompletionOwner, CompletionRetry } from "./completions.ts";
import type { Ending } from "./machine.ts";
import { assistantMessage, finished } from "./messages.ts";
import type { ChosenModel } from "./model.ts";
import { retriesMax } from "./prepare.ts";
import { priced } from "./usage.ts";

/** How a completion ended: what its message is finished with, and with `ending` why the turn cannot go on. `tooLong`: the prompt did not fit. */
export type StreamEnd = {
  parts: Part[];
  message: Partial<Message> & { finish: FinishReason };
  usage?: Usage;
  ending?: Ending;
  tooLong?: boolean;
};

type Ok = Extract<CompletionOutcome, { status: "ok" }>;

export type StreamParts = {
  session: string;
  turn: string;
  model: ChosenModel;
  hub: Hub;
  store: Pick<Store, "stream">;
  clock: Clock;
  /** The provider did not take the key: one that a command prints may be another one by now. */
  keyRefused?: (() => void) | undefined;
  /** Usage with counts in place of what the provider left out; undefined when it told everything. */
  count(message: Message, parts: Part[], outcome: Ok): Promise<Ok["usage"]> | undefined;
};

/** One completion as the coordinator sees it: its texts go to the store and to subscribers, its end to the turn. */
export class CompletionStream implements CompletionOwner {
  readonly completion = randomUUID();
  /** Ids of the messages of all attempts, the first one first. */
  readonly messages = Array.from({ length: retriesMax + 1 }, () => randomUUID());
  /** The attempt that is being written. */
  message: Message;
  readonly #parts: StreamParts;
  readonly #ended: (end: StreamEnd) => void;
  readonly #retried: (() => void) | undefined;
  readonly #storageFailed: (error: unknown, unwritten: DurableBody[]) => void;

  constructor(
    parts: StreamParts,
    on: { ended: (end: StreamEnd) => void; retried?: () => void; storageFailed: (error: unknown, unwritten: DurableBody[]) => void },
  ) {
    this.#parts = parts;
    this.#ended = on.ended;
    this.#retried = on.retried;
    this.#storageFailed = on.storageFailed;
    this.message = this.#attempt(this.messages[0]!);
  }

  delta(delta: Delta): void {
    const { session, message, part, index, kind, offset, text, call, name } = delta;
    if (kind === "text" || kind === "reasoning" || kind === "tool_call") {
      this.#parts.store.stream({
        session,
        message,
        part,
        index,
        kind,
        offset,
        text,
        ...(call !== undefined && { call }),
        ...(name !== undefined && { name }),
      });
    }
    this.#parts.hub.latest(delta, false);
  }

  /** The attempt that broke stays, marked as abandoned; the next one writes into a message of its own. */
  retry({ message, next, fault }: CompletionRetry): void {
    const abandoned = finished(this.message, message.parts, { finish: "error", error: fault.message, abandoned: true }, this.#parts.clock);
    this.message = this.#attempt(next);
    // The next attempt is asked with all that is there by now.
    this.#retried?.();
    this.#parts.hub
      .commit(this.#parts.session, [...abandoned, { kind: "message.created", data: { message: this.message } }])
      .catch((error: unknown) => this.#storageFailed(error, abandoned));
  }

  activity({ session, state, note, attempt, retryAt }: CompletionActivity): void {
    this.#parts.hub.latest({
      type: "activity",
      session,
      state,
      ...(note !== undefined && { note }),
      ...(attempt !== undefined && { attempt }),
      ...(retryAt !== undefined && { retryAt }),
    });
  }

  end({ message, outcome }: CompletionEnd): void {
    const { parts } = message;
    if (outcome.status === "ok") {
      const counting = this.#parts.count(this.message, parts, outcome);
      if (counting === undefined) this.#answered(parts, outcome, outcome.usage);
      else void counting.then((usage) => this.#answered(parts, outcome, usage));
    } else if (outcome.status === "canceled") {
      this.#ended({
        parts,
        message: { finish: "canceled", abandoned: true },
        ending: { status: "interrupted", cause: "canceled", reason: "Canceled" },
      });
    } else {
      const { fault } = outcome;
      if (fault.kind === "bad_key") this.#parts.keyRefused?.();
      this.#ended({
        parts,
        message: { finish: "error", error: fault.message, abandoned: true },
        ending: { status: "failed", cause: "provider", reason: fault.message },
        tooLong: fault.kind === "context_too_long",
      });
    }
  }

  #answered(parts: Part[], { finish, cost, estimated }: Ok, told: Ok["usage"]): void {
    const { info, provider } = this.#parts.model;
    const usage = priced(told, info, { reported: cost, flatRate: provider.flatRate || estimated === true });
    this.#ended({ parts, message: { finish, usage }, usage });
  }

  died(reason: string): void {
    const text = `The session worker died while the answer came in (${reason}); what had arrived is kept, resume to ask again`;
    this.#ended({
      parts: [],
      message: { finish: "error", error: text, abandoned: true },
      ending: { status: "interrupted", cause: "worker_died", reason: text },
    });
  }

  /** It could not be started at all. */
  fail(reason: string): void {
    this.#ended({
      parts: [],
      message: { finish: "error", error: reason, abandoned: true },
      ending: { status: "failed", cause: "worker", reason },
    });
  }

  #attempt(id: string): Message {
    const { session, turn, model, clock } = this.#parts;
    return assistantMessage({ id, session, turn, model: { provider: model.provider.id, model: model.info.model } }, clock);
  }
}
