import { allHops } from "../link/link.ts";
import type { Command } from "./command.ts";

/** Flat, as programs read it: `link.hopsIn` of all workers, `link.worker0.hopsIn` of one, `main.link.us` of a plane of the main thread, `live.*` objects. */
export const serverStatus: Command<"server.status"> = async (core) => {
  const held = await core.inventory.ask(core.shards);
  const { version, epoch, linkCounters = [], planes, counters } = core.options;
  const shown: Record<string, number> = Object.fromEntries(core.workerCounters);
  const put = (prefix: string, values: Record<string, number>): void => {
    for (const [name, value] of Object.entries(values)) shown[`${prefix}.${name}`] = value;
  };
  put("link", allHops(linkCounters));
  for (const [shard, hops] of linkCounters.entries()) put(`link.worker${shard}`, hops);
  for (const [name, plane] of Object.entries(planes?.snapshot() ?? {})) put(`main.${name}`, plane);
  put("live", { subscriptions: core.hub.subscriptions, completions: core.turns.completions.running });
  put("live.worker", held);
  const { active, idle } = performance.eventLoopUtilization();
  put("main", { activeMs: Math.round(active), idleMs: Math.round(idle) });
  return {
    version,
    pid: process.pid,
    epoch,
    startedAt: core.startedAt,
    clients: core.peers.size,
    screens: core.screens.size,
    sessionsOpen: core.sessions.size,
    turnsRunning: core.sessions.all().filter(({ turns }) => turns.busy).length,
    counters: { ...shown, workers: core.shards.started, ...counters?.() },
  };
};
