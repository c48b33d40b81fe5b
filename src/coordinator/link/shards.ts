import os from "node:os";
import type { Clock, Log } from "../../contracts/base.ts";
import type { ToMain, ToWorker } from "../../contracts/link.ts";
import type { Link, LinkFactory } from "./link.ts";

/** Streams that one worker carries before another is started: parsing and painting 24 fast streams is about a third of a core. */
const streamsPerShard = 24;
/** More workers than this never paid in measurements: the coordinator is the limit then. */
const shardsMost = 4;
/** Deaths of one shard within the window after which it is not started again before the window has passed. */
export const crashesMax = 5;
export const crashWindowMs = 60_000;

export const defaultShardsMax = (): number => Math.min(shardsMost, Math.max(1, os.availableParallelism() - 1));

/** The shard's worker dies as often as it is started. */
export class ShardError extends Error {
  override readonly name = "ShardError";
  readonly code = "crash_loop";
}

type Shard = { link: Link | undefined; streams: number; deaths: number[]; lastError: Error | undefined };

/** Session workers by number: started when first needed, started again when they die, within bounds. */
export class Shards {
  readonly #open: LinkFactory;
  readonly #max: number;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #onMessages: (shard: number, batch: ToMain[]) => void;
  readonly #onDeath: (shard: number, error: Error) => void;
  readonly #shards: Shard[] = [];

  constructor(options: {
    open: LinkFactory;
    max: number;
    clock: Clock;
    log: Log;
    onMessages: (shard: number, batch: ToMain[]) => void;
    /** Called after the shard has lost its worker: sends from here on go to a new one. */
    onDeath: (shard: number, error: Error) => void;
  }) {
    this.#open = options.open;
    this.#max = options.max;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#onMessages = options.onMessages;
    this.#onDeath = options.onDeath;
  }

  /** @throws ShardError when the worker keeps dying */
  send(shard: number, message: ToWorker): void {
    this.#link(shard).send(message);
  }

  /** @throws ShardError when the worker keeps dying */
  sendNow(shard: number, message: ToWorker): void {
    this.#link(shard).sendNow(message);
  }

  /** Starts the worker ahead of its first message; one that keeps dying is reported by the message. */
  warm(shard: number): void {
    try {
      this.#link(shard);
    } catch (error) {
      if (!(error instanceof ShardError)) throw error;
    }
  }

  /** Sends only to a worker that runs: news for one that is not there are read from the store when it starts. */
  tell(shard: number, message: ToWorker): void {
    this.#shards[shard]?.link?.send(message);
  }

  /** To all workers that run, at once. @returns how many they are */
  tellAll(message: ToWorker): number {
    const running = this.#shards.filter(({ link }) => link !== undefined);
    for (const { link } of running) link?.sendNow(message);
    return running.length;
  }

  /** Like `tell`, skipping the tick. */
  tellNow(shard: number, message: ToWorker): void {
    this.#shards[shard]?.link?.sendNow(message);
  }

  /** Where a session that nobody has pinned goes: the least busy worker, a new one only when all are busy. */
  place(): number {
    let best = 0;
    for (let at = 1; at < this.#shards.length; at++) if (this.#streams(at) < this.#streams(best)) best = at;
    if (this.#streams(best) < streamsPerShard || this.#shards.length >= this.#max) return best;
    return this.#shards.length;
  }

  /** A completion began (+1) or ended (-1) on the shard. */
  streaming(shard: number, change: 1 | -1): void {
    const state = this.#state(shard);
    state.streams = Math.max(0, state.streams + change);
  }

  get started(): number {
    return this.#shards.filter((shard) => shard.link !== undefined).length;
  }

  async close(): Promise<void> {
    await Promise.all(this.#shards.map((shard) => shard.link?.close()));
    for (const shard of this.#shards) shard.link = undefined;
  }

  #streams(shard: number): number {
    return this.#shards[shard]?.streams ?? 0;
  }

  #state(shard: number): Shard {
    while (this.#shards.length <= shard) this.#shards.push({ link: undefined, streams: 0, deaths: [], lastError: undefined });
    return this.#shards[shard]!;
  }

  #link(shard: number): Link {
    const state = this.#state(shard);
    if (state.link !== undefined) return state.link;
    const since = this.#clock.now() - crashWindowMs;
    state.deaths = state.deaths.filter((at) => at > since);
    if (state.deaths.length >= crashesMax) {
      throw new ShardError(
        `Session worker ${shard} died ${crashesMax} times within ${crashWindowMs / 1_000} s (last: ${state.lastError?.message ?? "unknown"}); it is not started again for now. The log has each of them; restart the server if this does not pass`,
        { cause: state.lastError },
      );
    }
    const link: Link = this.#open(shard, {
      messages: (batch) => this.#onMessages(shard, batch),
      died: (error) => {
        if (state.link === link) state.link = undefined;
        state.streams = 0;
        state.deaths.push(this.#clock.now());
        state.lastError = error;
        this.#log.error("session worker died", { shard, error: error.message, stack: error.stack });
        this.#onDeath(shard, error);
      },
    });
    state.link = link;
    return link;
  }
}
