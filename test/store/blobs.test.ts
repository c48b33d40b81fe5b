import { randomBytes } from "node:crypto";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { blobPieceBytes } from "../../src/store/limits.ts";
import { event, openAll } from "./support.ts";

const count = (file: string, table: string): number => {
  const db = new Database(file, { readonly: true });
  const { n } = db.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number };
  db.close();
  return n;
};
const version = (path: string, turn: string, content?: Uint8Array) => ({
  session: "S",
  turn,
  path,
  ...(content === undefined ? {} : { content, mode: 0o644 }),
});

test("undo finds what a file was before a turn first changed it, also that it was not there", async () => {
  const { store, queries, clock } = await openAll();
  await store.commit([event.created()]);
  await store.saveFile(version("/f", "t1"));
  clock.time = 2_000;
  await store.saveFile(version("/f", "t2", Buffer.from("after t1")));
  await store.saveFile(version("/f", "t2", Buffer.from("midway in t2")));
  await store.saveFile(version("/g", "t2", Buffer.from("")));
  expect(queries.fileVersions("S")).toEqual([
    { path: "/f", turn: "t1", time: 1_000, bytes: 0, existed: false },
    { path: "/f", turn: "t2", time: 2_000, bytes: 8, existed: true },
    { path: "/f", turn: "t2", time: 2_000, bytes: 12, existed: true },
    { path: "/g", turn: "t2", time: 2_000, bytes: 0, existed: true },
  ]);
  expect(queries.fileVersions("S", "/g").length).toBe(1);
  expect(queries.fileBefore("S", "/f", "t1")).toMatchObject({ existed: false });
  const before = queries.fileBefore("S", "/f", "t2")!;
  expect(before).toMatchObject({ existed: true, mode: 0o644, bytes: 8 });
  expect(Buffer.concat([...before.pieces]).toString()).toBe("after t1");
  expect([...queries.fileBefore("S", "/g", "t2")!.pieces]).toEqual([]);
  expect(queries.fileBefore("S", "/f", "t3")).toBeUndefined();
});

test("one content is stored once, whoever saves it, and goes with the last version that needs it", async () => {
  const { store, path, queries } = await openAll();
  await store.commit([event.created()]);
  await store.commit([event.created({}, "T")]);
  const content = randomBytes(10_000);
  for (let n = 0; n < 5; n++) await store.saveFile(version(`/f${n}`, "t1", content));
  await store.saveFile(version("/f0", "t1", content)); // again, unchanged: no new version
  await store.saveFile({ ...version("/f0", "t1", content), session: "T" });
  expect([count(path, "blobs"), count(path, "file_versions")]).toEqual([1, 6]);
  await store.commit([event.deleted("S")]);
  expect([count(path, "blobs"), count(path, "file_versions")]).toEqual([1, 1]);
  await store.commit([event.deleted("T")]);
  expect([count(path, "blobs"), count(path, "blob_pieces"), count(path, "file_versions")]).toEqual([0, 0, 0]);
  expect(queries.integrity()).toEqual([]);
});

test("a big file is kept and read back in pieces", async () => {
  const { store, queries } = await openAll();
  await store.commit([event.created()]);
  const content = randomBytes(5 * blobPieceBytes + 17);
  await store.saveFile(version("/big", "t1", content));
  const pieces = [...queries.fileBefore("S", "/big", "t1")!.pieces];
  expect(pieces.map((piece) => piece.byteLength)).toEqual([...Array(5).fill(blobPieceBytes), 17]);
  expect(Buffer.concat(pieces).equals(content)).toBe(true);
});

test("at the quota the oldest versions make room, and a file beyond it is refused by name without taking the batch with it", async () => {
  const { store, queries, path } = await openAll({ blobBytesMax: 10_000 });
  await store.commit([event.created()]);
  for (let n = 0; n < 8; n++) await store.saveFile(version(`/f${n}`, `t${n}`, randomBytes(3_000)));
  expect(queries.fileVersions("S").map((one) => one.path)).toEqual(["/f5", "/f6", "/f7"]);
  expect(count(path, "blobs")).toBe(3);
  const tooBig = store.saveFile(version("/huge", "t9", randomBytes(10_001)));
  const beside = store.commit([event.message("m1")]);
  await expect(tooBig).rejects.toMatchObject({ code: "full", message: expect.stringContaining("/huge") });
  await beside;
  await store.saveFile(version("/f9", "t9", randomBytes(10_000)));
  expect(queries.fileVersions("S").map((one) => one.path)).toEqual(["/f9"]);
  expect(queries.integrity()).toEqual([]);
});

test("a version for an unknown session is refused", async () => {
  const { store } = await openAll();
  await expect(store.saveFile(version("/f", "t1"))).rejects.toMatchObject({ code: "constraint" });
});
