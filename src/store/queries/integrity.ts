import type Database from "better-sqlite3";
import { toStoreError } from "../errors.ts";

/** Promises that SQLite does not know: each answers the sessions that break it. These read whole tables, on request only. */
const promises: readonly (readonly [string, string])[] = [
  [
    "event numbers are not dense up to the head",
    "SELECT id FROM sessions s WHERE head <> (SELECT count(*) FROM events e WHERE e.session = s.key) OR head <> (SELECT max(seq) FROM events e WHERE e.session = s.key)",
  ],
  ["message count is wrong", "SELECT id FROM sessions s WHERE message_count <> (SELECT count(*) FROM messages m WHERE m.session = s.key)"],
  ["both deleted and there", "SELECT id FROM sessions JOIN tombstones ON tombstones.session = sessions.id"],
];

/** Everything that is wrong with the file, in words; empty when it is sound. Reads the whole file. */
export function checkIntegrity(db: Database.Database, path: string): string[] {
  try {
    const wrong = (db.pragma("integrity_check") as { integrity_check: string }[])
      .map((row) => row.integrity_check)
      .filter((text) => text !== "ok");
    for (const row of db.pragma("foreign_key_check") as { table: string; rowid: number | null; parent: string }[])
      wrong.push(`${row.table} row ${row.rowid ?? "?"} refers to a missing row of ${row.parent}`);
    for (const [text, sql] of promises)
      for (const { id } of db.prepare(sql).all() as { id: string }[]) wrong.push(`session ${id}: ${text}`);
    return wrong;
  } catch (error) {
    return [toStoreError(error, path).message];
  }
}
