import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import { expect, onTestFinished, test } from "vitest";
import type { Part, ToolResultPart } from "../../src/protocol/index.ts";
import { resultHeadChars } from "../../src/protocol/index.ts";
import { pageCharsMax } from "../../src/store/limits.ts";
import { event, openAll, text } from "./support.ts";

const result = (id: string, words: string, over: Partial<ToolResultPart> = {}): ToolResultPart => ({
  id,
  index: 0,
  kind: "tool_result",
  call: `c-${id}`,
  name: "view",
  text: words,
  isError: false,
  ...over,
});
const tool = (id: string, part: Part, of = "S") => event.message(id, { role: "tool", finishedAt: 30, parts: [part] }, of);
const long = `${"a line of a file\n".repeat(4_000)}the end\n`;

function rows<Row>(path: string, sql: string): Row[] {
  const db = new Database(path, { readonly: true });
  onTestFinished(() => void db.close());
  return db.prepare(sql).all() as Row[];
}

test("a long result is kept out of its row, addressed by its hash, and read back whole by messages, conversation and replay", async () => {
  const { store, queries, path } = await openAll();
  const part = result("p", long, { meta: { path: "/f", ms: 3 } });
  await store.commit([event.created(), tool("m1", part)]);
  expect(queries.messages("S", { limit: 5 }).messages).toMatchObject([{ parts: [part] }]);
  expect(queries.conversation("S", { limit: 5 })[0]!.parts).toEqual([part]);
  expect(queries.message("m1")!.parts).toEqual([part]);
  expect(queries.events("S", 1, 5)).toMatchObject([{ kind: "message.created", data: { message: { parts: [part] } } }]);
  expect(rows(path, "SELECT length(text) AS chars, hex(blob) AS hash FROM parts")).toEqual([
    { chars: resultHeadChars, hash: createHash("sha256").update(long).digest("hex").toUpperCase() },
  ]);
  expect(queries.integrity()).toEqual([]);
});

test("a screen's page has its beginning and says how much it is, and reads no blob", async () => {
  const { store, queries } = await openAll();
  await store.commit([event.created(), tool("m1", result("p", long)), tool("m2", result("q", "short"))]);
  const before = queries.times().get("blobPiece")?.count ?? 0;
  const { messages } = queries.messages("S", { limit: 5, cut: true });
  expect(messages.map(({ parts }) => parts[0])).toEqual([
    { ...result("p", long.slice(0, resultHeadChars)), whole: { chars: long.length, lines: 4_001 } },
    result("q", "short"),
  ]);
  expect(queries.times().get("blobPiece")?.count ?? 0).toBe(before);
});

test("at the limit a result stays in its row; one beyond it is not cut within a surrogate pair", async () => {
  const { store, queries, path } = await openAll();
  const fits = "x".repeat(resultHeadChars);
  const pair = `${"x".repeat(resultHeadChars - 1)}👍 end`;
  await store.commit([event.created(), tool("m1", result("p", fits)), tool("m2", result("q", pair))]);
  const { messages } = queries.messages("S", { limit: 5, cut: true });
  expect(messages[0]!.parts).toEqual([result("p", fits)]);
  expect(messages[1]!.parts).toEqual([{ ...result("q", "x".repeat(resultHeadChars - 1)), whole: { chars: pair.length, lines: 1 } }]);
  expect(queries.message("m2")!.parts).toEqual([result("q", pair)]);
  expect(rows(path, "SELECT count(*) AS n FROM blobs")).toEqual([{ n: 1 }]);
});

test("a row of the first version, which has all of it, is cut alike", async () => {
  const { store, queries, path } = await openAll();
  await store.commit([event.created(), tool("m1", result("p", "short"))]);
  const db = new Database(path);
  db.prepare("UPDATE parts SET text = ?").run(long);
  db.close();
  expect(queries.messages("S", { limit: 5, cut: true }).messages[0]!.parts).toEqual([
    { ...result("p", long.slice(0, resultHeadChars)), whole: { chars: long.length, lines: 4_001 } },
  ]);
  expect(queries.message("m1")!.parts).toEqual([result("p", long)]);
});

test("the same result twice is stored once, and goes with the last part that has it, or when it is told again otherwise", async () => {
  const { store, queries, path } = await openAll();
  await store.commit([event.created()]);
  await store.commit([event.created({}, "T")]);
  await store.commit([tool("m1", result("p", long)), tool("m2", result("q", long))]);
  await store.commit([tool("m3", result("r", long), "T")]);
  const count = () => rows(path, "SELECT (SELECT count(*) FROM blobs) AS blobs, (SELECT count(*) FROM blob_pieces) AS pieces")[0];
  expect(count()).toEqual({ blobs: 1, pieces: 1 });
  await store.commit([event.deleted("S")]);
  expect(queries.message("m3")!.parts).toEqual([result("r", long)]);
  await store.commit([event.part("m3", result("r", `${long} again`), "T")]);
  expect(count()).toEqual({ blobs: 1, pieces: 1 });
  expect(queries.message("m3")!.parts).toEqual([result("r", `${long} again`)]);
  await store.commit([event.deleted("T")]);
  expect(count()).toEqual({ blobs: 0, pieces: 0 });
  expect(rows(path, "SELECT bytes FROM blob_total")).toEqual([{ bytes: 0 }]);
});

test("results do not count for the quota of undo, and a file's version of the same bytes outlives them", async () => {
  const { store, queries, path } = await openAll({ blobBytesMax: 100_000 });
  await store.commit([event.created()]);
  for (let n = 0; n < 5; n++) await store.commit([tool(`m${n}`, result(`p${n}`, `${n}${long}`))]);
  await store.saveFile({ session: "S", turn: "t1", path: "/f", content: Buffer.from("old") });
  expect(queries.fileVersions("S").length).toBe(1);
  expect(rows(path, "SELECT bytes FROM blob_total")).toEqual([{ bytes: 3 }]);
  await store.saveFile({ session: "S", turn: "t2", path: "/g", content: Buffer.from(`0${long}`) });
  await store.commit([event.part("m0", result("p0", "short now"))]);
  expect(Buffer.concat([...queries.fileBefore("S", "/g", "t2")!.pieces]).toString()).toBe(`0${long}`);
  await store.commit([event.deleted("S")]);
  expect(rows(path, "SELECT count(*) AS n FROM blobs")).toEqual([{ n: 0 }]);
  expect(queries.integrity()).toEqual([]);
});

test("a page of very long messages or events is shorter than asked for, never empty, and paging on gives all", async () => {
  const { store, queries } = await openAll();
  await store.commit([event.created()]);
  const big = "y".repeat(pageCharsMax / 2);
  const ids = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];
  for (const id of ids) await store.commit([event.message(id, { parts: [text("p", 0, `${id}${big}`)] })]);
  const paged: string[] = [];
  for (let more = true, before: string | undefined; more; ) {
    const page = queries.messages("S", { limit: 100, bounded: true, ...(before !== undefined && { before }) });
    expect(page.messages.length).toBeGreaterThan(0);
    expect(page.messages.length).toBeLessThanOrEqual(3);
    paged.unshift(...page.messages.map(({ id }) => id));
    before = page.messages[0]!.id;
    more = page.more;
  }
  expect(paged).toEqual(ids);
  expect(queries.messages("S", { limit: 100 }).messages.map(({ id }) => id)).toEqual(ids);
  const seqs: number[] = [];
  for (;;) {
    const page = queries.events("S", seqs.at(-1) ?? 0, 100);
    if (page.length === 0) break;
    expect(page.length).toBeLessThanOrEqual(4);
    seqs.push(...page.map(({ seq }) => seq));
  }
  expect(seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});
