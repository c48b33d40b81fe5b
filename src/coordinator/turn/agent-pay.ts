import type { AgentWork } from "./agent-profile.ts";
import { spentUpdate } from "./beside.ts";
import type { CallParts } from "./call.ts";
import { noUsage } from "./usage.ts";

/** What an agent has spent is in its parent's sums at once, whatever becomes of either turn. Its tokens are its own. */
export function payForAgent({ parent, turn }: AgentWork, cost: number, { hub, options }: CallParts): void {
  const usage = { ...noUsage(), cost };
  const { running } = parent.turns;
  if (running?.turn.id === turn) running.pay(usage);
  hub
    .commit(parent.id, [spentUpdate(parent, usage, turn, options)])
    .catch((error: unknown) => options.log.error("what an agent cost was not saved", { session: parent.id, cost, error: String(error) }));
}
