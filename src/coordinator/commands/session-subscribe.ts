import type { Command } from "./command.ts";
import { requirePeer } from "./require-peer.ts";

export const sessionSubscribe: Command<"session.subscribe"> = (core, { session, after, deltas }, { peer }) => {
  requirePeer(core, peer);
  return { head: core.hub.subscribe(peer, session, { deltas: deltas ?? false, ...(after !== undefined && { after }) }) };
};
