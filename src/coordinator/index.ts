// The coordinator: what the main thread does between sockets and workers. It never parses a stream, lays out text, diffs or commits.
import type { Coordinator } from "../contracts/coordinator.ts";
import { noPlanes } from "../metrics/planes.ts";
import { Idempotency } from "./commands/idempotency.ts";
import type { Core } from "./core.ts";
import { chargedStore } from "./events/charged-store.ts";
import { Hub } from "./events/hub.ts";
import { ProgressGate } from "./events/latest.ts";
import { receive } from "./inbox.ts";
import { Inventory } from "./link/inventory.ts";
import { defaultShardsMax, Shards } from "./link/shards.ts";
import { Slices } from "./link/slices.ts";
import type { CoordinatorOptions } from "./options.ts";
import { connectPeer } from "./peers.ts";
import { PermissionDesk } from "./permissions/desk.ts";
import { ConfigWatch } from "./registry/config-watch.ts";
import { Screens } from "./registry/screens.ts";
import { Sessions } from "./registry/sessions.ts";
import { Workspaces } from "./registry/workspaces.ts";
import { Agents } from "./turn/agents.ts";
import { Completions } from "./turn/completions.ts";
import { Room } from "./turn/room.ts";
import { ContextMeter } from "./turn/context-meter.ts";
import type { Ending } from "./turn/machine.ts";
import { TurnQueue } from "./turn/queue.ts";
import { recoverTurns } from "./turn/recovery.ts";
import { Toolbox } from "./turn/tools.ts";
import { recoverUndos } from "./versions/recover.ts";

export type { CoordinatorOptions } from "./options.ts";

const serverStopped: Ending = {
  status: "interrupted",
  cause: "server_stopped",
  reason: "The server was stopped while this turn ran; resume to go on",
};

/** Opens the coordinator, after it has ended what an earlier server left unfinished. */
export async function openCoordinator(options: CoordinatorOptions): Promise<Coordinator> {
  const core = assemble(options);
  // A server is started by somebody who wants a session: its worker starts while the rest is read.
  core.shards.warm(0);
  await recoverTurns({ queries: options.queries, hub: core.hub, clock: options.clock, log: options.log });
  await recoverUndos({ time: options.time, queries: options.queries, hub: core.hub, log: options.log });
  const busy = (): boolean => core.sessions.all().some(({ turns }) => turns.busy);
  return {
    epoch: options.epoch,
    connect: (peer) => connectPeer(core, peer),
    busy,
    async shutdown() {
      core.stopping = true;
      await Promise.all(core.sessions.all().map(({ turns }) => turns.stop(serverStopped, true)));
      core.hub.close();
      await core.hub.settled();
      await options.store.flush();
      await core.shards.close();
    },
  };
}

function assemble(given: CoordinatorOptions): Core {
  const { planes = noPlanes } = given;
  const options = { ...given, store: chargedStore(given.store, planes) };
  const { clock, log, store, queries } = options;
  const slices = new Slices(options.sliceMs);
  const hub = new Hub({ store, queries, clock, log, slices, planes });
  const workspaces = new Workspaces(options);
  const shards: Shards = new Shards({
    open: options.links,
    max: options.shardsMax ?? defaultShardsMax(),
    clock,
    log,
    onMessages: (shard, batch) => receive(core, shard, batch),
    onDeath: (shard, error) => {
      // What it said before it died is heard first.
      slices.finish();
      core.turns.completions.shardDied(shard, error.message);
      core.screens.shardDied(shard);
    },
  });
  const desk = new PermissionDesk({ clock, hub, queries, workspaces, saveRule: options.saveRule });
  const completions = new Completions((shard, change) => shards.streaming(shard, change));
  const progress = new ProgressGate(clock, (event) => hub.latest(event));
  const meter = new ContextMeter(options);
  const toolbox = new Toolbox(options.tools, options.toolSpecs);
  const agents = new Agents(() => sessions);
  const turns = {
    options,
    desk,
    agents,
    workspaces,
    toolbox,
    hub,
    shards,
    completions,
    progress,
    meter,
    room: new Room({ options, shards, completions, hub, meter, agents }),
  };
  const sessions: Sessions = new Sessions({
    queries,
    turns: (entry) => new TurnQueue(turns, entry),
    inUse: ({ id }) => hub.watched(id) || screens.shows(id),
    forget: ({ id, shard }) => {
      options.forgetSession?.(id);
      if (shard !== undefined) shards.tell(shard, { t: "session.forget", session: id });
    },
  });
  const screens: Screens = new Screens({ shards, sessions, log, changed: () => configWatch.sync() });
  const configWatch = new ConfigWatch({
    watch: options.watchConfig,
    workspaces,
    screens: () => screens.all(),
    tell: (screen, notice) =>
      screens.pass(screen, { t: "screen.configured", screen: screen.id, ...(notice === undefined ? {} : { notice }) }),
    log,
  });
  hub.onTold((session, events) => {
    const entry = sessions.peek(session);
    if (entry === undefined) return;
    const head = events.at(-1)?.seq;
    if (head !== undefined) entry.session = { ...entry.session, head };
    if (entry.shard !== undefined) shards.tell(entry.shard, { t: "events", session, events });
  });
  hub.onTold((session, events) => {
    for (const event of events) if (event.kind === "part.finished") agents.told(session, event.data.part);
  });
  hub.onWatched((session, deltas) => {
    const shard = sessions.peek(session)?.shard;
    if (shard !== undefined) shards.tell(shard, { t: "session.watched", session, deltas });
  });
  hub.onLatest((event) => {
    // A worker shows it and keeps nothing of it: without a screen it would be woken for nothing.
    const shard = screens.shows(event.session) ? sessions.peek(event.session)?.shard : undefined;
    if (shard !== undefined) shards.tell(shard, { t: "latest", event });
  });
  const core: Core = {
    options,
    startedAt: clock.now(),
    hub,
    slices,
    shards,
    sessions,
    workspaces,
    screens,
    desk,
    turns,
    idempotency: new Idempotency({ store, queries }),
    inventory: new Inventory(clock),
    workerCounters: new Map(),
    peers: new Set(),
    stopping: false,
  };
  return core;
}
