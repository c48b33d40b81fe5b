import type { Peer } from "../../contracts/coordinator.ts";
import type { Queries } from "../../contracts/store.ts";
import type { DurableEvent, LatestEvent, Message, Resync, ServerFrame, Session } from "../../protocol/index.ts";

/** Messages in the snapshot of a resync: what a screen shows, long results cut; the rest comes by `session.messages`. */
const snapshotMessages = 100;
/** Events read at once for a replay: answers and results of some megabytes in one page must not add up in memory. */
const replayRows = 64;

/**
 * One peer's view of one session's log. While it replays, it reads pages from the store and ignores what is told; the moment
 * a page comes back empty it is live, in the same turn of the event loop, so nothing falls between. The store may be
 * ahead of what has been told, so a live event that was replayed already is skipped by its seq.
 */
export class Subscription {
  readonly peer: Peer;
  readonly session: string;
  readonly deltas: boolean;
  /** The seq of the newest event that the peer was sent. */
  sent: number;
  live: boolean;
  #ended = false;

  constructor(peer: Peer, session: string, options: { after: number; deltas: boolean; live: boolean }) {
    this.peer = peer;
    this.session = session;
    this.deltas = options.deltas;
    this.sent = options.after;
    this.live = options.live;
  }

  end(): void {
    this.#ended = true;
  }

  /** A durable event that was committed. */
  tell(event: DurableEvent): void {
    if (this.#ended || !this.live || event.seq <= this.sent) return;
    this.sent = event.seq;
    this.peer.send(event);
  }

  latest(event: LatestEvent): void {
    if (this.#ended || !this.live || !this.deltas) return;
    this.peer.send(event);
  }

  /** Sends what was missed, each event after the peer has read most of the ones before, then the `live` marker. */
  async replay(queries: Queries): Promise<void> {
    while (!this.#ended) {
      const page = queries.events(this.session, this.sent, replayRows);
      if (page.length === 0) {
        this.#goLive();
        return;
      }
      for (const event of page) {
        this.sent = event.seq;
        this.peer.send(event);
        await this.peer.drained();
        if (this.#ended) return;
      }
    }
  }

  /** The peer knows numbers that this log never had: it starts again from a snapshot. */
  resync(queries: Queries, session: Session): void {
    // The head is read before the rest: what is committed in between is in the snapshot and comes again as an event, which
    // replaces by id. The other way round it would be lost.
    const seq = session.head;
    const snapshot: Resync["snapshot"] = {
      session,
      messages: queries.messages(this.session, { limit: snapshotMessages, cut: true, bounded: true }).messages satisfies Message[],
      permissions: queries.permissions({ session: this.session, pendingOnly: true }),
    };
    this.sent = seq;
    this.peer.send({ type: "resync", session: this.session, seq, snapshot } satisfies ServerFrame);
    this.#goLive();
  }

  #goLive(): void {
    this.live = true;
    this.peer.send({ type: "live", session: this.session, head: this.sent });
  }
}
