import { expect, test } from "vitest";
import { loadLines } from "../../src/cli/load-lines.ts";

const worker = (shard: number, hops: number): Record<string, number> => ({
  [`link.worker${shard}.hopsIn`]: hops,
  [`link.worker${shard}.messagesIn`]: hops * 10,
  [`link.worker${shard}.bytesIn`]: hops * 1_000,
  [`link.worker${shard}.hopsOut`]: hops / 2,
  [`link.worker${shard}.messagesOut`]: hops,
  [`link.worker${shard}.bytesOut`]: hops * 100,
});

test("the load of two seconds: the main thread by plane, its delay, and each worker's hops", () => {
  const before = { "main.activeMs": 1_000, "main.link.us": 5_000, ...worker(0, 100) };
  const now = {
    "main.activeMs": 1_100,
    "main.link.us": 25_000,
    "main.server.us": 40_000,
    "coordinator.delay.count": 9,
    "coordinator.delay.p50Ms": 0.2,
    "coordinator.delay.p99Ms": 3.4,
    "coordinator.delay.maxMs": 12,
    ...worker(0, 150),
    ...worker(1, 50),
  };
  expect(loadLines(before, now, 2)).toEqual([
    "main thread 5.0 % busy, of it link 1.0, events 0.0, server 2.0, store 0.0 %",
    "its delay since the start: median 0.2, p99 3.4, longest 12.0 ms",
    "session worker 0, a second: 25.0 hops in with 250.0 messages (25.0 KB), 12.5 out with 25.0 (2.5 KB)",
    "session worker 1, a second: 25.0 hops in with 250.0 messages (25.0 KB), 12.5 out with 25.0 (2.5 KB)",
  ]);
});

test("a server that counts nothing of it says nothing of it", () => {
  expect(loadLines({}, { workers: 1 }, 10)).toEqual([]);
});
