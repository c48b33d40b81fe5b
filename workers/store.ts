// The store's thread: owns the one writing connection. Blocking here is the point; nothing else runs on this thread.
// workerData: { database: path }. Tasks: default(batch), and `close` by name as the last one.
import { workerData } from "node:worker_threads";
import type { CommitAck, RowBatch } from "../src/contracts/store.ts";
import { toStoreError } from "../src/store/errors.ts";
import { openWriter, refuseBatch, type Writer } from "../src/store/writer.ts";

const { database } = workerData as { database: string };
let writer: Writer | undefined;

/** Returns after COMMIT, never before. The file is opened, and made, by the first batch; errors travel in the answer. */
export default (batch: RowBatch): CommitAck => {
  try {
    writer ??= openWriter(database);
  } catch (error) {
    return refuseBatch(batch, toStoreError(error, database), Date.now());
  }
  return writer.commit(batch);
};

export function close(): void {
  writer?.close();
  writer = undefined;
}
