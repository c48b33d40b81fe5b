// Requests to a model beside the conversation: titles and summaries. No view shows them, and no message comes of them by itself.
import { randomUUID } from "node:crypto";
import type { CompletionRequest, ProviderFault } from "../../contracts/wire-format.ts";
import type { DurableBody, Message, Usage } from "../../protocol/index.ts";
import type { CoordinatorOptions } from "../options.ts";
import { pin } from "../registry/pin.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Shards } from "../link/shards.ts";
import type { CompletionEnd, CompletionOwner, Completions } from "./completions.ts";
import { textsOf } from "./messages.ts";
import type { ChosenModel } from "./model.ts";
import { addUsage, noUsage, priced } from "./usage.ts";

export type BesideParts = { options: CoordinatorOptions; shards: Shards; completions: Completions };
export type BesideAnswer =
  | { text: string; usage: Usage; cut: boolean }
  | { fault: Pick<ProviderFault, "kind" | "message">; usage: Usage }
  | "canceled";

/** Asks once. Never throws; `canceled` at once when the signal says so. */
export async function askBeside(
  of: {
    entry: OpenSession;
    /** What it is for: part of a name that no view shows. */
    name: string;
    model: ChosenModel;
    request: CompletionRequest;
    text: string;
    textCharsMax: number;
    signal?: AbortSignal;
    activity?: CompletionOwner["activity"];
  },
  { options, shards, completions }: BesideParts,
): Promise<BesideAnswer> {
  const { entry, model, request, signal } = of;
  const { promise, resolve } = Promise.withResolvers<BesideAnswer>();
  const broke = (message: string): void => resolve({ fault: { kind: "server", message }, usage: noUsage() });
  const beside = `${of.name}:${entry.id}`;
  const completion = randomUUID();
  const message = randomUUID();
  const shard = pin(entry, () => shards.place());
  const forget = (): void => shards.tell(shard, { t: "session.forget", session: beside });
  const owner: CompletionOwner = {
    delta: () => {},
    retry: () => {},
    activity: (activity) => of.activity?.(activity),
    died: (reason) => broke(`The session worker died (${reason})`),
    end({ message: answer, outcome }: CompletionEnd) {
      forget();
      if (outcome.status === "canceled") return resolve("canceled");
      if (outcome.status === "failed") return resolve({ fault: outcome.fault, usage: noUsage() });
      const { finish, cost, estimated } = outcome;
      const flatRate = model.provider.flatRate || estimated === true;
      resolve({
        text: textsOf(answer).join(""),
        usage: priced(outcome.usage, model.info, { reported: cost, flatRate }),
        cut: finish === "max_tokens",
      });
    },
  };
  const asked: Message = {
    id: randomUUID(),
    session: beside,
    turn: beside,
    role: "user",
    createdAt: options.clock.now(),
    finishedAt: options.clock.now(),
    parts: [{ id: randomUUID(), index: 0, kind: "text", text: of.text }],
  };
  const cancel = (): void => {
    completions.drop(completion);
    // In order behind its start, which may not have been posted yet.
    shards.tell(shard, { t: "completion.cancel", completion });
    forget();
    resolve("canceled");
  };
  if (signal?.aborted) return "canceled";
  completions.begin(completion, owner, shard, [message]);
  try {
    shards.send(shard, {
      t: "completion.start",
      session: beside,
      turn: beside,
      completion,
      message,
      // Each attempt that has shown something leaves its message; none of them is seen.
      attemptMessages: Array.from({ length: request.retriesMax }, () => randomUUID()),
      conversation: [asked],
      textCharsMax: of.textCharsMax,
      request,
    });
  } catch (error) {
    completions.drop(completion);
    broke(error instanceof Error ? error.message : String(error));
  }
  signal?.addEventListener("abort", cancel, { once: true });
  return promise.finally(() => signal?.removeEventListener("abort", cancel));
}

/** What a request beside the conversation has cost, as an event of the session. */
export function spentUpdate(entry: OpenSession, usage: Usage, turn: string | undefined, options: CoordinatorOptions): DurableBody {
  const update = sessionUpdate(entry, { usage: addUsage(entry.session.usage, usage) }, options.clock);
  if (update.kind !== "session.updated") return update;
  return { kind: "session.updated", data: { ...update.data, spent: { usage, ...(turn !== undefined && { turn }) } } };
}
