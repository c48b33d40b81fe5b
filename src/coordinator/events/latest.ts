import type { Clock } from "../../contracts/base.ts";
import type { Progress } from "../../protocol/index.ts";

/** A screen shows about 30 frames a second at most, and nobody reads a command's output faster than this. */
const progressMs = 50;

/** Progress of running tools, at most one a call and `progressMs`; the newest wins. */
export class ProgressGate {
  readonly #clock: Clock;
  readonly #send: (progress: Progress) => void;
  readonly #waiting = new Map<string, Progress>();
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, send: (progress: Progress) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  put(progress: Progress): void {
    this.#waiting.set(progress.call, progress);
    this.#cancel ??= this.#clock.after(progressMs, () => {
      this.#cancel = undefined;
      const due = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const one of due) this.#send(one);
    });
  }

  /** The call has its result: what it said before is of no interest. */
  drop(call: string): void {
    this.#waiting.delete(call);
  }
}
