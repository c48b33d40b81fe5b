import type { Command } from "./command.ts";

export const sessionSubscribe: Command<"session.subscribe"> = (core, { session, after, deltas }, { peer }) => ({
  head: core.hub.subscribe(peer, session, { deltas: deltas ?? false, ...(after !== undefined && { after }) }),
});
