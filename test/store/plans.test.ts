import Database from "better-sqlite3";
import { afterAll, describe, expect, test } from "vitest";
import { migrate } from "../../src/store/migrations/index.ts";
import { readSql } from "../../src/store/queries/read-sql.ts";
import { writeSql } from "../../src/store/write-sql.ts";

const db = new Database(":memory:");
migrate(db, ":memory:");
afterAll(() => db.close());

const control = /^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)/;

/** The plan as SQLite tells it. Values do not matter to it: no statistics of them are kept in a new database. */
function plan(sql: string): string[] {
  const count = sql.match(/\?/g)?.length ?? 0;
  const rows = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array.from({ length: count }, () => null)) as { detail: string }[];
  return rows.map(({ detail }) => detail);
}

/**
 * Reads a whole table or sorts, so it grows with the history. The full-text index tells its look-ups as a scan too: `0:M1` is by the words
 * that are looked for, `0:=` by a row's key; a plain walk over it has neither.
 */
const slow = (detail: string): boolean =>
  (/\bSCAN\b/.test(detail) && !/CONSTANT ROW/.test(detail) && !/VIRTUAL TABLE INDEX \d+:(M\d|=)/.test(detail)) ||
  /TEMP B-TREE/.test(detail);

describe("no statement reads a whole table or sorts", () => {
  const statements = [...Object.entries(readSql), ...Object.entries(writeSql)].filter(([, sql]) => !control.test(sql));
  for (const [name, sql] of statements) test(name, () => expect(plan(sql).filter(slow)).toEqual([]));

  test("and the check would see one that does", () => {
    expect(plan("SELECT * FROM sessions WHERE title = ?").filter(slow)).toEqual(["SCAN sessions"]);
    expect(plan("SELECT * FROM messages WHERE session = ? ORDER BY created_at").filter(slow)).toEqual(["USE TEMP B-TREE FOR ORDER BY"]);
    expect(plan("SELECT rowid FROM search").filter(slow)).toEqual(["SCAN search VIRTUAL TABLE INDEX 0:"]);
    expect(plan("SELECT rowid FROM search WHERE search MATCH ? ORDER BY rowid % 2").filter(slow)).toEqual(["USE TEMP B-TREE FOR ORDER BY"]);
  });

  test("deleting a row finds the rows that go with it by index, for every foreign key of the schema", () => {
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as { name: string }[];
    const keys = tables.flatMap(({ name }) =>
      (db.pragma(`foreign_key_list(${name})`) as { from: string }[]).map(({ from }) => [name, from] as const),
    );
    expect(keys.length).toBeGreaterThanOrEqual(10);
    for (const [child, column] of keys) expect([child, ...plan(`DELETE FROM ${child} WHERE ${column} = ?`).filter(slow)]).toEqual([child]);
  });
});
