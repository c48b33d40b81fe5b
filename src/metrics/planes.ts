// What the main thread's time goes to. Two clock readings a piece of work (130 ns on a busy machine; test/metrics/planes.test.ts counts
// them), so it is always on.
//
//   charge(link, ... charge(events, ... charge(server, ...)))
//   time is charged to the innermost plane only, so nothing counts twice

/** link: messages to and from workers. events: who is told what. server: frames and sockets. store: rows handed to the writer. */
export const planeNames = ["link", "events", "server", "store"] as const;
export type PlaneName = (typeof planeNames)[number];

export interface Planes {
  /** Runs it and charges its time, up to where it returns or throws, to `plane`. */
  charge<Result>(plane: PlaneName, run: () => Result): Result;
  /** By name: microseconds, and pieces of work, since the start. */
  snapshot(): Record<PlaneName, { us: number; count: number }>;
}

/** None: the time outside of all planes is not looked at, because most of it is waiting. */
const outside = -1;
const numberOf: Readonly<Record<PlaneName, number>> = { link: 0, events: 1, server: 2, store: 3 };

/** For whoever is not measured. */
export const noPlanes: Pick<Planes, "charge"> = { charge: (_, run) => run() };

/** @param now  milliseconds with a fraction */
export function openPlanes(now: () => number = () => performance.now()): Planes {
  const ms = new Float64Array(planeNames.length);
  const counts = new Float64Array(planeNames.length);
  let current = outside;
  let since = 0;
  const turnTo = (next: number): void => {
    const time = now();
    if (current !== outside) ms[current]! += time - since;
    since = time;
    current = next;
  };
  return {
    charge(plane, run) {
      const before = current;
      const next = numberOf[plane];
      counts[next]!++;
      // Already there: no clock needs to be read.
      if (next === before) return run();
      turnTo(next);
      try {
        return run();
      } finally {
        turnTo(before);
      }
    },
    snapshot: () =>
      Object.fromEntries(planeNames.map((name, at) => [name, { us: Math.round(ms[at]! * 1_000), count: counts[at]! }])) as ReturnType<
        Planes["snapshot"]
      >,
  };
}
