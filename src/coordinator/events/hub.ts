import type { Clock, Log } from "../../contracts/base.ts";
import type { Peer } from "../../contracts/coordinator.ts";
import type { NewEvent, Queries, Store } from "../../contracts/store.ts";
import { noPlanes, type Planes } from "../../metrics/planes.ts";
import type { Slices } from "../link/slices.ts";
import { CommandError, type DurableBody, type DurableEvent, type LatestEvent, subscriptionsMax } from "../../protocol/index.ts";
import { Heartbeat } from "./heartbeat.ts";
import { Subscription } from "./subscription.ts";

/** Where committed events go besides subscribers: the session's worker, the registry. */
export type Listener = (session: string, events: DurableEvent[]) => void;

/**
 * Commit, and only then tell. All durable events pass through here, and the store answers in the order of the commits of a
 * session, so subscribers see each session's seq dense and ascending.
 */
export class Hub {
  readonly #store: Store;
  readonly #queries: Queries;
  readonly #log: Log;
  readonly #slices: Slices;
  readonly #planes: Pick<Planes, "charge">;
  readonly #heartbeat: Heartbeat;
  readonly #listeners: Listener[] = [];
  readonly #watchers: ((session: string, deltas: boolean) => void)[] = [];
  readonly #latestListeners: ((event: LatestEvent) => void)[] = [];
  readonly #bySession = new Map<string, Map<Peer, Subscription>>();
  readonly #byPeer = new Map<Peer, Map<string, Subscription>>();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(options: { store: Store; queries: Queries; clock: Clock; log: Log; slices: Slices; planes?: Pick<Planes, "charge"> }) {
    this.#store = options.store;
    this.#queries = options.queries;
    this.#log = options.log;
    this.#slices = options.slices;
    this.#planes = options.planes ?? noPlanes;
    this.#heartbeat = new Heartbeat(options.clock, () => this.#byPeer);
  }

  onTold(listener: Listener): void {
    this.#listeners.push(listener);
  }

  onLatest(listener: (event: LatestEvent) => void): void {
    this.#latestListeners.push(listener);
  }

  /** Called when somebody begins, or nobody is left, to follow a session's deltas. */
  onWatched(watcher: (session: string, deltas: boolean) => void): void {
    this.#watchers.push(watcher);
  }

  /**
   * Writes events of one session together. Resolves when they are on disk and everybody was told.
   * @throws StoreError of the store; then nobody was told and nothing was kept
   */
  commit(session: string, bodies: DurableBody[]): Promise<DurableEvent[]> {
    const told = this.#store
      .commit(bodies.map((body): NewEvent => ({ session, ...body })))
      .then((events) => this.#toldInTurn(session, events))
      .finally(() => this.#underWay.delete(told));
    this.#underWay.add(told);
    return told;
  }

  /** Latest-wins news. `toListeners` false: the worker made it and has shown it already. */
  latest(event: LatestEvent, toListeners = true): void {
    const subscriptions = this.#bySession.get(event.session);
    // Most deltas are of sessions that nobody follows.
    if (subscriptions === undefined && !toListeners) return;
    this.#planes.charge("events", () => {
      if (subscriptions !== undefined) for (const subscription of subscriptions.values()) subscription.latest(event);
      if (toListeners) for (const listener of this.#latestListeners) listener(event);
    });
  }

  /**
   * Subscribes a peer, in place of an earlier subscription of the same session. The replay begins after this returns, so the
   * answer goes out first.
   * @returns the head that the replay goes to, or from which on it is live
   * @throws CommandError not_found, limit
   */
  subscribe(peer: Peer, session: string, options: { after?: number; deltas: boolean }): number {
    const stored = this.#queries.session(session);
    if (stored === undefined) throw new CommandError("not_found", `There is no session ${session}`);
    const mine = this.#byPeer.get(peer) ?? new Map<string, Subscription>();
    if (!mine.has(session) && mine.size >= subscriptionsMax) {
      throw new CommandError("limit", `This connection has ${subscriptionsMax} subscriptions, which is the most; end some of them first`);
    }
    this.unsubscribe(peer, session);
    const after = options.after ?? stored.head;
    const subscription = new Subscription(peer, session, { after, deltas: options.deltas, live: options.after === undefined });
    mine.set(session, subscription);
    this.#byPeer.set(peer, mine);
    const all = this.#bySession.get(session) ?? new Map<Peer, Subscription>();
    all.set(peer, subscription);
    this.#bySession.set(session, all);
    this.#heartbeat.wake();
    if (options.deltas) this.#watch(session);
    if (options.after === undefined) return stored.head;
    setImmediate(() => {
      if (after > stored.head) {
        const now = this.#queries.session(session);
        if (now !== undefined) subscription.resync(this.#queries, now);
        return;
      }
      subscription.replay(this.#queries).catch((error: unknown) => {
        this.#log.error("replay failed", { session, peer: peer.id, error: String(error) });
        this.unsubscribe(peer, session);
      });
    });
    return stored.head;
  }

  unsubscribe(peer: Peer, session: string): void {
    const mine = this.#byPeer.get(peer);
    const subscription = mine?.get(session);
    if (mine === undefined || subscription === undefined) return;
    subscription.end();
    mine.delete(session);
    if (mine.size === 0) {
      this.#byPeer.delete(peer);
      this.#heartbeat.forget(peer);
    }
    const all = this.#bySession.get(session);
    all?.delete(peer);
    if (all?.size === 0) this.#bySession.delete(session);
    if (subscription.deltas && !this.deltasWanted(session)) this.#watch(session);
  }

  leave(peer: Peer): void {
    for (const session of [...(this.#byPeer.get(peer)?.keys() ?? [])]) this.unsubscribe(peer, session);
  }

  /** The session is deleted: nothing will be told of it any more. */
  forget(session: string): void {
    for (const peer of [...(this.#bySession.get(session)?.keys() ?? [])]) this.unsubscribe(peer, session);
  }

  get subscriptions(): number {
    let count = 0;
    for (const subscriptions of this.#byPeer.values()) count += subscriptions.size;
    return count;
  }

  watched(session: string): boolean {
    return this.#bySession.has(session);
  }

  deltasWanted(session: string): boolean {
    for (const subscription of this.#bySession.get(session)?.values() ?? []) if (subscription.deltas) return true;
    return false;
  }

  /** Waits for everything that was given to `commit`. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  close(): void {
    this.#heartbeat.stop();
  }

  #watch(session: string): void {
    const wanted = this.deltasWanted(session);
    for (const watcher of this.#watchers) watcher(session, wanted);
  }

  /** The store answers for many sessions in one moment: what follows from each, its runner's next step too, takes its turn. */
  #toldInTurn(session: string, events: DurableEvent[]): Promise<DurableEvent[]> {
    return new Promise((resolve, reject) =>
      this.#slices.run(() => {
        try {
          this.#planes.charge("events", () => this.#tell(session, events));
          resolve(events);
        } catch (error) {
          reject(error);
        }
      }),
    );
  }

  #tell(session: string, events: DurableEvent[]): void {
    // The worker first: it paints while the sockets of the subscribers are written.
    for (const listener of this.#listeners) listener(session, events);
    const subscriptions = this.#bySession.get(session);
    if (subscriptions === undefined) return;
    for (const subscription of subscriptions.values()) {
      for (const event of events) subscription.tell(event);
      if (subscription.live) this.#heartbeat.heard(subscription.peer);
    }
  }
}
