import type { Coordinator, PeerPort } from "../../contracts/coordinator.ts";
import { screenLingerMs } from "../server-control.ts";

/**
 * Ends a background server some time after its last client has left and its last turn has ended. One timer, and only while
 * nobody is connected. A server that was started for one `crush run` stays longer once a terminal has attached.
 */
export function watchIdle(options: { coordinator: Coordinator; lingerMs: number; clients(): number; stop(): void }): {
  coordinator: Coordinator;
  idle(): void;
} {
  const { coordinator, clients, stop } = options;
  let { lingerMs } = options;
  let timer: NodeJS.Timeout | undefined;
  const arm = () => {
    clearTimeout(timer);
    if (lingerMs <= 0) return;
    timer = setTimeout(() => {
      if (clients() > 0) return;
      if (coordinator.busy()) arm();
      else stop();
    }, lingerMs);
  };
  arm();
  return {
    coordinator: {
      epoch: coordinator.epoch,
      busy: () => coordinator.busy(),
      shutdown: () => coordinator.shutdown(),
      connect(peer) {
        clearTimeout(timer);
        const port = coordinator.connect(peer);
        const request: PeerPort["request"] = (method, params, key) => {
          if (method === "screen.open" && lingerMs > 0) lingerMs = Math.max(lingerMs, screenLingerMs);
          return port.request(method, params, key);
        };
        return { ...port, request };
      },
    },
    idle: arm,
  };
}
