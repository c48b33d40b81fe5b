import { Piscina } from "piscina";
import type { CommitAck, RowBatch } from "../../contracts/store.ts";
import { noPlanes, type Planes } from "../../metrics/planes.ts";

/** A compute worker that has had no task for this long goes: it is a few MB that a quiet server does not need. */
const computeIdleMs = 30_000;

/** A built worker, and the environment that it starts in (by default the process's). */
export type WorkerSource = { filename: string; env?: NodeJS.ProcessEnv };

export type StorePool = { run(batch: RowBatch): Promise<CommitAck>; close(): Promise<void> };
export type ComputePool = { compute(task: unknown): Promise<unknown>; close(): Promise<void> };

/**
 * The store writer's thread. It owns the one writing connection, so there is exactly one, started at once: the first prompt
 * should not wait for it. A writer that dies rejects the batches it had; the next batch starts another.
 */
export function openStorePool(options: WorkerSource & { workerData: unknown; planes?: Pick<Planes, "charge"> }): StorePool {
  const { planes = noPlanes } = options;
  const pool = new Piscina({
    filename: options.filename,
    ...(options.env && { env: options.env }),
    minThreads: 1,
    maxThreads: 1,
    atomics: "disabled",
    recordTiming: false,
    workerData: options.workerData,
  });
  // A death between two batches has no task to reject; the next batch reports it, if it lasts.
  pool.on("error", () => {});
  return {
    run: (batch) => planes.charge("store", () => pool.run(batch) as Promise<CommitAck>),
    async close() {
      // The worker's last task: it closes the database in good order. One that is dead already has nothing to close.
      await pool.run(undefined, { name: "close" }).catch(() => {});
      await pool.destroy();
    },
  };
}

/**
 * Heavy pure work on demand: no thread until the first task, none some time after the last one. A task costs this thread about 50 us,
 * so nothing under half a millisecond is given to it, and no kernel is called over it that could be called in place:
 *   diff      texts beyond compute/client.ts's bounds; smaller ones are compared by the caller
 *   html      milliseconds for the smallest page
 *   judge     25 ms and some megabytes of grammars, once; then 0.1 ms, once a shell command, which costs far more
 *   complete  walks and ranks a workspace's files
 *   search    reads the whole index for a common word
 *   tokens    once a turn, and only for providers that report no usage: reads and counts what is new, 10 MB of tables
 */
export function openComputePool(options: WorkerSource & { workerData?: unknown }): ComputePool {
  const pool = new Piscina({
    filename: options.filename,
    ...(options.env && { env: options.env }),
    minThreads: 0,
    maxThreads: 1,
    concurrentTasksPerWorker: 4,
    idleTimeout: computeIdleMs,
    atomics: "disabled",
    recordTiming: false,
    workerData: options.workerData,
  });
  pool.on("error", () => {});
  return { compute: (task) => pool.run(task) as Promise<unknown>, close: () => pool.close({ force: true }) };
}

/** The demo provider's thread, started by its first use; it listens on loopback as long as the task is pending. */
export function openDemoPool(options: WorkerSource & { workerData?: unknown }): {
  run(task: unknown): Promise<unknown>;
  close(): Promise<void>;
} {
  let pool: Piscina | undefined;
  return {
    run(task) {
      if (pool === undefined) {
        pool = new Piscina({
          filename: options.filename,
          ...(options.env && { env: options.env }),
          minThreads: 1,
          maxThreads: 1,
          idleTimeout: Infinity,
          atomics: "disabled",
          recordTiming: false,
          workerData: options.workerData,
        });
        pool.on("error", () => {});
      }
      return pool.run(task) as Promise<unknown>;
    },
    close: async () => pool?.destroy(),
  };
}
