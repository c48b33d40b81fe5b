import path from "node:path";
import Database from "better-sqlite3";
import { alreadyRunningText } from "../server-control.ts";
import { AlreadyRunning } from "./already-running.ts";

/**
 * Makes this process the one server of a data directory for as long as it lives. The lock is the operating system's own, taken
 * through SQLite, so a killed server leaves nothing behind that would have to be recognised as stale.
 * @throws AlreadyRunning
 */
export function lockDataDirectory(dataDir: string): { release(): void } {
  const db = new Database(path.join(dataDir, "server.lock"), { timeout: 0 });
  try {
    db.pragma("locking_mode = EXCLUSIVE");
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw new AlreadyRunning(`${alreadyRunningText} ${dataDir}`);
    throw error;
  }
  return { release: () => db.close() };
}
