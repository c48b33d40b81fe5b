import { CommandError, type DurableBody, type PromptOptions, type Turn } from "../../protocol/index.ts";
import type { Hub } from "../events/hub.ts";
import { pin } from "../registry/pin.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { Ending } from "./machine.ts";
import { type CompactionOrder, type RunnerParts, TurnRunner } from "./runner.ts";

export const canceledByUser: Ending = { status: "interrupted", cause: "canceled", reason: "Canceled by the user" };

/** Turns of one session: one runs, the others wait in order. */
export class TurnQueue {
  readonly #parts: RunnerParts;
  readonly #entry: () => OpenSession;
  #running: TurnRunner | undefined;
  readonly #waiting: TurnRunner[] = [];
  #held = false;

  constructor(parts: RunnerParts, entry: () => OpenSession) {
    this.#parts = parts;
    this.#entry = entry;
  }

  get busy(): boolean {
    return this.#running !== undefined;
  }

  get running(): TurnRunner | undefined {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Adds a turn, which starts at once if nothing runs. `before` is committed with it (its user message).
   * @returns whether it waits, and a promise of the commit @throws StoreError from the promise; there is no turn then
   */
  add(
    turn: Turn,
    prompt: PromptOptions,
    before: DurableBody[],
    change: Partial<OpenSession["session"]>,
    order?: CompactionOrder,
  ): { queued: boolean; committed: Promise<unknown> } {
    const entry = this.#entry();
    // Before the commit, so that the worker is told of the user's message, and starts while the disk writes.
    this.#parts.shards.warm(pin(entry, () => this.#parts.shards.place()));
    const runner = new TurnRunner(this.#parts, entry, turn, prompt, order);
    const hub: Hub = this.#parts.hub;
    if (this.#running === undefined && !this.#held) {
      const committed = hub.commit(entry.id, [...before, ...runner.startedBodies(change)]);
      this.#run(runner, committed, false);
      return { queued: false, committed };
    }
    this.#waiting.push(runner);
    const committed = hub.commit(entry.id, [...before, { kind: "turn.queued", data: { turn } }]);
    committed.catch(() => {
      const at = this.#waiting.indexOf(runner);
      if (at >= 0) this.#waiting.splice(at, 1);
    });
    return { queued: true, committed };
  }

  /** No turn begins until what is returned is called; prompts wait. For an undo. @throws when one runs or it is held already */
  hold(): () => void {
    if (this.#running !== undefined || this.#held)
      throw new CommandError("conflict", "This session is at work: try again", { retryable: true });
    this.#held = true;
    return () => {
      this.#held = false;
      this.#next();
    };
  }

  /** Ends the running turn, and with `all` those that wait. Resolves when their ends are on disk. */
  async stop(ending: Ending, all: boolean): Promise<boolean> {
    const running = this.#running;
    const dropped = all ? this.#waiting.splice(0) : [];
    running?.stop(ending);
    for (const runner of dropped) runner.stop(ending);
    await Promise.all([running?.ended, ...dropped.map(({ ended }) => ended)]);
    return running !== undefined || dropped.length > 0;
  }

  #run(runner: TurnRunner, opened: Promise<unknown>, known: boolean): void {
    this.#running = runner;
    void runner.ended.then(() => {
      this.#running = undefined;
      this.#next();
    });
    runner.start(opened, known);
  }

  #next(): void {
    const next = this.#waiting.shift();
    if (next !== undefined) this.#run(next, this.#parts.hub.commit(this.#entry().id, next.startedBodies()), true);
  }
}
