import type Database from "better-sqlite3";
import { StoreError } from "../errors.ts";
import { first } from "./001-first.ts";
import { search } from "./002-search.ts";
import { agents } from "./003-agents.ts";
import { summaries } from "./004-summaries.ts";
import { time } from "./005-time.ts";
import { attachments } from "./006-attachments.ts";
import { searchPrefixes } from "./007-search-prefixes.ts";

/** In order; the schema's version is how many have run. Never changed after a release, only added to. */
export const migrations: readonly string[] = [first, search, agents, summaries, time, attachments, searchPrefixes];

/** "crsh": in the file's header, so that a database of another program is never touched. */
export const applicationId = 0x63727368;

const pragma = (db: Database.Database, name: string): number => db.pragma(name, { simple: true }) as number;

/** @throws StoreError `version` when the file is of another program or of a newer version of this one */
export function checkVersion(db: Database.Database, path: string): number {
  const version = pragma(db, "user_version");
  const owner = pragma(db, "application_id");
  if (owner !== applicationId) {
    const empty = version === 0 && owner === 0 && (db.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as { n: number }).n === 0;
    if (empty) return 0;
    throw new StoreError("version", `${path} is a database of another program and was not touched: choose another data directory`);
  }
  if (version > migrations.length)
    throw new StoreError(
      "version",
      `${path} has schema ${version}, this version knows up to ${migrations.length}: install a newer version, or use another data directory`,
    );
  return version;
}

/** Brings the file to the newest schema, in one transaction: either all of it or nothing. Two processes may do so at once. */
export function migrate(db: Database.Database, path: string): void {
  if (checkVersion(db, path) === migrations.length) return;
  db.transaction(() => {
    for (let version = checkVersion(db, path); version < migrations.length; version++) db.exec(migrations[version]!);
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}
