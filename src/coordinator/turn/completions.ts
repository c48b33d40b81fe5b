import type { ToMain } from "../../contracts/link.ts";
import type { Delta } from "../../protocol/index.ts";

export type CompletionEnd = Extract<ToMain, { t: "completion.end" }>;
export type CompletionRetry = Extract<ToMain, { t: "completion.retry" }>;
export type CompletionActivity = Extract<ToMain, { t: "completion.activity" }>;

/** Whoever started a completion and waits for its end. */
export interface CompletionOwner {
  delta(delta: Delta): void;
  retry(message: CompletionRetry): void;
  activity(message: CompletionActivity): void;
  /** Exactly one of `end` and `died`, and nothing after it. */
  end(message: CompletionEnd): void;
  died(reason: string): void;
}

type Running = { owner: CompletionOwner; shard: number; messages: string[] };

/** Completions under way, by id and by the messages that they write. What comes of a completion that is not here is late, and dropped. */
export class Completions {
  readonly #running = new Map<string, Running>();
  readonly #byMessage = new Map<string, CompletionOwner>();
  readonly #streaming: (shard: number, change: 1 | -1) => void;

  constructor(streaming: (shard: number, change: 1 | -1) => void) {
    this.#streaming = streaming;
  }

  begin(completion: string, owner: CompletionOwner, shard: number, messages: string[]): void {
    this.#running.set(completion, { owner, shard, messages });
    for (const message of messages) this.#byMessage.set(message, owner);
    this.#streaming(shard, 1);
  }

  /** Its owner has no more interest in it. */
  drop(completion: string): void {
    const running = this.#take(completion);
    if (running !== undefined) this.#streaming(running.shard, -1);
  }

  get running(): number {
    return this.#running.size;
  }

  owner(completion: string): CompletionOwner | undefined {
    return this.#running.get(completion)?.owner;
  }

  writer(message: string): CompletionOwner | undefined {
    return this.#byMessage.get(message);
  }

  end(message: CompletionEnd): void {
    const owner = this.owner(message.completion);
    this.drop(message.completion);
    owner?.end(message);
  }

  /** The shard's worker died, and its streams with it. */
  shardDied(shard: number, reason: string): void {
    const dead = [...this.#running].filter(([, running]) => running.shard === shard);
    for (const [completion] of dead) this.#take(completion);
    for (const [, running] of dead) running.owner.died(reason);
  }

  #take(completion: string): Running | undefined {
    const running = this.#running.get(completion);
    if (running === undefined) return undefined;
    this.#running.delete(completion);
    for (const message of running.messages) this.#byMessage.delete(message);
    return running;
  }
}
