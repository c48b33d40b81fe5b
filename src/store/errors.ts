import type { StoreErrorCode } from "../contracts/store.ts";

/** What the store could not do. `busy` and `full` may be tried again later; nothing of the refused transaction was written. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  constructor(code: StoreErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** SQLite's code by its longest known prefix. ENOSPC while the shared index grows arrives as IOERR_SHMSIZE. */
const byPrefix: readonly (readonly [string, StoreErrorCode])[] = [
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "busy"],
  ["SQLITE_FULL", "full"],
  ["SQLITE_IOERR_SHMSIZE", "full"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_NOTADB", "corrupt"],
  ["SQLITE_CONSTRAINT", "constraint"],
  ["SQLITE_MISMATCH", "constraint"],
  ["SQLITE_TOOBIG", "constraint"],
  ["SQLITE_IOERR", "io"],
  ["SQLITE_CANTOPEN", "io"],
  ["SQLITE_READONLY", "io"],
  ["SQLITE_PERM", "io"],
  ["SQLITE_AUTH", "io"],
  ["SQLITE_NOMEM", "io"],
];

const advice: Record<StoreErrorCode, string> = {
  busy: "another process holds the database, try again",
  full: "the disk or the quota is full; free space and send it again, nothing of it was written",
  corrupt: "the file is damaged; move it away or restore a copy",
  closed: "the store was closed before",
  constraint: "the row contradicts what is stored, so it was refused",
  io: "the file could not be read or written; look at its permissions and the disk",
  version: "install a newer version, or use another data directory",
};

/**
 * Any error of SQLite, of its driver or of ours, as a StoreError that names the file and what to do.
 * @param otherwise  what an error without a code is: while rows are written it is a value that the driver cannot bind, so the row's fault
 */
export function toStoreError(error: unknown, path: string, otherwise: StoreErrorCode = "constraint"): StoreError {
  if (error instanceof StoreError) return error;
  const sqlite = (error as { code?: unknown } | null)?.code;
  const message = error instanceof Error ? error.message : String(error);
  let code: StoreErrorCode | undefined;
  if (typeof sqlite === "string") code = byPrefix.find(([prefix]) => sqlite.startsWith(prefix))?.[1];
  if (code === undefined && /database connection is not open/.test(message)) code = "closed";
  if (code === undefined && typeof sqlite === "string" && /^E[A-Z]+$/.test(sqlite))
    code = sqlite === "ENOSPC" || sqlite === "EDQUOT" ? "full" : "io";
  code ??= otherwise;
  return new StoreError(code, `${path}: ${message}: ${advice[code]}`, error);
}
