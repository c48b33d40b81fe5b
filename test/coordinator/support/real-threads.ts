// A coordinator with the built session worker and store worker on their threads, SQLite and HTTP. Only tools and clients are made up.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { LinkCounters } from "../../../src/coordinator/link/link.ts";
import { openStorePool } from "../../../src/coordinator/link/pools.ts";
import { sessionLinks } from "../../../src/coordinator/link/session-links.ts";
import { openStore } from "../../../src/store/client.ts";
import { openQueries } from "../../../src/store/queries/queries.ts";
import { openSimulator, type Simulator } from "../../support/simulator.ts";
import type { CoordinatorOptions } from "../../../src/coordinator/index.ts";
import { realClock } from "./clock.ts";
import { config, type Harness, harness, provider } from "./harness.ts";

export type RealThreads = { h: Harness; simulator: Simulator; queries: OpenQueries; counters: LinkCounters; close(): Promise<void> };
type OpenQueries = ReturnType<typeof openQueries>;

export async function realThreads(change: Partial<Pick<CoordinatorOptions, "tools">> = {}): Promise<RealThreads> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "real-threads-"));
  const database = path.join(directory, "crush.db");
  const simulator = await openSimulator();
  const pool = openStorePool({ filename: path.resolve("dist/workers/store.mjs"), workerData: { database } });
  const store = openStore({ run: pool.run, end: pool.close, clock: realClock });
  await store.ready();
  const queries = openQueries(database);
  const counters: LinkCounters = [];
  const links = sessionLinks({
    filename: path.resolve("dist/workers/session.mjs"),
    setup: (shard) => ({ database, kernels: path.resolve("dist/kernels"), shard, ticksPerSecond: 25 }),
    counters,
  });
  const h = await harness({
    store: store as never,
    queries,
    links,
    clock: realClock,
    linkCounters: counters,
    shardsMax: 1,
    sliceMs: 2,
    ...change,
    config: config({ providers: [{ ...provider, baseUrl: simulator.url, apiKey: "k" }] }),
  });
  return {
    h,
    simulator,
    queries,
    counters,
    async close() {
      await h.coordinator.shutdown();
      await store.close();
      const problems = queries.integrity();
      queries.close();
      await simulator.close();
      fs.rmSync(directory, { recursive: true, force: true });
      if (problems.length > 0) throw new Error(`the database is broken: ${problems.join(", ")}`);
    },
  };
}
