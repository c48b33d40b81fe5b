// When a worker wakes up. A wake-up costs about 90 us, more than the work that it carries, so everything that is due is done
// in one: read, parse, lay out, paint, diff, post. No timer is set while nothing is paced.
//
// The grid of ticks is common to all sessions of a worker: a hundred streams wake it 30 times a second, not 3,000 times.
import type { Clock } from "../../contracts/base.ts";

/** Sessions that nobody watches are read this often a second: their text is wanted by the store only. */
export const unwatchedTicksPerSecond = 5;

/** Something that is read on the grid. */
export type Paced = {
  /** Called on a tick: read again. Its bytes arrive in the same turn of the event loop. */
  go(): void;
  /** Milliseconds between ticks for it now; less than the grid's are taken as they are. */
  interval(): number;
};

export interface Ticks {
  readonly intervalMs: number;
  /** Runs `work` once, after all that has arrived in this turn of the event loop. For keys and first bytes. */
  atOnce(): void;
  /** Runs `work` at the next tick. */
  soon(): void;
  /** Lets `paced` go on at its next tick. */
  later(paced: Paced): void;
  /** It is gone. */
  forget(paced: Paced): void;
  close(): void;
}

/**
 * @param work  called at most once a turn of the event loop
 */
export function openTicks(clock: Clock, intervalMs: number, work: () => void): Ticks {
  const waiting = new Map<Paced, number>();
  let soonAt = 0;
  let immediate: NodeJS.Immediate | undefined;
  let timerAt = 0;
  let cancelTimer: (() => void) | undefined;

  const run = (): void => {
    immediate = undefined;
    soonAt = 0;
    work();
  };
  const atOnce = (): void => {
    immediate ??= setImmediate(run);
  };
  /** Start of the tick that is at least half an interval from now: ticks of different sessions fall together. */
  const onGrid = (interval: number): number => Math.ceil((clock.now() + interval - intervalMs / 2) / intervalMs) * intervalMs;

  const tick = (): void => {
    cancelTimer = undefined;
    // A timer may fire a little early against the wall clock.
    const now = clock.now() + 2;
    for (const [paced, at] of waiting) {
      if (at > now) continue;
      waiting.delete(paced);
      paced.go();
    }
    // What had gathered has been read by now. A socket that must be watched instead (TLS, nothing there yet) is read in the poll phase
    // that follows, and its bytes ask for an immediate.
    if (immediate) clearImmediate(immediate);
    run();
    arm();
  };
  const arm = (): void => {
    let next = soonAt || Number.POSITIVE_INFINITY;
    for (const at of waiting.values()) if (at < next) next = at;
    if (cancelTimer && timerAt <= next) return;
    cancelTimer?.();
    cancelTimer = undefined;
    if (next === Number.POSITIVE_INFINITY) return;
    timerAt = next;
    cancelTimer = clock.after(Math.max(1, next - clock.now()), tick);
  };

  return {
    intervalMs,
    atOnce,
    soon() {
      if (immediate || soonAt > 0) return;
      soonAt = onGrid(intervalMs);
      arm();
    },
    later(paced) {
      const interval = paced.interval();
      waiting.set(paced, interval < intervalMs ? clock.now() + interval : onGrid(interval));
      arm();
    },
    forget(paced) {
      waiting.delete(paced);
      if (waiting.size === 0 && soonAt === 0) {
        cancelTimer?.();
        cancelTimer = undefined;
      }
    },
    close() {
      if (immediate) clearImmediate(immediate);
      cancelTimer?.();
      waiting.clear();
    },
  };
}
