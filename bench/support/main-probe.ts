// Loaded into a server with NODE_OPTIONS=--import: measures its main thread from inside, and writes what it has found to the file that
// CRUSH_PROBE names whenever SIGUSR2 comes. The first signal only starts; each later one tells of the time since the first (`all`)
// and since the one before (`lately`). With CRUSH_PROBE_COLLECT the heap is collected before it is measured. With CRUSH_PROBE_PROFILE a CPU profile of the main thread goes to that file at the third signal.
import fs from "node:fs";
import { Session } from "node:inspector";
import { constants, createHistogram, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

export type DelaySummary = { count: number; p50: number; p99: number; max: number };
export type Probe = {
  signal: number;
  all: DelaySummary;
  lately: DelaySummary;
  /** Of the delay, what the thread itself worked meanwhile: the rest it waited for a core that somebody else had. */
  own: DelaySummary;
  /** Collections of the main thread's heap since the first signal, in ms. */
  gc: { minor: number; minorMs: number; major: number; majorMs: number; longestMs: number };
  memory: { rss: number; heapUsed: number; external: number; arrayBuffers: number };
};

/** How late timers of this period come is the delay. It wakes the thread 1,000 times a second: 1 % of a core, told with the rest. */
const resolutionMs = 1;
/** The same for what has to look at the thread's CPU time: 500 wake-ups a second and another 2 % of a core. */
const ownEveryMs = 2;

if (isMainThread && process.env.CRUSH_PROBE !== undefined && process.argv[1]?.endsWith("serve.mjs")) {
  const file = process.env.CRUSH_PROBE;
  const profile = process.env.CRUSH_PROBE_PROFILE;
  const all = monitorEventLoopDelay({ resolution: resolutionMs });
  const lately = monitorEventLoopDelay({ resolution: resolutionMs });
  const session = new Session();
  // For those who look for what stays: a heap that was not collected says nothing.
  let collect: (() => void) | undefined;
  if (process.env.CRUSH_PROBE_COLLECT !== undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  let signal = 0;
  const gc = { minor: 0, minorMs: 0, major: 0, majorMs: 0, longestMs: 0 };
  const collections = new PerformanceObserver((list) => {
    for (const { duration, detail } of list.getEntries() as unknown as { duration: number; detail: { kind: number } }[]) {
      const kind = detail.kind === constants.NODE_PERFORMANCE_GC_MINOR ? "minor" : "major";
      gc[kind]++;
      gc[`${kind}Ms`] += duration;
      gc.longestMs = Math.max(gc.longestMs, duration);
    }
  });
  const own = createHistogram();
  const watchOwn = (): void => {
    let at = performance.now();
    let cpu = process.threadCpuUsage();
    setInterval(() => {
      const [now, used] = [performance.now(), process.threadCpuUsage(cpu)];
      const late = Math.min(now - at - ownEveryMs, (used.user + used.system) / 1_000);
      own.record(Math.max(1, Math.round(late * 1e6)));
      at = now;
      cpu = process.threadCpuUsage();
    }, ownEveryMs);
  };
  const summary = (histogram: { count: number; max: number; percentile(percent: number): number }, less = resolutionMs): DelaySummary => {
    const ms = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - less);
    return { count: histogram.count, p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
  };
  process.on("SIGUSR2", () => {
    signal++;
    if (signal === 1) {
      all.enable();
      lately.enable();
      watchOwn();
      collections.observe({ entryTypes: ["gc"] });
      if (profile !== undefined) {
        session.connect();
        session.post("Profiler.enable");
        session.post("Profiler.setSamplingInterval", { interval: 200 });
        session.post("Profiler.start");
      }
    }
    if (collect !== undefined) collect();
    const { rss, heapUsed, external, arrayBuffers } = process.memoryUsage();
    const found: Probe = {
      signal,
      all: summary(all),
      lately: summary(lately),
      own: summary(own, 0),
      gc,
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
