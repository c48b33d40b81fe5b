// The store's thread: owns the one writing connection. Blocking here is the point; nothing else runs on this thread.
// workerData: { database: path }. Tasks: default(batch), and `close` by name as the last one.
import { workerData } from "node:worker_threads";
import type { CommitAck, RowBatch } from "../src/contracts/store.ts";
import { systemClock } from "../src/contracts/system-clock.ts";
import { toStoreError } from "../src/store/errors.ts";
import { openIdleWork } from "../src/store/search/idle.ts";
import { openWriter, refuseBatch, type Writer } from "../src/store/writer.ts";

const { database } = workerData as { database: string };
let writer: Writer | undefined;

/** The full-text index goes on between batches: this thread's event loop is free then, and nobody waits for it. */
const indexing = openIdleWork(systemClock, () => writer?.idle() ?? false);

/** Returns after COMMIT, never before. The file is opened, and made, by the first batch; errors travel in the answer. */
export default (batch: RowBatch): CommitAck => {
  try {
    if (writer === undefined) {
      writer = openWriter(database);
      indexing.wake(); // what an earlier run, or an earlier version, has left
    }
  } catch (error) {
    return refuseBatch(batch, toStoreError(error, database), Date.now());
  }
  const ack = writer.commit(batch);
  indexing.committed(batch);
  return ack;
};

export function close(): void {
  indexing.stop();
  writer?.close();
  writer = undefined;
}
