// The server's first act: its threads start, which takes each of them 50 ms, while the main thread reads the rest of the program.
import fs from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { LinkCounters } from "../../coordinator/link/link.ts";
import { openStorePool, type StorePool, type WorkerSource } from "../../coordinator/link/pools.ts";
import { type SessionLinks, sessionLinks } from "../../coordinator/link/session-links.ts";
import { type Histogram, openHistogram } from "../../metrics/histograms.ts";
import { openPlanes, type Planes } from "../../metrics/planes.ts";
import { makeDirectory } from "../make-directory.ts";

/**
 * Streamed text reaches screens and subscribers this often a second. A tick costs about 1.5 ms of CPU over three threads and the
 * client, nearly all of it wake-ups, and more than 20 a second show a reader nothing. Keys do not wait for it.
 */
const ticksPerSecond = 20;
export type Threads = {
  dataDir: string;
  database: string;
  links: LinkCounters;
  planes: Planes;
  delay: Histogram;
  storePool: StorePool;
  openLinks: SessionLinks;
  /** Where a worker of a role is, and the environment that it starts in. */
  worker(role: "compute" | "demo"): WorkerSource;
};

/** Makes the data directory. The threads touch no file before they are asked to, so this comes before the directory's lock. */
export function startThreads(givenDataDir: string): Threads {
  // The compile cache is for our own threads: children of tools must not compile into it.
  const env = { ...process.env };
  delete process.env.NODE_COMPILE_CACHE;
  const dist = path.dirname(fileURLToPath(import.meta.url));
  const worker = (role: string): WorkerSource => ({ filename: path.join(dist, "workers", `${role}.mjs`), env });
  makeDirectory(givenDataDir);
  const dataDir = fs.realpathSync(givenDataDir);
  const database = path.join(dataDir, "crush.db");
  const links: LinkCounters = [];
  const planes = openPlanes();
  const delay = openHistogram("coordinator.delay");
  const storePool = openStorePool({ ...worker("store"), workerData: { database }, planes });
  const openLinks = sessionLinks({
    ...worker("session"),
    setup: (shard) => ({ database, kernels: path.join(dist, "kernels"), shard, ticksPerSecond }),
    counters: links,
    onDelay: delay.record,
    planes,
  });
  openLinks.prepare(0);
  return { dataDir, database, links, planes, delay, storePool, openLinks, worker };
}
