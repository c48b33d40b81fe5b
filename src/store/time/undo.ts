// Rows of undo: what writes made of files, and the journal. Runs inside the writer's transaction.
import type { FileWrite, UndoRecord } from "../../contracts/time.ts";
import { StoreError } from "../errors.ts";
import type { Statements } from "../statements.ts";
import type { WriteName } from "../write-sql.ts";

type Sql = Statements<WriteName>;

const bytes = (hash: string | null): Buffer | null => (hash === null ? null : Buffer.from(hash, "hex"));

export function recordWrite(sql: Sql, write: FileWrite): void {
  const { session, turn, path, before, after, mode, made, uncovered } = write;
  sql.run("addWrite", turn, path, bytes(before), bytes(after), mode ?? null, made ?? null, uncovered ? 0 : 1, session);
}

/** @throws StoreError `constraint` for an unknown session */
export function openUndo(sql: Sql, { id, session, kind, of, turns, last, files }: UndoRecord, time: number): void {
  const row = sql.get<{ key: number }>("addUndo", id, kind, of ?? null, JSON.stringify(turns), last, time, session);
  if (row === undefined) throw new StoreError("constraint", `Undo refused: there is no session ${session}`);
  for (const { path, from, to, made } of files) {
    const put = bytes(to.hash);
    if (put !== null) sql.run("keepContent", path, `undo:${id}`, time, to.mode ?? null, put, session);
    sql.run("addUndoFile", row.key, path, bytes(from.hash), from.mode ?? null, put, to.mode ?? null, made ?? null);
  }
}

export function closeUndo(sql: Sql, id: string, left: readonly string[]): void {
  const row = sql.get<{ key: number; of: string | null }>("closeUndo", id);
  if (row === undefined) return;
  for (const path of left) sql.run("dropUndoFile", row.key, path);
  if (row.of !== null) sql.run("undoRedone", row.of);
}
