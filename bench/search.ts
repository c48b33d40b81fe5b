// Claims (facts: kernels section 6): an acknowledgement does not pay for the full-text index, which is built in pieces between batches;
// what is looked for is found by its words and not by reading everything. Text: this project's own sources, cut like messages.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import type { NewEvent, StoreRow } from "../src/contracts/store.ts";
import { openSearch } from "../src/store/queries/search.ts";
import { openWriter } from "../src/store/writer.ts";
import { newSession } from "../test/support/session-row.ts";
import { claim, smoke } from "./harness.ts";
import { sourceText } from "./support/source-text.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-bench-search-"));
process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));

const messageChars = 1_000;
const batchRows = 64;
const total = smoke ? 1_000 : 20_000;
/** In one message, early: whoever reads everything finds it last or never stops before. */
const rare = "zirconium";

let serial = 0;
function messages(count: number): StoreRow[] {
  return Array.from({ length: count }, () => {
    const id = `m${serial++}`;
    const at = (serial * 7_919) % (sourceText.length - messageChars);
    const words = (serial === 500 ? `${rare} ` : "") + sourceText.slice(at, at + messageChars);
    const message = { id, session: "S", turn: "t", role: "user" as const, createdAt: 1, finishedAt: 1 };
    const event: NewEvent = {
      session: "S",
      kind: "message.created",
      data: { message: { ...message, parts: [{ id: "p", index: 0, kind: "text", text: words }] } },
    };
    return { row: "event", event };
  });
}

function open(name: string) {
  const file = path.join(dir, `${name}.db`);
  const writer = openWriter(file);
  const created: NewEvent = { session: "S", kind: "session.created", data: { session: newSession("S") } };
  assert.deepEqual(writer.commit({ rows: [{ row: "event", event: created }] }).failed, []);
  return { file, writer, commit: (rows: StoreRow[]) => assert.deepEqual(writer.commit({ rows }).failed, []) };
}

const later = open("later");
const within = open("within");
const long = open("long");

// --- a long history, indexed in pieces; how long a batch could have waited for each

for (let n = 0; n < total; n += 200) long.commit(messages(200));
const bytesBefore = new Database(long.file, { readonly: true }).pragma("page_count", { simple: true }) as number;
const pieces: number[] = [];
for (let more = true; more; ) {
  const from = performance.now();
  more = long.writer.idle();
  pieces.push(performance.now() - from);
}
pieces.sort((a, b) => a - b);
const reader = new Database(long.file, { readonly: true });
const growth = ((reader.pragma("page_count", { simple: true }) as number) - bytesBefore) * 4_096;
const scan = reader.prepare<[string], { id: string }>(
  "SELECT m.id FROM parts p JOIN messages m ON m.key = p.message WHERE p.text LIKE ? ORDER BY m.key DESC LIMIT 20",
);
const search = openSearch(long.file);
const found = (words: string): string[] => search.search(words, 20).hits.map(({ message }) => message);
const scanned = (words: string): string[] => scan.all(`%${words}%`).map(({ id }) => id);

export default [
  claim({
    name: `${batchRows} messages of 1 KB acknowledged, the index left for later`,
    gate() {
      later.commit(messages(batchRows));
      within.commit(messages(batchRows));
      while (later.writer.idle());
      while (within.writer.idle());
      for (const { file } of [later, within]) {
        const one = openSearch(file);
        assert.deepEqual([one.search("import", 100).complete, one.search("import", 100).hits.length > 0], [true, true]);
        one.close();
      }
    },
    ours: { name: "commit", run: () => later.commit(messages(batchRows)) },
    baselines: [
      {
        name: "commit and index",
        floor: 1.3,
        run() {
          within.commit(messages(batchRows));
          while (within.writer.idle());
        },
      },
    ],
    work: { amount: batchRows, unit: "messages" },
    notes: () => ({
      "messages indexed": total,
      "us a message of 1 KB": Math.round((pieces.reduce((sum, ms) => sum + ms, 0) * 1_000) / total),
      "a piece, median, ms": Number(pieces[pieces.length >> 1]!.toPrecision(3)),
      "a piece, p99, ms": Number(pieces[Math.floor(pieces.length * 0.99)]!.toPrecision(3)),
      "the longest piece, ms": Number(pieces.at(-1)!.toPrecision(3)),
      "size of the index to that of the text": Number((growth / (total * messageChars)).toPrecision(2)),
    }),
  }),
  claim({
    name: `one message among ${total}, with its snippet`,
    gate() {
      assert.equal(found(rare).length, 1);
      assert.deepEqual(found(rare), scanned(rare));
    },
    ours: { name: "session.search", run: () => void found(rare) },
    baselines: [{ name: "LIKE over all texts", run: () => void scanned(rare), floor: smoke ? 1 : 20 }],
  }),
  claim({
    name: "20 newest of a common word, and of the beginning of one",
    gate() {
      for (const words of ["import", "const export", "resul"]) assert.equal(found(words).length, 20);
      // As many as are asked for, newest first: none newer has the word.
      const { hits } = search.search('"import"', 20);
      const numbers = hits.map(({ seq }) => seq);
      assert.deepEqual(
        numbers,
        numbers.toSorted((a, b) => b - a),
      );
      const newer = reader
        .prepare<[number], { text: string }>("SELECT p.text FROM parts p JOIN messages m ON m.key = p.message WHERE m.position > ?")
        .all(numbers.at(-1)!);
      assert.equal(newer.filter(({ text }) => /(?<![\p{L}\p{N}])import(?![\p{L}\p{N}])/iu.test(text)).length, 19);
    },
    ours: { name: "a common word", run: () => void found("import") },
    baselines: [
      { name: "the beginning of a word", run: () => void found("resul") },
      { name: "three letters", run: () => void found("con") },
    ],
  }),
];
