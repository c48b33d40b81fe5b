// Claim: the thread that appends is never held up by the disk. While 4,000 rows a second are committed with synchronous=FULL, checkpoints
// run and messages are indexed, it only hands rows over and takes answers. Judged by its own processor time between two timers, which a
// busy machine does not lengthen (it waits for nothing: there is no other way to be held up); how late its timers came is told beside it.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { CommitAck, NewEvent, RowBatch } from "../src/contracts/store.ts";
import { openStorePool } from "../src/coordinator/link/pools.ts";
import { type OpenStore, openStore } from "../src/store/client.ts";
import { openQueries } from "../src/store/queries/queries.ts";
import { openWriter } from "../src/store/writer.ts";
import { newSession } from "../test/support/session-row.ts";
import { smoke } from "./harness.ts";
import { publish, value } from "./report.ts";
import { median } from "./support/median.ts";

const seconds = smoke ? 0.3 : 2;
const rounds = smoke ? 1 : 5;
const everyMs = 5;
const rowsAtOnce = 20;
const text = "x".repeat(400);

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-bench-stalls-"));
process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));

type Mode = "nothing stored" | "writer's thread" | "writer on this thread";
/** Late timers, and processor time of this thread between two of them, in ms; processor time for a row in us. */
type Measured = { late99: number; lateMax: number; turn99: number; turnMax: number; rows: number; row: number };

const created: NewEvent = { session: "S", kind: "session.created", data: { session: newSession("S") } };
const message = (id: string): NewEvent => ({
  session: "S",
  kind: "message.created",
  data: {
    message: { id, session: "S", turn: "t", role: "user", createdAt: 1, finishedAt: 1, parts: [{ id: "p", index: 0, kind: "text", text }] },
  },
});

async function open(mode: Mode): Promise<{ file: string; store: OpenStore }> {
  const file = path.join(dir, `${mode.replaceAll(/\W/g, "-")}.db`);
  if (mode === "writer's thread") {
    const pool = openStorePool({ filename: path.resolve("dist/workers/store.mjs"), workerData: { database: file } });
    return { file, store: openStore({ run: (batch) => pool.run(batch), end: () => pool.close() }) };
  }
  if (mode === "writer on this thread") {
    const writer = openWriter(file);
    return { file, store: openStore({ run: async (batch) => writer.commit(batch), end: async () => writer.close() }) };
  }
  const nothing = async (batch: RowBatch): Promise<CommitAck> => ({ seqs: batch.rows.map(() => 1), time: 1, failed: [] });
  return { file, store: openStore({ run: nothing }) };
}

let serial = 0;
/** Appends for a while, and tells what became of this thread's time meanwhile. */
async function append(store: OpenStore): Promise<Measured> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const sent: Promise<unknown>[] = [];
  const turns: number[] = [];
  const cpu = (): number => {
    const { user, system } = process.threadCpuUsage();
    return user + system;
  };
  const from = cpu();
  let before = from;
  const ticks = setInterval(() => {
    const now = cpu();
    turns.push(now - before);
    before = now;
  }, 1);
  delay.enable();
  const until = performance.now() + seconds * 1_000;
  while (performance.now() < until) {
    for (let n = 0; n < rowsAtOnce; n++) sent.push(store.commit([message(`m${serial++}`)]));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  delay.disable();
  clearInterval(ticks);
  const row = (cpu() - from) / sent.length;
  await Promise.all(sent);
  const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - 1);
  turns.sort((a, b) => a - b);
  return {
    late99: late(delay.percentile(99)),
    lateMax: late(delay.max),
    turn99: turns[Math.floor(turns.length * 0.99)]! / 1_000,
    turnMax: turns.at(-1)! / 1_000,
    rows: sent.length,
    row,
  };
}

const modes: Mode[] = ["nothing stored", "writer's thread", "writer on this thread"];
const opened = new Map<Mode, { file: string; store: OpenStore }>();
for (const mode of modes) {
  const one = await open(mode);
  await one.store.commit([created]);
  await append(one.store); // warm
  opened.set(mode, one);
}
const measured = new Map<Mode, Measured[]>(modes.map((mode) => [mode, []]));
for (let round = 0; round < rounds; round++) for (const mode of modes) measured.get(mode)!.push(await append(opened.get(mode)!.store));
for (const mode of modes.slice(1)) {
  const { file, store } = opened.get(mode)!;
  await store.flush();
  const queries = openQueries(file);
  // No equality, no number: every acknowledged row is there.
  assert.equal(queries.session("S")?.messageCount, queries.session("S")!.head - 1);
  assert.ok(fs.statSync(file).size > (smoke ? 0 : 4 << 20), "no checkpoint ran");
  queries.close();
}
for (const { store } of opened.values()) await store.close();

const of = (mode: Mode, figure: keyof Measured): number => median(measured.get(mode)!.map((one) => one[figure]));
const handing = median(measured.get("writer's thread")!.map(({ row }, round) => row - measured.get("nothing stored")![round]!.row));
const values = [
  value("writer's thread: longest turn of the appending thread, p99", of("writer's thread", "turn99"), "ms", { atMost: 1 }, smoke),
  value("writer's thread: the longest of all", of("writer's thread", "turnMax"), "ms", { atMost: 10 }, smoke),
  value("writer's thread: processor time of the appending thread a row, handing over", handing, "us", { atMost: 10 }, smoke),
  ...modes.flatMap((mode) => [
    value(`${mode}: turn, p99`, of(mode, "turn99"), "ms"),
    value(`${mode}: turn, longest`, of(mode, "turnMax"), "ms"),
    value(`${mode}: timers late, p99`, of(mode, "late99"), "ms"),
    value(`${mode}: timers late, most`, of(mode, "lateMax"), "ms"),
    value(`${mode}: processor time a row`, of(mode, "row"), "us"),
  ]),
];
const rows = measured.get("writer's thread")!.reduce((sum, one) => sum + one.rows, 0);
publish("store-stalls", [
  {
    claim: "the thread that appends is not held up by commits and checkpoints",
    smoke,
    rounds,
    figures: [],
    values,
    notes: { "rows committed on the writer's thread": rows, "rows a second": Math.round(rows / (rounds * seconds)) },
    ok: values.every(({ ok }) => ok !== false),
  },
]);
