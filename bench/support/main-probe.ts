// Loaded into a server with NODE_OPTIONS=--import: measures its main thread from inside, and writes what it has found to the file that
// CRUSH_PROBE names whenever SIGUSR2 comes. The first signal only starts; each later one tells of the time since the first (`all`)
// and since the one before (`lately`). With CRUSH_PROBE_PROFILE a CPU profile of the main thread goes to that file at the third signal.
import fs from "node:fs";
import { Session } from "node:inspector";
import { monitorEventLoopDelay, performance } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

export type DelaySummary = { count: number; p50: number; p99: number; max: number };
export type Probe = {
  signal: number;
  all: DelaySummary;
  lately: DelaySummary;
  /** Seconds in which the main thread was not waiting, since the first signal. */
  activeSeconds: number;
  memory: { rss: number; heapUsed: number; external: number; arrayBuffers: number };
};

/** How late timers of this period come is the delay. It wakes the thread 1,000 times a second: 1 % of a core, told with the rest. */
const resolutionMs = 1;

if (isMainThread && process.env.CRUSH_PROBE !== undefined && process.argv[1]?.endsWith("serve.mjs")) {
  const file = process.env.CRUSH_PROBE;
  const profile = process.env.CRUSH_PROBE_PROFILE;
  const all = monitorEventLoopDelay({ resolution: resolutionMs });
  const lately = monitorEventLoopDelay({ resolution: resolutionMs });
  const session = new Session();
  let signal = 0;
  let began = performance.eventLoopUtilization();
  const summary = (histogram: typeof all): DelaySummary => {
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - resolutionMs);
    return { count: histogram.count, p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
  };
  process.on("SIGUSR2", () => {
    signal++;
    if (signal === 1) {
      began = performance.eventLoopUtilization();
      all.enable();
      lately.enable();
      if (profile !== undefined) {
        session.connect();
        session.post("Profiler.enable");
        session.post("Profiler.setSamplingInterval", { interval: 200 });
        session.post("Profiler.start");
      }
    }
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const found: Probe = {
      signal,
      all: summary(all),
      lately: summary(lately),
      activeSeconds: performance.eventLoopUtilization(began).active / 1_000,
      memory: { rss, heapUsed, external, arrayBuffers },
    };
    fs.writeFileSync(`${file}.new`, JSON.stringify(found));
    fs.renameSync(`${file}.new`, file);
    lately.reset();
    if (signal === 3 && profile !== undefined)
      session.post("Profiler.stop", (error, result) => {
        if (error === null) fs.writeFileSync(profile, JSON.stringify(result.profile));
      });
  });
}
