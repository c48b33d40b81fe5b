// What workers say, one case each. Late messages (of a completion, a screen that is gone) find nobody and are dropped.
import type { ToMain } from "../contracts/link.ts";
import type { CommandError, MethodName, Params } from "../protocol/index.ts";
import { runCommand } from "./commands/run.ts";
import type { Core } from "./core.ts";

type Cases = { readonly [T in ToMain["t"]]: (core: Core, message: Extract<ToMain, { t: T }>, shard: number) => void };

const cases: Cases = {
  ready: (core, _, shard) => core.options.log.debug("session worker ready", { shard }),
  // Taken by the link.
  posted: () => {},
  deltas: (core, { deltas }) => {
    for (const delta of deltas) core.turns.completions.writer(delta.message)?.delta(delta);
  },
  "completion.retry": (core, message) => core.turns.completions.owner(message.completion)?.retry(message),
  "completion.activity": (core, message) => core.turns.completions.owner(message.completion)?.activity(message),
  "completion.end": (core, message) => core.turns.completions.end(message),
  patch: (core, message, shard) => core.screens.patch(message, shard),
  effect: (core, { effect }) => core.screens.get(effect.screen)?.peer.send(effect),
  request: (core, message, shard) => void request(core, message, shard),
  "screen.state": (core, message) => core.screens.moved(message),
  "screen.failed": (core, { screen, message }) => core.screens.fail(screen, message),
  inventory: (core, { id, counts }) => core.inventory.answer(id, counts),
  counters: (core, { counters }) => {
    for (const [name, count] of Object.entries(counters)) core.workerCounters.set(name, (core.workerCounters.get(name) ?? 0) + count);
  },
};

export function receive(core: Core, shard: number, batch: readonly ToMain[]): void {
  core.slices.each(batch, (message) => {
    try {
      (cases[message.t] as (core: Core, message: ToMain, shard: number) => void)(core, message, shard);
    } catch (error) {
      // One bad message must not take the rest of the batch with it.
      core.options.log.error("message of a session worker failed", {
        shard,
        t: message.t,
        error: error instanceof Error ? error.stack : String(error),
      });
    }
  });
}

/** A view's command runs in the name of the connection that has the screen. */
async function request(
  core: Core,
  { screen: id, id: request, method, params }: Extract<ToMain, { t: "request" }>,
  shard: number,
): Promise<void> {
  const screen = core.screens.get(id);
  if (screen === undefined) return;
  const { peer } = screen;
  try {
    const result = await runCommand(
      core,
      { peer, scope: peer.scope, name: peer.name, screen: id },
      method as MethodName,
      params as Params<MethodName>,
    );
    core.shards.tellNow(shard, { t: "reply", screen: id, id: request, result });
  } catch (error) {
    const { code, message, retryable, data } = error as CommandError;
    core.shards.tellNow(shard, {
      t: "reply",
      screen: id,
      id: request,
      error: { code, message, retryable, ...(data !== undefined && { data }) },
    });
  }
}
