import type { Clock } from "../../contracts/base.ts";
import type { Shards } from "./shards.ts";

/** A worker that has not answered after this is busy with something else: what is known without it is told. */
const answerMs = 250;

type Asked = { left: number; counts: Record<string, number>; done(): void };

/** What the session workers hold, counted when somebody asks. */
export class Inventory {
  readonly #clock: Clock;
  readonly #asked = new Map<number, Asked>();
  #last = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Live objects by name, of all workers that run and answer together. */
  ask(shards: Pick<Shards, "tellAll">): Promise<Record<string, number>> {
    return new Promise((resolve) => {
      const id = ++this.#last;
      const counts: Record<string, number> = {};
      const cancel = this.#clock.after(answerMs, () => asked.done());
      const asked: Asked = {
        left: shards.tellAll({ t: "inventory", id }),
        counts,
        done: () => {
          cancel();
          this.#asked.delete(id);
          resolve(counts);
        },
      };
      if (asked.left === 0) asked.done();
      else this.#asked.set(id, asked);
    });
  }

  /** A worker's answer; one that is late finds nobody. */
  answer(id: number, counts: Record<string, number>): void {
    const asked = this.#asked.get(id);
    if (asked === undefined) return;
    for (const [name, count] of Object.entries(counts)) asked.counts[name] = (asked.counts[name] ?? 0) + count;
    if (--asked.left === 0) asked.done();
  }
}
