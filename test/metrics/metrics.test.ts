import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCounters } from "../../src/metrics/counters.ts";
import { openHistogram } from "../../src/metrics/histograms.ts";

describe("counters", () => {
  test("a worker's reports, added up on main in any cutting, equal what it counted", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ name: fc.constantFrom("a", "b", "c"), by: fc.nat(9), report: fc.boolean() })), (steps) => {
        const worker = createCounters();
        const main = createCounters();
        const expected: Record<string, number> = {};
        for (const { name, by, report } of steps) {
          worker.counter(name).value += by;
          expected[name] = (expected[name] ?? 0) + by;
          if (report) main.add(worker.drain());
        }
        main.add(worker.drain());
        expect(worker.drain()).toEqual({});
        const counted = Object.entries(expected).filter(([, value]) => value > 0);
        expect(main.snapshot()).toEqual(Object.fromEntries(counted));
      }),
    );
  });

  test("a gauge is read when asked, one that throws is not a number, and a removed one is gone", () => {
    const counters = createCounters();
    let open = 3;
    const remove = counters.gauge("open", () => open);
    counters.gauge("broken", () => {
      throw new Error("no");
    });
    open = 4;
    expect(counters.snapshot()).toEqual({ broken: Number.NaN, open: 4 });
    remove();
    expect(Object.keys(counters.snapshot())).toEqual(["broken"]);
  });
});

describe("histograms", () => {
  test("percentiles are within 1 % and a microsecond of the sorted values", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0.01, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 200 }), (values) => {
        const histogram = openHistogram("h");
        for (const value of values) histogram.record(value);
        const sorted = values.toSorted((a, b) => a - b);
        for (const percent of [50, 90, 100]) {
          const rank = Math.max(1, Math.round((percent / 100) * sorted.length)); // HDR rounds the rank to the nearest
          const exact = sorted[rank - 1]!;
          expect(Math.abs(histogram.percentile(percent) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.001);
        }
        expect(histogram.summary().count).toBe(values.length);
      }),
    );
  });

  test("no value makes it throw, and an empty one is all zeros", () => {
    const histogram = openHistogram("h");
    expect(histogram.summary()).toEqual({ count: 0, minMs: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 });
    for (const value of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e300]) histogram.record(value);
    expect(histogram.summary()).toMatchObject({ count: 5 });
    histogram.reset();
    expect(histogram.summary().count).toBe(0);
  });
});
