import type { Clock } from "../../contracts/base.ts";
import type { Peer } from "../../contracts/coordinator.ts";
import { heartbeatMs } from "../../protocol/index.ts";
import type { Subscription } from "./subscription.ts";

/**
 * Tells subscribers that heard nothing for `heartbeatMs` the head of each session, so that they see a gap at the tail. One timer
 * for all, and none without subscribers: an idle server does not wake up.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #subscriptions: () => ReadonlyMap<Peer, ReadonlyMap<string, Subscription>>;
  readonly #heardAt = new Map<Peer, number>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, subscriptions: () => ReadonlyMap<Peer, ReadonlyMap<string, Subscription>>) {
    this.#clock = clock;
    this.#subscriptions = subscriptions;
  }

  wake(): void {
    this.#cancel ??= this.#clock.after(heartbeatMs, () => this.#beat());
  }

  heard(peer: Peer): void {
    this.#heardAt.set(peer, this.#clock.now());
  }

  /** It has no subscription any more. The last one takes the timer with it. */
  forget(peer: Peer): void {
    this.#heardAt.delete(peer);
    if (this.#subscriptions().size === 0) this.stop();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #beat(): void {
    this.#cancel = undefined;
    const all = this.#subscriptions();
    const now = this.#clock.now();
    for (const [peer, subscriptions] of all) {
      // Half a period of grace: with one timer for all, somebody who heard something just after the last beat waits up to two.
      if (now - (this.#heardAt.get(peer) ?? 0) < heartbeatMs / 2) continue;
      const heads: Record<string, number> = {};
      for (const [session, subscription] of subscriptions) if (subscription.live) heads[session] = subscription.sent;
      peer.send({ type: "heartbeat", heads });
      this.#heardAt.set(peer, now);
    }
    this.wake();
  }
}
