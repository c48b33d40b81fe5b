// The one writing connection. Runs on the store worker's thread, where blocking is the point.
import { StoreError, toStoreError } from "./errors.ts";
import type { CommitAck, RowBatch, StoreRow } from "../contracts/store.ts";
import { idempotencyMs } from "../protocol/limits.ts";
import { saveVersion } from "./blobs.ts";
import { openForWriting } from "./connection.ts";
import { checkpointForceFrames, checkpointFrames, mapBytes, restAfterSteps, vacuumPages } from "./limits.ts";
import { Indexer } from "./search/indexer.ts";
import { project, type Transaction } from "./project.ts";
import { Statements, type StatementTime } from "./statements.ts";
import { forkSession } from "./time/fork.ts";
import { importCrush } from "./time/import.ts";
import { closeUndo, openUndo, recordWrite } from "./time/undo.ts";
import { writeSql } from "./write-sql.ts";

export interface Writer {
  /**
   * One transaction. Returns after COMMIT and its sync, never before. Never throws: what was refused stands in `failed`, with
   * index -1 when it is the whole batch, of which nothing is written then.
   */
  commit(batch: RowBatch): CommitAck;
  /**
   * A bounded piece of work for the time between batches, in a transaction of its own: brings the full-text index on, and gives pages of
   * deleted sessions back to the file system.
   * @returns true when more waits. An index that fails (its part of the file is damaged) is told with the next acknowledgement and left.
   */
  idle(): boolean;
  /** Count and time of each statement by name. */
  times(): ReadonlyMap<string, StatementTime>;
  close(): void;
}

export type WriterOptions = { /** 4 KiB pages of the whole file. */ pagesMax?: number /** Bytes of all blobs. */; blobBytesMax?: number };

/** The answer to a batch of which nothing was written. */
export const refuseBatch = (batch: RowBatch, error: StoreError, time: number): CommitAck => ({
  seqs: batch.rows.map(() => 0),
  time,
  failed: [{ index: -1, code: error.code, message: error.message }],
});

/**
 * Opens the database for writing and brings its schema up to date.
 * @throws StoreError `version` (newer or foreign file, left untouched), `corrupt`, `busy`, `full`, `io`
 */
export function openWriter(path: string, clock: { now(): number } = { now: Date.now }, options: WriterOptions = {}): Writer {
  const db = openForWriting(path, options);
  let slow: NonNullable<CommitAck["slow"]> = [];
  let indexFailed: string | undefined;
  let idleSteps = 0;
  /** Pages of deleted sessions wait to be given back. */
  let freeing = false;
  const sql = new Statements(db, writeSql, path, (statement, ms) => {
    // COMMIT waits for the disk by design; what it takes is the ack's latency, which the client measures.
    if (statement !== "commit") slow.push({ statement, ms });
  });

  const indexer = new Indexer(sql);

  let answers: Record<number, unknown> = {};

  const write = (tx: Transaction, row: StoreRow, index: number): number => {
    switch (row.row) {
      case "event":
        return project(tx, row.event);
      case "text": {
        const { session, message, part, offset, index, kind, call, name, text } = row.text;
        sql.run("addChunk", message, part, offset, index, kind, call ?? null, name ?? null, text, session, message, part);
        return 0;
      }
      case "file":
        saveVersion(sql, row.version, tx.time, options.blobBytesMax);
        return 0;
      case "write":
        recordWrite(sql, row.write);
        return 0;
      case "undo":
        openUndo(sql, row.record, tx.time);
        return 0;
      case "undone":
        closeUndo(sql, row.id, row.left);
        return 0;
      case "fork":
        answers[index] = forkSession(tx, row.fork);
        return 0;
      case "import":
        answers[index] = importCrush(tx, row.from);
        return 0;
      case "read": {
        const session = sql.get<{ key: number }>("sessionKey", row.session);
        // Recorded on the side and not waited for: of a session that is gone by now it means nothing.
        if (session !== undefined) sql.run("setReadTime", session.key, row.path, row.time);
        return 0;
      }
      case "key":
        sql.run("dropOldKeys", tx.time - idempotencyMs);
        sql.run("saveKey", row.key, row.method, row.answer, row.time);
        return 0;
    }
  };

  const begin = (time: number): Transaction => {
    sql.run("begin");
    let touched: number | undefined;
    // Looked up and not remembered: another process may write too.
    const touch = (): number => {
      touched = Math.max(time, (touched ?? sql.get<{ time: number | null }>("newest")?.time ?? 0) + 1);
      return touched;
    };
    return { sql, time, touch };
  };

  /** All rows at once. @throws StoreError of the first one that fails */
  const attempt = (batch: RowBatch, time: number): CommitAck => {
    const tx = begin(time);
    answers = {};
    const seqs = batch.rows.map((row, index) => write(tx, row, index));
    sql.run("commit");
    return { seqs, time, failed: [] };
  };

  /** Group by group, so that a refused one takes nothing else with it. The plain way costs a savepoint a group less. */
  const attemptGroups = (batch: RowBatch, time: number): CommitAck => {
    const tx = begin(time);
    const ack: CommitAck = { seqs: [], time, failed: [] };
    const groups = batch.groups ?? batch.rows.map(() => 1);
    let from = 0;
    for (const count of groups) {
      sql.run("savepoint");
      let at = from;
      try {
        for (; at < from + count; at++) ack.seqs[at] = write(tx, batch.rows[at]!, at);
      } catch (error) {
        const { code, message } = toStoreError(error, path);
        if (!refusable(code)) throw error;
        sql.run("undo");
        for (let index = from; index < from + count; index++) {
          ack.seqs[index] = 0;
          ack.failed.push({ index, code, message });
        }
      }
      sql.run("release");
      from += count;
    }
    sql.run("commit");
    return ack;
  };

  const safely = (run: () => CommitAck): CommitAck | StoreError => {
    try {
      return run();
    } catch (error) {
      rollback();
      return toStoreError(error, path);
    }
  };

  const rollback = (): void => {
    try {
      if (db.inTransaction) sql.run("rollback");
    } catch {
      // SQLite rolls back by itself when the next transaction begins; what failed first is what counts.
    }
  };

  /** The row's fault, as opposed to the file's or the disk's. A full disk ends the transaction, a file beyond its limit does not. */
  const refusable = (code: string): boolean => code === "constraint" || (code === "full" && db.inTransaction);

  const checkpoint = (): void => {
    try {
      const [log] = db.pragma("wal_checkpoint(NOOP)") as { log: number; checkpointed: number }[];
      const frames = log === undefined ? 0 : log.log - log.checkpointed;
      if (frames >= checkpointFrames) db.pragma("wal_checkpoint(PASSIVE)");
      if ((log?.log ?? 0) >= checkpointForceFrames) db.pragma("wal_checkpoint(RESTART)");
    } catch {
      // Busy readers or a full disk: the log stays longer, nothing is lost; the next commit tries again.
    }
  };

  return {
    commit(batch) {
      const time = clock.now();
      if (!db.open) return refuseBatch(batch, new StoreError("closed", `${path}: the store was closed before`), time);
      let done = safely(() => attempt(batch, time));
      if (done instanceof StoreError && (done.code === "constraint" || done.code === "full"))
        done = safely(() => attemptGroups(batch, time));
      const ack = done instanceof StoreError ? refuseBatch(batch, done, time) : done;
      if (Object.keys(answers).length > 0) ack.answers = answers;
      answers = {};
      if (slow.length > 0) ack.slow = slow;
      if (indexFailed !== undefined) ack.indexFailed = indexFailed;
      slow = [];
      indexFailed = undefined;
      checkpoint();
      if (batch.rows.some((row) => row.row === "event" && row.event.kind === "session.deleted")) {
        indexer.tidy();
        giveBack();
      }
      return ack;
    },
    idle() {
      if (!db.open) return false;
      try {
        const more = indexer.step();
        if (!more && freeing) giveBack();
        checkpoint();
        if (more || freeing) idleSteps++;
        else rest();
        return more || freeing;
      } catch (error) {
        rollback();
        const { code, message } = toStoreError(error, path);
        if (code === "busy") return true;
        indexFailed = message;
        return false;
      }
    },
    times: () => sql.times,
    close() {
      // No `PRAGMA optimize`: without statistics the plans are those that test/store/plans.test.ts has seen, on every machine.
      if (db.open) db.close();
    },
  };

  /** A long index run has seen much of the file: its pages are let go of, else they count as this process's for good. */
  function rest(): void {
    if (idleSteps >= restAfterSteps) {
      db.pragma("shrink_memory");
      for (const bytes of [0, mapBytes]) db.pragma(`mmap_size = ${bytes}`); // unmapped, and mapped again as it is read
    }
    idleSteps = 0;
  }

  function giveBack(): void {
    const free = (): number => db.pragma("freelist_count", { simple: true }) as number;
    try {
      const before = free();
      db.pragma(`incremental_vacuum(${vacuumPages})`);
      const left = free();
      freeing = left > 0 && left < before; // a file made without auto_vacuum gives nothing back, however often it is asked
    } catch {
      freeing = false; // free pages are used again for new rows anyway
    }
  }
}
