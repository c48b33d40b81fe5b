import type { Clock } from "../../contracts/base.ts";
import { systemClock } from "../../contracts/system-clock.ts";

/** Runs of one key that begin at once within a window; a person's prompts never come to more. */
const freeRuns = 4;
/** Beyond them, whoever asks waits for the next window: a hundred prompts cost six runs, and none of them waits longer than this. */
const windowMs = 15;

/** Not the coordinator's clock: this is about work, not about what users see of time. */
const realTime: Pick<Clock, "now" | "after"> = {
  now: () => performance.now(),
  after: systemClock.after,
};

type Runs<Result> = {
  running: Promise<unknown> | undefined;
  next: Promise<Result> | undefined;
  /** When the window began, and runs begun in it. */
  since: number;
  count: number;
};

/**
 * Answers that depend on files as they are now. A hundred sessions that begin in one moment ask a hundred times: whoever asks while
 * an answer is being found, or after many were found just now, gets the next one, which begins after he has asked. So a crowd costs
 * few runs, and nobody gets an answer that is older than his question.
 */
export class SharedRuns<Result> {
  readonly #clock: Pick<Clock, "now" | "after">;
  readonly #runs = new Map<string, Runs<Result>>();

  constructor(clock: Pick<Clock, "now" | "after"> = realTime) {
    this.#clock = clock;
  }

  /** @param run  must give the same for everybody who asks with this key */
  ask(key: string, run: () => Promise<Result>): Promise<Result> {
    const now = this.#clock.now();
    let runs = this.#runs.get(key);
    if (runs === undefined) {
      this.#sweep(now);
      runs = { running: undefined, next: undefined, since: now, count: 0 };
      this.#runs.set(key, runs);
    }
    if (runs.next !== undefined) return runs.next;
    if (now - runs.since >= windowMs) Object.assign(runs, { since: now, count: 0 });
    if (runs.running === undefined && runs.count < freeRuns) return this.#start(runs, run);
    const mine = runs;
    const next = this.#turn(mine).then(() => {
      mine.next = undefined;
      return this.#start(mine, run);
    });
    runs.next = next;
    return next;
  }

  /** When the run under way has ended, and the window has room. */
  async #turn(runs: Runs<Result>): Promise<void> {
    await runs.running?.catch(() => {});
    if (runs.count < freeRuns) return;
    const left = runs.since + windowMs - this.#clock.now();
    if (left > 0) await new Promise<void>((resolve) => this.#clock.after(left, resolve));
    Object.assign(runs, { since: this.#clock.now(), count: 0 });
  }

  #start(runs: Runs<Result>, run: () => Promise<Result>): Promise<Result> {
    const running = run();
    runs.running = running;
    runs.count++;
    const done = (): void => {
      runs.running = undefined;
    };
    running.then(done, done);
    return running;
  }

  /** Keys whose window has passed. */
  #sweep(now: number): void {
    for (const [key, { running, next, since }] of this.#runs)
      if (running === undefined && next === undefined && now - since >= windowMs) this.#runs.delete(key);
  }
}
