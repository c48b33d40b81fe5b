// Claims (facts: durability 3.2, kernels section 6): what group commit is worth under synchronous=FULL; what gathering streamed text by
// part saves in commits and in bytes of the log; that opening a session costs a screen and not its history. Real files in the system's temporary directory.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import type { NewEvent, RowBatch, StoreRow } from "../src/contracts/store.ts";
import type { Message } from "../src/protocol/index.ts";
import { openStore } from "../src/store/client.ts";
import { textWriteMs } from "../src/store/limits.ts";
import { openQueries } from "../src/store/queries/queries.ts";
import { openWriter } from "../src/store/writer.ts";
import { newSession } from "../test/support/session-row.ts";
import { claim, smoke } from "./harness.ts";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-bench-store-"));
process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));

const row = (event: NewEvent): StoreRow => ({ row: "event", event });
const message = (session: string, id: string, role: Message["role"], text?: string): NewEvent => ({
  session,
  kind: "message.created",
  data: {
    message: { id, session, turn: "t", role, createdAt: 1, parts: text === undefined ? [] : [{ id: "p", index: 0, kind: "text", text }] },
  },
});

/** A new database with one session in it. */
function open(name: string) {
  const file = path.join(dir, `${name}.db`);
  const writer = openWriter(file);
  const commit = (batch: RowBatch): void => assert.deepEqual(writer.commit(batch).failed, []);
  commit({ rows: [row({ session: "S", kind: "session.created", data: { session: newSession("S") } })] });
  return { file, commit, queries: openQueries(file) };
}

/**
 * Bytes that a run puts into the write-ahead log: each page that a commit has changed, as SQLite counts its frames. A checkpoint between
 * would start the log again, so it is emptied before and the count taken as the highest seen.
 */
function logBytes(of: { file: string }, run: (committed: () => void) => void): number {
  const db = new Database(of.file);
  const frames = (mode: "NOOP" | "TRUNCATE"): { log: number; checkpointed: number } =>
    (db.pragma(`wal_checkpoint(${mode})`) as { log: number; checkpointed: number }[])[0]!;
  frames("TRUNCATE");
  let [total, before] = [0, 0];
  run(() => {
    const { log } = frames("NOOP");
    total += log >= before ? log - before : log; // less: the log was started again
    before = log;
  });
  db.close();
  return total * frameBytes;
}
/** A page of 4 KiB and its header. */
const frameBytes = 4_096 + 24;

// --- group commit: 64 messages of 400 B, each with its part and its event

const rowsInBatch = 64;
const text = "x".repeat(400);
const grouped = open("grouped");
const single = open("single");
let serial = 0;
const rows = (): StoreRow[] => Array.from({ length: rowsInBatch }, () => row(message("S", `m${serial++}`, "user", text)));
const together = (): void => grouped.commit({ rows: rows() });
const oneByOne = (): void => {
  for (const one of rows()) single.commit({ rows: [one] });
};

// --- streaming: an answer of 12 KB in 2,000 deltas over 20 s, gathered by the real client, against a growing snapshot a delta

const deltas = smoke ? 200 : 2_000;
const deltaMs = 10;
const words = Array.from({ length: deltas }, (_, n) => `word${n % 7} `);
const answer = words.join("");
const stream = open("stream");
const snapshot = open("snapshot");

/** The batches that the client makes of the stream, recorded once with a clock that is moved by hand. */
async function recordBatches(): Promise<RowBatch[]> {
  const batches: RowBatch[] = [];
  let now = 0;
  let timer: { at: number; run: () => void } | undefined;
  const clock = {
    now: () => now,
    after(ms: number, run: () => void) {
      timer = { at: now + ms, run };
      return () => {
        timer = undefined;
      };
    },
  };
  const run = async (batch: RowBatch) => {
    batches.push(batch);
    return { seqs: batch.rows.map(() => 0), time: 0, failed: [] };
  };
  const store = openStore({ clock, run });
  let offset = 0;
  for (const piece of words) {
    store.stream({ session: "S", message: "M", part: "p", index: 0, kind: "text", offset, text: piece });
    offset += piece.length;
    now += deltaMs;
    if (timer !== undefined && timer.at <= now) timer.run();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  await store.flush();
  return batches;
}
const recorded = await recordBatches();

const finished = (id: string, at: string): StoreRow =>
  row({ session: "S", kind: "part.finished", data: { message: id, part: { id: "p", index: 0, kind: "text", text: at } } });
const gathered = (committed = (): void => {}): void => {
  const id = `m${serial++}`;
  const commit = (batch: RowBatch): void => {
    stream.commit(batch);
    committed();
  };
  commit({ rows: [row(message("S", id, "assistant"))] });
  for (const batch of recorded)
    commit({ rows: batch.rows.map((one) => (one.row === "text" ? { ...one, text: { ...one.text, message: id } } : one)) });
  commit({ rows: [finished(id, answer)] });
};
const snapshots = (committed = (): void => {}): void => {
  const id = `m${serial++}`;
  snapshot.commit({ rows: [row(message("S", id, "assistant"))] });
  committed();
  let whole = "";
  for (const piece of words) {
    whole += piece;
    snapshot.commit({ rows: [finished(id, whole)] });
    committed();
  }
};
/** Half of the goal. A short answer's snapshots are short. */
const amplificationFloor = smoke ? 5 : 50;
let amplification: Record<string, number> = {};

// --- opening: the last 30 messages of a long session

const history = smoke ? 300 : 5_000;
const screenRows = 30;
const long = open("long");
for (let n = 0; n < history; n += 100)
  long.commit({ rows: Array.from({ length: 100 }, (_, k) => row(message("S", `long${n + k}`, "user", text))) });
const short = open("short");
short.commit({ rows: Array.from({ length: screenRows + 1 }, (_, k) => row(message("S", `short${k}`, "user", text))) });
const screen = (of: typeof long) => of.queries.messages("S", { limit: screenRows });

const texts = (of: typeof long, limit: number) => of.queries.messages("S", { limit }).messages.flatMap(({ parts }) => parts);

export default [
  claim({
    name: `group commit, synchronous=FULL: ${rowsInBatch} messages with part and event`,
    gate() {
      together();
      oneByOne();
      assert.deepEqual(texts(grouped, 500), texts(single, 500));
      assert.deepEqual(grouped.queries.integrity(), []);
    },
    ours: { name: "one batch", run: together },
    baselines: [{ name: "a commit a message", run: oneByOne, floor: 5 }],
    work: { amount: rowsInBatch, unit: "messages" },
  }),
  claim({
    name: `an answer of ${deltas} deltas, ${(answer.length / 1_000).toFixed(0)} KB, while it streams`,
    gate() {
      gathered();
      snapshots();
      assert.deepEqual(texts(stream, 1), texts(snapshot, 1));
      const [ours, theirs] = [logBytes(stream, gathered), logBytes(snapshot, snapshots)];
      amplification = { "bytes in the log, gathered": ours, "bytes in the log, snapshots": theirs, ratio: Math.round(theirs / ours) };
      assert.ok(
        theirs / ours >= amplificationFloor,
        `only ${theirs / ours} times fewer bytes in the log, at least ${amplificationFloor} are promised`,
      );
    },
    ours: { name: `gathered by part, ${textWriteMs} ms`, run: () => gathered() },
    baselines: [{ name: "a snapshot a delta", run: () => snapshots(), floor: smoke ? 1 : 3 }],
    work: { amount: answer.length / 1e6, unit: "MB" },
    notes: () => ({
      "commits, gathered": recorded.length + 2,
      "commits, snapshots": deltas + 1,
      ...amplification,
    }),
  }),
  claim({
    name: `opening a session of ${history} messages`,
    gate() {
      assert.deepEqual(screen(long).messages, long.queries.messages("S", { limit: history }).messages.slice(-screenRows));
      assert.equal(screen(short).messages.length, screenRows);
    },
    ours: { name: `the last ${screenRows} messages`, run: () => void screen(long) },
    baselines: [
      { name: "the same of a session that has no more", run: () => void screen(short) },
      { name: "its whole history", run: () => void long.queries.messages("S", { limit: history }), floor: smoke ? 1 : 40 },
    ],
  }),
];
