import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { openForReading, openForWriting } from "../../src/store/connection.ts";
import { migrations } from "../../src/store/migrations/index.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openWriter } from "../../src/store/writer.ts";
import { event, openAll, tempFile, text } from "./support.ts";

const pragma = (db: Database.Database, name: string) => db.pragma(name, { simple: true });
const row = (one: ReturnType<typeof event.created>) => ({ row: "event" as const, event: one });

describe("the file", () => {
  test("both kinds of connection have the pragmas that the promises rest on", () => {
    const file = tempFile();
    const writing = openForWriting(file);
    const names = ["journal_mode", "synchronous", "auto_vacuum", "foreign_keys", "wal_autocheckpoint", "busy_timeout", "cache_size"];
    expect(Object.fromEntries(names.map((name) => [name, pragma(writing, name)]))).toEqual({
      journal_mode: "wal",
      synchronous: 2, // FULL
      auto_vacuum: 2, // INCREMENTAL
      foreign_keys: 1,
      wal_autocheckpoint: 0,
      busy_timeout: 2_000,
      cache_size: -65_536,
    });
    const reading = openForReading(file);
    expect(pragma(reading, "query_only") || reading.readonly).toBeTruthy();
    expect(() => reading.exec("DELETE FROM sessions")).toThrow(/readonly/);
    reading.close();
    writing.close();
  });

  test.skipIf(process.platform === "win32")("only its owner can read it, also the log and the index beside it", async () => {
    const { store, path: file } = await openAll();
    await store.commit([event.created()]);
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect((fs.statSync(name).mode & 0o777).toString(8)).toBe("600");
  });

  test("opened again it has everything, and the schema is not run again", async () => {
    const { store, path: file, writer } = await openAll();
    await store.commit([event.created(), event.message("m1", { parts: [text("p", 0, "kept")] })]);
    writer.close();
    const again = openWriter(file);
    const queries = openQueries(file);
    expect(queries.messages("S", { limit: 1 }).messages[0]!.parts).toEqual([text("p", 0, "kept")]);
    expect(again.commit({ rows: [row(event.message("m2"))] }).seqs).toEqual([3]);
    queries.close();
    again.close();
  });

  test("a newer schema is refused, says what to do, and is left as it was", () => {
    const file = tempFile();
    openWriter(file).close();
    const db = new Database(file);
    db.pragma(`user_version = ${migrations.length + 1}`);
    db.close();
    const before = fs.readFileSync(file);
    expect(() => openWriter(file)).toThrow(
      expect.objectContaining({ name: "StoreError", code: "version", message: expect.stringMatching(/newer version/) }),
    );
    expect(() => openQueries(file)).toThrow(expect.objectContaining({ code: "version" }));
    expect(fs.readFileSync(file).equals(before)).toBe(true);
  });

  test("a database of another program is refused and left as it was", () => {
    const file = tempFile();
    const db = new Database(file);
    db.exec("CREATE TABLE sessions (id TEXT)");
    db.close();
    const before = fs.readFileSync(file);
    expect(() => openWriter(file)).toThrow(expect.objectContaining({ code: "version", message: expect.stringMatching(/another program/) }));
    expect(fs.readFileSync(file).equals(before)).toBe(true);
  });

  test("a file that is no database, and one with a damaged page, are told as corrupt", async () => {
    const file = tempFile();
    fs.writeFileSync(file, "this is a text file, and longer than the hundred bytes that a database's header has: ".repeat(20));
    expect(() => openWriter(file)).toThrow(expect.objectContaining({ code: "corrupt" }));

    const { store, path: damaged, writer, queries } = await openAll();
    await store.commit([event.created()]);
    for (let n = 0; n < 200; n++) await store.commit([event.message(`m${n}`, { parts: [text("p", 0, "x".repeat(3_000))] })]);
    queries.close();
    writer.close();
    const bytes = fs.readFileSync(damaged);
    bytes.fill(0x5a, 64 * 4_096); // the schema and the first rows stay
    fs.writeFileSync(damaged, bytes);
    const broken = openQueries(damaged);
    onTestFinished(() => broken.close());
    expect(broken.integrity().length).toBeGreaterThan(0);
    expect(() => broken.messages("S", { limit: 200 })).toThrow(expect.objectContaining({ name: "StoreError", code: "corrupt" }));
    const again = openWriter(damaged);
    onTestFinished(() => again.close());
    const ack = again.commit({
      rows: Array.from({ length: 50 }, (_, n) => row(event.message(`n${n}`, { parts: [text("p", 0, "y".repeat(9_000))] }))),
    });
    expect(ack.failed).toMatchObject([{ index: -1, code: "corrupt" }]);
  });

  test("a directory that cannot be written is told as io", () => {
    const file = path.join(path.dirname(tempFile()), "missing", "crush.db");
    expect(() => openWriter(file)).toThrow(expect.objectContaining({ code: "io", message: expect.stringContaining(file) }));
    expect(() => openQueries(file)).toThrow(expect.objectContaining({ code: "io" }));
  });

  test("when the disk is full the batch is refused as full, what was acknowledged stays, and room makes it go on", async () => {
    const { store, queries, writer, path: file } = await openAll({ pagesMax: 120 });
    await store.commit([event.created(), event.created({}, "T")].slice(0, 1));
    await store.commit([event.created({}, "T")]);
    const acked: string[] = [];
    let refused: unknown;
    for (let n = 0; n < 200 && refused === undefined; n++)
      await store.commit([event.message(`m${n}`, { parts: [text("p", 0, "x".repeat(4_000))] })]).then(
        () => acked.push(`m${n}`),
        (error: unknown) => (refused = error),
      );
    expect(refused).toMatchObject({ name: "StoreError", code: "full", message: expect.stringContaining(file) });
    expect(queries.messages("S", { limit: 500 }).messages.map(({ id }) => id)).toEqual(acked);
    expect(queries.integrity()).toEqual([]);
    writer.close();
    const roomy = openWriter(file);
    expect(roomy.commit({ rows: [row(event.message("more"))] })).toMatchObject({ failed: [] });
    roomy.close();
  });

  test("deleting a session gives its pages back to the file system", async () => {
    const { store, writer, path: file } = await openAll();
    await store.commit([event.created()]);
    for (let n = 0; n < 100; n++) await store.commit([event.message(`m${n}`, { parts: [text("p", 0, "x".repeat(20_000))] })]);
    await store.commit([event.deleted()]);
    const db = new Database(file, { readonly: true });
    expect(pragma(db, "page_count")).toBeLessThan(60);
    db.close();
    writer.close();
  });

  test("what a big one took is given back in pieces between batches, the index's share of it too", async () => {
    const { store, writer, path: file } = await openAll();
    await store.commit([event.created()]);
    const words = (n: number) => `${Array.from({ length: 100 }, (_, k) => `w${n}x${k}`).join(" ")} ${"filler ".repeat(3_500)}`;
    for (let n = 0; n < 600; n++) void store.commit([event.message(`m${n}`, { parts: [text("p", 0, words(n))] })]);
    await store.flush();
    while (writer.idle());
    const pages = () => {
      const db = new Database(file, { readonly: true });
      const count = pragma(db, "page_count") as number;
      db.close();
      return count;
    };
    expect(pages()).toBeGreaterThan(3_500);
    await store.commit([event.deleted()]);
    expect(pages()).toBeGreaterThan(1_000);
    while (writer.idle());
    expect(pages()).toBeLessThan(200);
  });

  test("the log is checkpointed by the writer: it does not grow with the history", async () => {
    const { store, path: file } = await openAll();
    await store.commit([event.created()]);
    for (let n = 0; n < 400; n++) await store.commit([event.message(`m${n}`, { parts: [text("p", 0, "x".repeat(40_000))] })]);
    expect(fs.statSync(file).size).toBeGreaterThan(10 << 20);
    expect(fs.statSync(`${file}-wal`).size).toBeLessThan(8 << 20);
  });
});

describe("two at once", () => {
  test("two writers on one file both commit, and the numbers of a session stay dense", async () => {
    const { writer, queries, path: file } = await openAll();
    const other = openWriter(file);
    writer.commit({ rows: [row(event.created())] });
    for (let n = 0; n < 40; n++) expect((n % 2 ? writer : other).commit({ rows: [row(event.message(`m${n}`))] }).seqs).toEqual([n + 2]);
    other.close();
    expect(queries.events("S", 0, 100).map(({ seq }) => seq)).toEqual(Array.from({ length: 41 }, (_, n) => n + 1));
    expect(queries.integrity()).toEqual([]);
  });

  test("while another process holds the lock a batch is answered busy, nothing of it is written, and it goes through later", async () => {
    const { writer, path: file } = await openAll();
    writer.commit({ rows: [row(event.created())] });
    const script = `import D from "better-sqlite3"; const db = new D(${JSON.stringify(file)}); db.exec("BEGIN IMMEDIATE"); console.log("held"); process.stdin.once("data", () => { db.exec("COMMIT"); db.close(); process.exit(0); });`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
    onTestFinished(() => void child.kill());
    await once(child.stdout, "data");
    const batch = { rows: [row(event.message("m1"))] };
    expect(writer.commit(batch).failed).toMatchObject([{ index: -1, code: "busy" }]);
    child.stdin.write("go\n");
    await once(child, "exit");
    expect(writer.commit(batch)).toMatchObject({ seqs: [2], failed: [] });
  });

  test("a reader sees each commit whole while the writer writes, and keeps no snapshot between calls", async () => {
    const { store, queries } = await openAll();
    await store.commit([event.created()]);
    for (let n = 0; n < 30; n++) {
      await store.commit([
        event.message(`m${n}`, { role: "assistant" }),
        event.part(`m${n}`, text("p", 0, `${n}`)),
        event.finished(`m${n}`),
      ]);
      const page = queries.messages("S", { limit: 1 }).messages[0]!;
      expect(page).toMatchObject({ id: `m${n}`, finish: "end_turn", parts: [{ text: `${n}` }] });
      expect(queries.session("S")).toMatchObject({ messageCount: n + 1, head: 1 + 3 * (n + 1) });
    }
  });
});

test("every statement is timed by name, and a row that cannot be bound is refused alone", async () => {
  const { writer, queries } = await openAll();
  writer.commit({ rows: [row(event.created())] });
  const broken = structuredClone(event.message("m1"));
  (broken.data as { message: { createdAt: unknown } }).message.createdAt = {};
  const ack = writer.commit({ rows: [row(broken), row(event.message("m2"))] });
  expect(ack).toMatchObject({ seqs: [0, 2], failed: [{ index: 0, code: "constraint" }] });
  expect(writer.times().get("addSession")).toMatchObject({ count: 1, slow: 0 });
  queries.session("S");
  expect(queries.times().get("session")?.count).toBe(1);
  expect([...queries.times().values()].every(({ maxMs, totalMs }) => maxMs > 0 && totalMs >= maxMs)).toBe(true);
});
