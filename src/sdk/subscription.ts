import type { Activity, Delta, DurableEvent, Heartbeat, Live, Message, Permission, Progress, Resync, Session } from "../protocol/index.ts";
import { ConnectionError, RequestError } from "./errors.ts";

/** Wait before a subscription that was answered `busy` or `overloaded` is asked for again. */
const retryMs = 200;

export type Snapshot = { session: Session; messages: Message[]; permissions: Permission[] };

export type SubscriptionHandlers = {
  /** Replay everything after this seq first; 0 is all there is. Without it: from now on. */
  after?: number;
  /** Each durable event once, in order, without a gap, over reconnects too. */
  onEvent?(event: DurableEvent): void;
  /** Streamed text; may be missing or repeated, `offset` says. Not asked for without a handler. */
  onDelta?(delta: Delta): void;
  onProgress?(progress: Progress): void;
  onActivity?(activity: Activity): void;
  /** The replay is through; called again after each reconnect. */
  onLive?(head: number): void;
  /** Events were lost for good or the server has another history: begin again from this state. */
  onResync?(snapshot: Snapshot, seq: number): void;
  /** The server refused it, e.g. not_found; nothing more comes. */
  onError?(error: Error): void;
};

/** Asks for events after `after`; resolves with the session's head. */
export type Subscribe = (params: { session: string; after?: number; deltas: boolean }) => Promise<{ head: number }>;

/** One session's events: keeps the position, drops what was seen, asks again for what is missing. */
export class Subscription {
  readonly session: string;
  /** Resolves at the first `live` or resync. */
  readonly live: Promise<void>;
  readonly #handlers: SubscriptionHandlers;
  readonly #subscribe: Subscribe;
  readonly #onClose: () => void;
  #seq: number | undefined;
  #isLive = false;
  /** Raised with each request, so that an answer to an older one is not listened to. */
  #round = 0;
  #closed = false;
  #resolveLive!: () => void;
  #rejectLive!: (error: Error) => void;

  constructor(session: string, handlers: SubscriptionHandlers, subscribe: Subscribe, onClose: () => void) {
    this.session = session;
    this.#handlers = handlers;
    this.#subscribe = subscribe;
    this.#onClose = onClose;
    this.#seq = handlers.after;
    this.live = new Promise((resolve, reject) => {
      this.#resolveLive = resolve;
      this.#rejectLive = reject;
    });
    this.live.catch(() => {});
  }

  /** The newest event that was given out. */
  get seq(): number {
    return this.#seq ?? 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#resolveLive();
    this.#onClose();
  }

  /** For the client: asks the server, at first and after each loss. */
  start(): void {
    const round = ++this.#round;
    this.#isLive = false;
    const isFromNow = this.#seq === undefined;
    const { onDelta, onProgress, onActivity } = this.#handlers;
    const deltas = Boolean(onDelta ?? onProgress ?? onActivity);
    this.#subscribe({ session: this.session, ...(this.#seq === undefined ? {} : { after: this.#seq }), deltas }).then(
      ({ head }) => {
        // Asked without a position, the answer is what `live` is otherwise: what comes next follows the head.
        if (round === this.#round && isFromNow) this.#reachedLive(head);
      },
      (error: Error) => {
        if (round !== this.#round || this.#closed || error instanceof ConnectionError) return; // a loss: the client starts it again
        if (error instanceof RequestError && error.retryable)
          setTimeout(() => round === this.#round && !this.#closed && this.start(), error.retryAfterMs ?? retryMs);
        else this.fail(error);
      },
    );
  }

  fail(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#rejectLive(error);
    this.#handlers.onError?.(error);
    this.#onClose();
  }

  receive(frame: DurableEvent | Delta | Progress | Activity | Live | Resync): void {
    if (this.#closed) return;
    switch (frame.type) {
      case "event":
        this.#event(frame);
        break;
      case "delta":
        this.#handlers.onDelta?.(frame);
        break;
      case "progress":
        this.#handlers.onProgress?.(frame);
        break;
      case "activity":
        this.#handlers.onActivity?.(frame);
        break;
      case "live":
        this.#reachedLive(frame.head);
        break;
      case "resync":
        this.#seq = frame.seq;
        this.#resolveLive();
        this.#handlers.onResync?.(frame.snapshot, frame.seq);
        break;
    }
  }

  #reachedLive(head: number): void {
    if (this.#closed) return;
    if (this.#seq !== undefined && head > this.#seq) {
      this.start();
      return;
    }
    this.#seq ??= head;
    this.#isLive = true;
    this.#resolveLive();
    this.#handlers.onLive?.(head);
  }

  /** A head beyond what we have, when nothing is on its way, means that the tail was lost. */
  heartbeat({ heads }: Heartbeat): void {
    const head = heads[this.session];
    if (this.#isLive && !this.#closed && head !== undefined && head > this.seq) this.start();
  }

  #event(event: DurableEvent): void {
    if (this.#seq !== undefined) {
      if (event.seq <= this.#seq) return;
      if (event.seq > this.#seq + 1) {
        // Never in a healthy server. Ask once for what is missing; what comes meanwhile comes again.
        if (this.#isLive) this.start();
        return;
      }
    }
    this.#seq = event.seq;
    this.#handlers.onEvent?.(event);
  }
}
