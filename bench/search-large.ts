// Sessions with a gigabyte of text, searched in the product as it runs: what a client waits for `session.search`. Goal: 50 ms.
// Messages come through the store's own writer, the index through its own indexer; then the server opens that database. Text: this project's
// own sources, cut like messages, with marks of which this file knows where they are.
//   node bench/run.ts search-large        node bench/search-large.ts [--mb 100]
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import Database from "better-sqlite3";
import type { StoreRow } from "../src/contracts/store.ts";
import { sessionHash } from "../src/store/hash.ts";
import { openWriter } from "../src/store/writer.ts";
import { openProduct } from "../test/support/product.ts";
import { newSession } from "../test/support/session-row.ts";
import { smoke } from "./harness.ts";
import { publish, value } from "./report.ts";
import { sourceText } from "./support/source-text.ts";

const { values } = parseArgs({ options: { mb: { type: "string", default: smoke ? "8" : "100" } }, strict: false });
const mb = Number(values.mb);
const messageChars = 4_000;
const messages = Math.ceil((mb * 1e6) / messageChars);
const sessionMessages = 250;
/** So many messages are one transaction: what a busy server's writer takes at once. */
const batchRows = 200;
const goalMs = 50;
const searchesOfAKind = smoke ? 20 : 100;
const hitsAsked = 20;

/** Each stands in one message, spread from the oldest to the newest. */
const rareWords = Array.from({ length: searchesOfAKind }, (_, i) => `zirconium${i}x`);
const rareEvery = Math.floor(messages / searchesOfAKind);
/** Runs of characters that no text sets apart by spaces; in every 50th message one of them. */
const cjkWords = ["压缩会话", "検索結果", "日本語の文章", "重新命名", "対話履歴", "세션검색"];
/** In every message of TypeScript, near enough. */
const commonWords = ["const", "import", "return", "string", "the", "type", "number", "export", "readonly", "from"];
const beginnings = ["resu", "sess", "comp", "mess", "con", "ret", "perm", "kern", "for", "prov"];

const sessionRow = (id: string): StoreRow => ({
  row: "event",
  event: {
    session: id,
    kind: "session.created",
    data: { session: newSession(id, { hash: sessionHash(id), title: `Session ${id}` }) },
  },
});

function messageRow(number: number, session: string): StoreRow {
  const rare = number % rareEvery === 0 ? `${rareWords[number / rareEvery] ?? ""} ` : "";
  const cjk = number % 50 === 0 ? `${cjkWords[(number / 50) % cjkWords.length]}。 ` : "";
  const at = (number * 7_919) % (sourceText.length - messageChars);
  const head = `${rare}${cjk}`;
  const message = { id: `m${number}`, session, turn: "t", role: "user" as const, createdAt: number, finishedAt: number };
  const part = { id: "p", index: 0, kind: "text" as const, text: head + sourceText.slice(at, at + messageChars - head.length) };
  return { row: "event", event: { session, kind: "message.created", data: { message: { ...message, parts: [part] } } } };
}

const bytesOf = (file: string): number => {
  const db = new Database(file, { readonly: true });
  const pages = db.pragma("page_count", { simple: true }) as number;
  db.close();
  return pages * 4_096;
};
const seconds = (from: number): number => (performance.now() - from) / 1_000;

await using product = await openProduct();
fs.mkdirSync(product.dataDir, { recursive: true, mode: 0o700 });
const file = path.join(product.dataDir, "crush.db");
const writer = openWriter(file);
const commit = (rows: StoreRow[]): void => assert.deepEqual(writer.commit({ rows }).failed, []);

const began = performance.now();
for (let from = 0; from < messages; from += batchRows) {
  const rows: StoreRow[] = [];
  for (let number = from; number < Math.min(messages, from + batchRows); number++) {
    const session = `s${Math.floor(number / sessionMessages)}`;
    if (number % sessionMessages === 0) rows.push(sessionRow(session));
    rows.push(messageRow(number, session));
  }
  commit(rows);
}
const insertSeconds = seconds(began);
const bytesBefore = bytesOf(file);
const indexing = performance.now();
while (writer.idle());
const indexSeconds = seconds(indexing);
const indexBytes = bytesOf(file) - bytesBefore;
writer.close();
console.log(`${messages} messages written in ${insertSeconds.toFixed(1)} s, indexed in ${indexSeconds.toFixed(1)} s`);

await product.serve();
const client = product.connect();
const search = (query: string) => client.request("session.search", { query, limit: hitsAsked });

// No equality, no number: each rare word is found in its message alone, a common one in as many as are asked for, newest first.
for (const [i, word] of rareWords.entries()) {
  const { hits, complete } = await search(`"${word}"`);
  assert.deepEqual([hits.map(({ message }) => message), complete], [[`m${i * rareEvery}`], true]);
}
for (const word of [...commonWords, ...beginnings]) {
  const { hits } = await search(word);
  assert.equal(hits.length, hitsAsked, word);
  const times = hits.map(({ createdAt }) => createdAt);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => b - a),
  );
}
for (const [at, word] of cjkWords.entries()) {
  const { hits } = await search(word);
  assert.ok(hits.length > 0);
  for (const { message } of hits) assert.equal((Number(message.slice(1)) / 50) % cjkWords.length, at);
}

const kinds = { "a rare word": rareWords, "a common word": commonWords, "a beginning": beginnings, "a word of CJK": cjkWords };
const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, [] as number[]]));
// In turn, so that whatever else the machine does meets all of them.
for (let round = 0; round < searchesOfAKind; round++)
  for (const [kind, words] of Object.entries(kinds)) {
    const from = performance.now();
    await search(words[round % words.length]!);
    times[kind]!.push(performance.now() - from);
  }

const at = (sorted: number[], share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
const figures = Object.entries(times).flatMap(([kind, list]) => {
  const sorted = list.toSorted((a, b) => a - b);
  return [
    value(`${kind}, p50`, at(sorted, 0.5), "ms", { atMost: goalMs }, smoke),
    value(`${kind}, p99`, at(sorted, 0.99), "ms", { atMost: goalMs }, smoke),
  ];
});
publish("search-large", [
  {
    claim: `first ${hitsAsked} hits in ${mb} MB of sessions, asked for by a client`,
    smoke,
    rounds: searchesOfAKind,
    figures: [],
    values: [
      ...figures,
      value("written in", insertSeconds, "s"),
      value("indexed in", indexSeconds, "s"),
      value("size of the index", indexBytes / 1e6, "MB"),
      value("size of the database", (bytesBefore + indexBytes) / 1e6, "MB"),
    ],
    notes: { messages, "size of the index to that of the text": Number((indexBytes / (mb * 1e6)).toPrecision(2)) },
    ok: figures.every(({ ok }) => ok !== false),
  },
]);
