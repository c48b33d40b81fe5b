// Asks the session's worker for one completion.
import type { ToWorker } from "../../contracts/link.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { Hub } from "../events/hub.ts";
import type { Shards } from "../link/shards.ts";
import type { CoordinatorOptions } from "../options.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { Completions } from "./completions.ts";
import type { ContextMeter } from "./context-meter.ts";
import type { ChosenModel } from "./model.ts";
import { CompletionStream } from "./stream.ts";

export type AskParts = { options: CoordinatorOptions; hub: Hub; shards: Shards; completions: Completions; meter: ContextMeter };
export type Asked = { entry: OpenSession; turn: string; model: ChosenModel; request: CompletionRequest };

/** The stream that the answer will come in by; nothing is asked yet. */
export function answerStream(
  { entry, turn, model, request }: Asked,
  { options, hub, meter }: AskParts,
  on: ConstructorParameters<typeof CompletionStream>[1],
): CompletionStream {
  return new CompletionStream(
    {
      session: entry.id,
      turn,
      model,
      hub,
      store: options.store,
      clock: options.clock,
      keyRefused: options.keyRefused,
      count: (message, parts, outcome) =>
        meter.needed(model.provider.id, outcome) ? meter.usage({ entry, request, message, parts }, outcome) : undefined,
    },
    on,
  );
}

/** Opens the message of the answer and asks worker `shard` to write it. `storageFailed`: the message could not be committed. */
export function ask(
  { entry, turn, request }: Asked,
  stream: CompletionStream,
  shard: number,
  { hub, shards, completions, meter }: AskParts,
  storageFailed: (error: unknown) => void,
): void {
  completions.begin(stream.completion, stream, shard, stream.messages);
  meter.begin({ entry, request, message: stream.message });
  // Not waited for: the store keeps the order, and a failure ends the turn later. The answer starts these milliseconds earlier.
  entry.session = { ...entry.session, messageCount: entry.session.messageCount + 1 };
  hub.commit(entry.id, [{ kind: "message.created", data: { message: stream.message } }]).catch(storageFailed);
  try {
    shards.send(shard, { t: "session.watched", session: entry.id, deltas: hub.deltasWanted(entry.id) });
    shards.send(shard, {
      t: "completion.start",
      session: entry.id,
      turn,
      completion: stream.completion,
      message: stream.message.id,
      attemptMessages: stream.messages.slice(1),
      request,
    } satisfies ToWorker);
  } catch (error) {
    completions.drop(stream.completion);
    stream.fail(error instanceof Error ? error.message : String(error));
  }
}
