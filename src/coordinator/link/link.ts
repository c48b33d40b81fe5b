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

/**
 * What crossed a worker's link since the start: arrays each way (hops), messages in them, bytes of what they carried, and the
 * largest array. The budget is one hop each way for a tick of the worker, besides keys and acknowledgements.
 */
export type HopCounts = {
  hopsOut: number;
  hopsIn: number;
  messagesOut: number;
  messagesIn: number;
  bytesOut: number;
  bytesIn: number;
  batchMax: number;
};

/** By shard; a worker that took a dead one's place goes on counting where that one ended. */
export type LinkCounters = HopCounts[];

const noHops = (): HopCounts => ({ hopsOut: 0, hopsIn: 0, messagesOut: 0, messagesIn: 0, bytesOut: 0, bytesIn: 0, batchMax: 0 });

export function countsOf(counters: LinkCounters, shard: number): HopCounts {
  while (counters.length <= shard) counters.push(noHops());
  return counters[shard]!;
}

/** Of all workers together. */
export function allHops(counters: LinkCounters): HopCounts {
  const sum = noHops();
  for (const one of counters) {
    for (const name of Object.keys(sum) as (keyof HopCounts)[]) {
      sum[name] = name === "batchMax" ? Math.max(sum[name], one[name]) : sum[name] + one[name];
    }
  }
  return sum;
}
