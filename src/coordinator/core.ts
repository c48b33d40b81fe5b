import type { Peer } from "../contracts/coordinator.ts";
import type { Scope } from "../protocol/index.ts";
import type { Idempotency } from "./commands/idempotency.ts";
import type { Hub } from "./events/hub.ts";
import type { Inventory } from "./link/inventory.ts";
import type { Shards } from "./link/shards.ts";
import type { Slices } from "./link/slices.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { PermissionDesk } from "./permissions/desk.ts";
import type { Screens } from "./registry/screens.ts";
import type { Sessions } from "./registry/sessions.ts";
import type { Workspaces } from "./registry/workspaces.ts";
import type { RunnerParts } from "./turn/runner.ts";

/** The parts of the coordinator, as its commands see them. */
export type Core = {
  readonly options: CoordinatorOptions;
  readonly startedAt: number;
  readonly hub: Hub;
  /** Where bursts wait for their turn: messages of workers, requests, commits to be told. */
  readonly slices: Slices;
  readonly shards: Shards;
  readonly sessions: Sessions;
  readonly workspaces: Workspaces;
  readonly screens: Screens;
  readonly desk: PermissionDesk;
  readonly turns: RunnerParts;
  readonly idempotency: Idempotency;
  /** What the workers hold. */
  readonly inventory: Inventory;
  /** Counters that workers have reported, added up. */
  readonly workerCounters: Map<string, number>;
  readonly peers: Set<Peer>;
  stopping: boolean;
};

/** Who asks: a connection, or the built-in UI on one of its screens. */
export type Caller = { peer: Peer; scope: Scope; name: string; screen?: number };
