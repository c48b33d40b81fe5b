import type { Peer, PeerPort } from "../contracts/coordinator.ts";
import { CommandError } from "../protocol/index.ts";
import { runCommand } from "./commands/run.ts";
import type { Caller, Core } from "./core.ts";
import type { Screen } from "./registry/screens.ts";

/** One connection's way in. What it sends for a screen that is not its own, or is gone, is dropped. */
export function connectPeer(core: Core, peer: Peer): PeerPort {
  const caller: Caller = { peer, scope: peer.scope, name: peer.name };
  core.peers.add(peer);
  const withScreen = (id: number, act: (screen: Screen) => void): void => {
    const screen = core.screens.get(id);
    if (screen?.peer === peer) act(screen);
  };
  return {
    request: (method, params, key) => {
      if (!core.peers.has(peer)) return Promise.reject(new CommandError("shutting_down", "This connection is closed"));
      return new Promise((resolve, reject) =>
        core.slices.run(() => void runCommand(core, caller, method, params, key).then(resolve, reject)),
      );
    },
    input: (id, bytes) => withScreen(id, (screen) => core.screens.pass(screen, { t: "screen.input", screen: id, bytes })),
    resize: (id, cols, rows) => withScreen(id, (screen) => core.screens.resize(screen, cols, rows)),
    ack: (id, seq) => withScreen(id, (screen) => core.screens.ack(screen, seq)),
    repaint: (id) => withScreen(id, (screen) => core.screens.pass(screen, { t: "screen.repaint", screen: id })),
    focus: (id, focused) => withScreen(id, (screen) => core.screens.pass(screen, { t: "screen.focus", screen: id, focused })),
    close: () => {
      core.peers.delete(peer);
      core.hub.leave(peer);
      core.screens.leave(peer);
    },
  };
}
