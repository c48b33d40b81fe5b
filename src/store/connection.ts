import fs from "node:fs";
import Database from "better-sqlite3";
import { toStoreError } from "./errors.ts";
import { busyTimeoutMs, logBytesKept, mapBytes, pagesMax, readerCacheKiB, writerCacheKiB } from "./limits.ts";
import { checkVersion, migrate } from "./migrations/index.ts";

/**
 * The writing connection, schema brought up to date.
 * FULL: a commit is on the disk before it is acknowledged (NORMAL loses commits when the power goes). Checkpoints are the writer's.
 * @throws StoreError `version` (newer or foreign file), `corrupt`, `busy`, `full`, `io`
 */
export function openForWriting(path: string, options: { pagesMax?: number } = {}): Database.Database {
  let db: Database.Database | undefined;
  try {
    fs.closeSync(fs.openSync(path, "a", 0o600)); // people's work: SQLite would make it readable for all, and gives its log the same mode
    db = new Database(path, { timeout: busyTimeoutMs });
    checkVersion(db, path); // before any pragma that writes: a foreign file stays as it is
    db.pragma("auto_vacuum = INCREMENTAL"); // works only before the first table
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = FULL");
    db.pragma("foreign_keys = ON");
    db.pragma("wal_autocheckpoint = 0");
    db.pragma(`journal_size_limit = ${logBytesKept}`);
    db.pragma(`cache_size = -${writerCacheKiB}`);
    db.pragma(`mmap_size = ${mapBytes}`);
    db.pragma(`max_page_count = ${options.pagesMax ?? pagesMax}`);
    migrate(db, path);
    return db;
  } catch (error) {
    db?.close();
    throw toStoreError(error, path, "io");
  }
}

/**
 * A reading connection; the file must exist and have this version's schema.
 * @throws StoreError `version`, `corrupt`, `io`
 */
export function openForReading(path: string): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
    checkVersion(db, path);
    db.pragma(`cache_size = -${readerCacheKiB}`);
    db.pragma(`mmap_size = ${mapBytes}`);
    return db;
  } catch (error) {
    db?.close();
    throw toStoreError(error, path, "io");
  }
}
