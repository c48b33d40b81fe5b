import type { ToMain, ToWorker } from "../../contracts/link.ts";

/** The main thread's end of one session worker's life. A worker that died is never revived: its shard opens a new link. */
export interface Link {
  /** Gathered, and posted once a tick with everything else of that tick. */
  send(message: ToWorker): void;
  /** Posted at once, after what was gathered so far: keys and acknowledgements skip the tick, never the order. */
  sendNow(message: ToWorker): void;
  /** Asks the worker to end, then makes it. */
  close(): Promise<void>;
}

export type LinkEvents = {
  messages(batch: ToMain[]): void;
  /** Exactly once, and nothing comes after it. Not called for `close`. */
  died(error: Error): void;
};

export type LinkFactory = (shard: number, events: LinkEvents) => Link;

/** What crossed the links since the start: arrays each way (hops), messages in them, and the largest array. */
export type LinkCounters = { hopsOut: number; hopsIn: number; messagesOut: number; messagesIn: number; batchMax: number };

export const linkCounters = (): LinkCounters => ({ hopsOut: 0, hopsIn: 0, messagesOut: 0, messagesIn: 0, batchMax: 0 });
