/**
 * Longest that gathered work may hold the event loop in one turn. A hundred sessions that begin or end together bring their
 * commits and messages as two or three batches of 10 to 20 ms; keys and patches should not wait for that (bar: p99 of the loop's
 * delay 5 ms, bench/sessions.ts), and what a turn has besides needs room too.
 */
const sliceMs = 2;

/**
 * Pieces that follow each other before the promises that they settle are worked off: each working-off ends with a write to every
 * client that was told something.
 */
const together = 4;

type Pending = { next(): boolean };

/**
 * Spreads work over turns of the event loop: what fits into the slice runs at once, the rest in order, after the sockets
 * had their turn. One queue for all, so nothing overtakes.
 */
export class Slices {
  readonly #now: () => number;
  readonly #ms: number;
  #queue: Pending[] = [];
  /** When work began in this turn of the event loop; 0: none yet. */
  #began = 0;
  #draining = false;

  constructor(ms: number = sliceMs, now: () => number = () => performance.now()) {
    this.#ms = ms;
    this.#now = now;
  }

  run(task: () => void): void {
    if (this.#queue.length === 0 && this.#fits()) task();
    else
      this.#put({
        next() {
          task();
          return false;
        },
      });
  }

  /** Does it with each item in order. `take` must not throw. */
  each<Item>(items: readonly Item[], take: (item: Item) => void): void {
    let at = 0;
    if (this.#queue.length === 0) while (at < items.length && this.#fits()) take(items[at++]!);
    if (at === items.length) return;
    this.#put({
      next() {
        take(items[at++]!);
        return at < items.length;
      },
    });
  }

  /** Everything that waits, now: what comes next must find it done. */
  finish(): void {
    for (let pending = this.#queue.shift(); pending !== undefined; pending = this.#queue.shift()) while (pending.next());
  }

  #fits(): boolean {
    const now = this.#now();
    if (this.#began === 0) {
      this.#began = now;
      setImmediate(() => {
        this.#began = 0;
      });
    }
    return now - this.#began < this.#ms;
  }

  #put(pending: Pending): void {
    this.#queue.push(pending);
    this.#later();
  }

  #later(): void {
    if (this.#draining) return;
    this.#draining = true;
    setImmediate(() => {
      this.#began = this.#now();
      this.#step();
    });
  }

  /** A few items; the next ones after all promises that these have settled, so that their work counts too. */
  #step(): void {
    let open = this.#now() - this.#began < this.#ms;
    for (let done = 0; open && done < together; done++) {
      const [first] = this.#queue;
      if (first === undefined) break;
      if (!first.next()) this.#queue.shift();
      open = this.#now() - this.#began < this.#ms;
    }
    if (this.#queue.length > 0 && open) {
      queueMicrotask(() => process.nextTick(() => this.#step()));
      return;
    }
    this.#draining = false;
    if (this.#queue.length > 0) this.#later();
    else this.#began = 0;
  }
}
