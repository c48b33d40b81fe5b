import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import { searchPieceMessages } from "../../src/store/limits.ts";
import { applicationId, migrations } from "../../src/store/migrations/index.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openSearch } from "../../src/store/queries/search.ts";
import { openWriter } from "../../src/store/writer.ts";
import { event, tempFile, text } from "./support.ts";

const messages = 3 * searchPieceMessages;

/** A file as the first version left it. */
function firstVersion(): string {
  const file = tempFile();
  const db = new Database(file);
  db.pragma("auto_vacuum = INCREMENTAL");
  db.pragma("journal_mode = WAL");
  db.exec(migrations[0]!);
  db.pragma(`application_id = ${applicationId}`);
  db.pragma("user_version = 1");
  db.exec(`INSERT INTO sessions (key, id, hash, title, workspace, created_at, updated_at, yolo, todos, head, message_count)
    VALUES (1, 'S', 'abc', 'old', '/w', 1, 1, 0, '[]', 1, ${messages})`);
  db.exec("INSERT INTO events (session, seq, kind, ref, time) VALUES (1, 1, 0, 1, 1)");
  const message = db.prepare(
    "INSERT INTO messages (key, id, session, position, turn, role, created_at, finished_at) VALUES (?, ?, 1, ?, 't', 'user', 1, 1)",
  );
  const part = db.prepare("INSERT INTO parts (message, id, idx, kind, own_event, text) VALUES (?, 'p', 0, 'text', 0, ?)");
  for (let n = 1; n <= messages; n++) {
    message.run(n, `m${n}`, n);
    part.run(n, `needle number ${n}`);
  }
  db.close();
  return file;
}

test("a database of the first version opens, keeps everything, and is indexed in bounded pieces behind what is new", () => {
  const file = firstVersion();
  const writer = openWriter(file);
  const queries = openQueries(file);
  const search = openSearch(file);
  onTestFinished(() => {
    search.close();
    queries.close();
    writer.close();
  });
  expect(queries.session("S")).toMatchObject({ title: "old", messageCount: messages });
  expect(queries.messages("S", { limit: 1 }).messages).toMatchObject([
    { id: `m${messages}`, parts: [text("p", 0, `needle number ${messages}`)] },
  ]);
  expect(search.search("needle", 5)).toEqual({ hits: [], complete: false });

  expect(
    writer.commit({ rows: [{ row: "event", event: event.message("new", { parts: [text("p", 0, "a needle of today")] }) }] }).failed,
  ).toEqual([]);
  const found: number[] = [];
  for (let more = true; more; ) {
    more = writer.idle();
    found.push(search.search("needle", 1_000).hits.length);
  }
  expect([...new Set(found)]).toEqual([1, 2, 3].map((n) => n * searchPieceMessages).concat(messages + 1));
  expect(search.search("needle", 2)).toMatchObject({ hits: [{ message: "new" }, { message: `m${messages}` }], complete: true });
});

test("it is brought up to date as a whole or not at all", () => {
  const file = firstVersion();
  const db = new Database(file);
  db.exec("CREATE TABLE search_later (message INTEGER)"); // in the way of the second step
  db.close();
  expect(() => openWriter(file)).toThrow(expect.objectContaining({ name: "StoreError" }));
  const after = new Database(file, { readonly: true });
  expect(after.pragma("user_version", { simple: true })).toBe(1);
  expect(after.prepare("SELECT name FROM sqlite_schema WHERE name = 'search'").all()).toEqual([]);
  after.close();
});

test("an index of the sixth version is made anew: what it had is found again, by the beginning of a word too", () => {
  const file = firstVersion();
  const db = new Database(file);
  for (const migration of migrations.slice(1, 6)) db.exec(migration);
  db.exec(`INSERT INTO search (rowid, text) SELECT message, text FROM parts; UPDATE search_cursor SET message = ${messages}`);
  db.exec(`INSERT INTO search_later (message) VALUES (${messages})`);
  db.pragma("user_version = 6");
  db.close();
  const writer = openWriter(file);
  const search = openSearch(file);
  onTestFinished(() => {
    search.close();
    writer.close();
  });
  expect(search.search("needle", 5)).toEqual({ hits: [], complete: false });
  while (writer.idle());
  for (const query of ["needle", "nee", "need"]) {
    const { hits, complete } = search.search(query, 1_000);
    expect([hits.length, complete]).toEqual([messages, true]);
  }
  expect(search.search(`needle ${messages}`, 5).hits).toMatchObject([{ message: `m${messages}` }]);
});
