import type { ServerStatus } from "../protocol/index.ts";

type Counters = ServerStatus["counters"];

const planes = ["link", "events", "server", "store"] as const;

/**
 * What `crush server status` says of the threads: how busy the main thread is and with what, and what crosses to each worker.
 * @param before  counters at the beginning of the `seconds` that are told of; {} for the server's start
 */
export function loadLines(before: Counters, now: Counters, seconds: number): string[] {
  const since = (name: string): number => (now[name] ?? 0) - (before[name] ?? 0);
  const share = (ms: number): string => (ms / seconds / 10).toFixed(1);
  const rate = (name: string): string => (since(name) / seconds).toFixed(1);
  const lines: string[] = [];
  if (now["main.activeMs"] !== undefined) {
    const parts = planes.map((plane) => `${plane} ${share(since(`main.${plane}.us`) / 1_000)}`).join(", ");
    lines.push(`main thread ${share(since("main.activeMs"))} % busy, of it ${parts} %`);
  }
  const delay = (name: string): string => (now[`coordinator.delay.${name}`] ?? 0).toFixed(1);
  if ((now["coordinator.delay.count"] ?? 0) > 0)
    lines.push(`its delay since the start: median ${delay("p50Ms")}, p99 ${delay("p99Ms")}, longest ${delay("maxMs")} ms`);
  for (let shard = 0; now[`link.worker${shard}.hopsIn`] !== undefined; shard++) {
    const of = (name: string): string => rate(`link.worker${shard}.${name}`);
    const kilobytes = (name: string): string => (since(`link.worker${shard}.${name}`) / seconds / 1_000).toFixed(1);
    lines.push(
      `session worker ${shard}, a second: ${of("hopsIn")} hops in with ${of("messagesIn")} messages (${kilobytes("bytesIn")} KB), ` +
        `${of("hopsOut")} out with ${of("messagesOut")} (${kilobytes("bytesOut")} KB)`,
    );
  }
  return lines;
}
