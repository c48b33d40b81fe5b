import { createHistogram, type RecordableHistogram } from "node:perf_hooks";

/** Two significant digits: errors below 1 %, a tenth of the memory of three. */
const figures = 2;
/** An hour in microseconds. Longer is recorded as an hour. */
const microsecondsMax = 3_600_000_000;

export type HistogramSummary = { count: number; minMs: number; meanMs: number; p50Ms: number; p90Ms: number; p99Ms: number; maxMs: number };

/** Durations in HDR buckets of microseconds. Recording costs 18 to 45 ns and allocates nothing. */
export interface Histogram {
  readonly name: string;
  /** @param ms  negative or not a number counts as 0 */
  record(ms: number): void;
  summary(): HistogramSummary;
  /** Milliseconds below which `percent` of the values lie, 0 < percent <= 100. */
  percentile(percent: number): number;
  /** For adding up the histograms of several threads: it can be posted. */
  readonly native: RecordableHistogram;
  reset(): void;
}

export function openHistogram(name: string): Histogram {
  const native = createHistogram({ lowest: 1, highest: microsecondsMax, figures });
  const percentile = (percent: number): number => (native.count === 0 ? 0 : native.percentile(percent) / 1_000);
  return {
    name,
    native,
    record(ms) {
      const microseconds = Math.round(ms * 1_000);
      // The native one throws below 1 and above its highest value, and a metric must not.
      native.record(microseconds >= 1 ? Math.min(microseconds, microsecondsMax) : 1);
    },
    summary() {
      if (native.count === 0) return { count: 0, minMs: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 };
      return {
        count: native.count,
        minMs: native.min / 1_000,
        meanMs: native.mean / 1_000,
        p50Ms: percentile(50),
        p90Ms: percentile(90),
        p99Ms: percentile(99),
        maxMs: native.max / 1_000,
      };
    },
    percentile,
    reset: () => native.reset(),
  };
}
