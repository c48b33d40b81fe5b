import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "../../src/store/client.ts";
import { slowStatementMs } from "../../src/store/limits.ts";
import { Statements } from "../../src/store/statements.ts";
import { event } from "./support.ts";

test("a slow statement is reported by its name, and its arguments are nowhere in the report", () => {
  const db = new Database(":memory:");
  onTestFinished(() => void db.close());
  const reports: unknown[][] = [];
  const sql = {
    quick: "SELECT ? AS given",
    slow: "WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < 4000000) SELECT max(n), ? AS given FROM count",
  };
  const statements = new Statements(db, sql, "memory", (...report) => reports.push(report));
  statements.get("quick", "a user's text");
  expect(reports).toEqual([]);
  statements.get("slow", "a user's text");
  expect(reports).toEqual([["slow", expect.any(Number)]]);
  expect(reports[0]![1]).toBeGreaterThanOrEqual(slowStatementMs);
  expect(statements.times.get("slow")).toMatchObject({ count: 1, slow: 1 });
  expect(statements.times.get("quick")).toMatchObject({ count: 1, slow: 0 });
});

test("slow statements of the writer reach the main thread with the acknowledgement", async () => {
  const seen: [string, number][] = [];
  const committed: number[] = [];
  const store = openStore({
    run: async ({ rows }) => ({ seqs: rows.map(() => 1), time: 1, failed: [], slow: [{ statement: "addEvent", ms: 40 }] }),
    onSlow: (statement, ms) => seen.push([statement, ms]),
    onCommit: (rows) => committed.push(rows),
  });
  await store.commit([event.message("m1"), event.message("m2")]);
  expect(seen).toEqual([["addEvent", 40]]);
  expect(committed).toEqual([2]);
});
