import type { Peer } from "../../contracts/coordinator.ts";
import { CommandError } from "../../protocol/index.ts";
import type { Core } from "../core.ts";

/** What belongs to a connection that is gone by now (a screen, a subscription) would stay for ever. @throws CommandError shutting_down */
export function requirePeer(core: Core, peer: Peer): void {
  if (!core.peers.has(peer)) throw new CommandError("shutting_down", "This connection is closed");
}
