import type { Duplex } from "node:stream";
import type { Planes } from "../metrics/planes.ts";

// Frames for a client are gathered: its socket is corked at the first one and written once when the running callback and all
// promises it settled are through. A page of 200 replayed events is one write; a key's patch waits for nothing.

export type Corked = { readonly socket: Duplex; readonly planes: Pick<Planes, "charge">; corked: boolean };

let waiting: Corked[] = [];

/** Corks the socket until the end of this callback. */
export function gather(target: Corked): void {
  if (target.corked) return;
  target.corked = true;
  target.socket.cork();
  // nextTick alone would run before the promises of this callback; after a microtask it runs behind all of them.
  if (waiting.push(target) === 1) queueMicrotask(() => process.nextTick(flush));
}

function flush(): void {
  const now = waiting;
  waiting = [];
  for (const target of now) {
    target.corked = false;
    target.planes.charge("server", () => target.socket.uncork());
  }
}
