// Counters and gauges of one thread. A leaf: hot paths hold a Counter and add to a field; nothing is formatted before it is asked for.

export type Counter = { readonly name: string; value: number };

export interface Counters {
  /** The counter of this name, made when first asked for. Hold on to it: `counter.value++` is the hot path. */
  counter(name: string): Counter;
  /** A value read when somebody looks, not on a timer. The answer takes it away again. */
  gauge(name: string, read: () => number): () => void;
  /** What was counted since the last call, without zeros: for the report of a worker to main. */
  drain(): Record<string, number>;
  /** Adds a worker's report. */
  add(counted: Record<string, number>): void;
  /** All counters and gauges by name, sorted. A gauge that throws reads as NaN. */
  snapshot(): Record<string, number>;
}

export function createCounters(): Counters {
  const counters = new Map<string, Counter>();
  const drained = new Map<string, number>();
  const gauges = new Map<string, () => number>();

  const counter = (name: string): Counter => {
    let found = counters.get(name);
    if (found === undefined) {
      found = { name, value: 0 };
      counters.set(name, found);
    }
    return found;
  };
  const read = (gauge: () => number): number => {
    try {
      return gauge();
    } catch {
      return Number.NaN;
    }
  };

  return {
    counter,
    gauge(name, gauge) {
      gauges.set(name, gauge);
      return () => {
        if (gauges.get(name) === gauge) gauges.delete(name);
      };
    },
    drain() {
      const since: Record<string, number> = {};
      for (const { name, value } of counters.values()) {
        const more = value - (drained.get(name) ?? 0);
        if (more !== 0) since[name] = more;
        drained.set(name, value);
      }
      return since;
    },
    add(counted) {
      for (const [name, more] of Object.entries(counted)) counter(name).value += more;
    },
    snapshot() {
      const all: [string, number][] = [...counters.values()].map(({ name, value }) => [name, value]);
      for (const [name, gauge] of gauges) all.push([name, read(gauge)]);
      return Object.fromEntries(all.sort(([a], [b]) => (a < b ? -1 : 1)));
    },
  };
}
