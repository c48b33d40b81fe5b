import type { Command } from "./command.ts";

export const serverStatus: Command<"server.status"> = (core) => {
  const { version, epoch, linkCounters, counters } = core.options;
  const link = Object.entries(linkCounters ?? {}).map(([name, count]) => [`link.${name}`, count] as const);
  return {
    version,
    pid: process.pid,
    epoch,
    startedAt: core.startedAt,
    clients: core.peers.size,
    screens: core.screens.size,
    sessionsOpen: core.sessions.size,
    turnsRunning: core.sessions.all().filter(({ turns }) => turns.busy).length,
    counters: { ...Object.fromEntries(core.workerCounters), ...Object.fromEntries(link), workers: core.shards.started, ...counters?.() },
  };
};
