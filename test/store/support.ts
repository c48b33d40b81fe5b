import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import type { NewEvent, RowBatch } from "../../src/contracts/store.ts";
import type { Message, Part, Permission, Session, TextPart, Turn } from "../../src/protocol/index.ts";
import { type OpenStore, openStore } from "../../src/store/client.ts";
import { openQueries, type StoreQueries } from "../../src/store/queries/queries.ts";
import { openWriter, type Writer, type WriterOptions } from "../../src/store/writer.ts";
import { newSession, noUsage } from "../support/session-row.ts";

export function tempFile(): string {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-store-"));
  onTestFinished(() => fs.rmSync(dir, { recursive: true, force: true }));
  return path.join(dir, "crush.db");
}

export type Opened = {
  path: string;
  writer: Writer;
  store: OpenStore;
  queries: StoreQueries;
  batches: RowBatch[];
  clock: { time: number; now(): number };
};

/** A real file with the writer in this thread; every batch that was sent is kept for counting. */
export async function openAll(options: WriterOptions = {}): Promise<Opened> {
  const file = tempFile();
  const clock = { time: 1_000, now: () => clock.time };
  const writer = openWriter(file, clock, options);
  const batches: RowBatch[] = [];
  const store = openStore({
    run: async (batch) => {
      batches.push(structuredClone(batch)); // as a thread hop does
      return writer.commit(batch);
    },
  });
  await store.ready();
  const queries = openQueries(file, clock);
  onTestFinished(() => {
    queries.close();
    writer.close();
  });
  return { path: file, writer, store, queries, batches, clock };
}

export const session = (id: string, over: Partial<Session> = {}): Session =>
  newSession(id, { title: "untitled", workspace: "/work", createdAt: 10, updatedAt: 10, ...over });
export const message = (id: string, over: Partial<Message> = {}): Message => ({
  id,
  session: "S",
  turn: "t1",
  role: "user",
  createdAt: 20,
  parts: [],
  ...over,
});
export const text = (id: string, index: number, words: string): TextPart => ({ id, index, kind: "text", text: words });
export const turn = (id: string, over: Partial<Turn> = {}): Turn => ({
  id,
  session: "S",
  status: "queued",
  message: "m1",
  createdAt: 30,
  completions: 0,
  usage: noUsage,
  ...over,
});
export const permission = (id: string, over: Partial<Permission> = {}): Permission => ({
  id,
  session: "S",
  turn: "t1",
  call: "c1",
  tool: "bash",
  action: "execute",
  title: "ls",
  input: "{}",
  why: "runs a command",
  state: "pending",
  createdAt: 40,
  ...over,
});

/** Events by kind, of session "S" unless told. */
export const event = {
  created: (over: Partial<Session> = {}, id = "S"): NewEvent => ({
    session: id,
    kind: "session.created",
    data: { session: session(id, over) },
  }),
  updated: (over: Partial<Session>, id = "S"): NewEvent => ({ session: id, kind: "session.updated", data: { session: session(id, over) } }),
  deleted: (id = "S"): NewEvent => ({ session: id, kind: "session.deleted", data: { session: id } }),
  message: (id: string, over: Partial<Message> = {}, of = "S"): NewEvent => ({
    session: of,
    kind: "message.created",
    data: { message: message(id, { session: of, ...over }) },
  }),
  part: (of: string, part: Part, id = "S"): NewEvent => ({ session: id, kind: "part.finished", data: { message: of, part } }),
  finished: (id: string, over: Partial<Message> = {}, of = "S"): NewEvent => ({
    session: of,
    kind: "message.finished",
    data: { message: message(id, { session: of, role: "assistant", finishedAt: 50, finish: "end_turn", ...over }) },
  }),
  asked: (id: string, over: Partial<Permission> = {}): NewEvent => ({
    session: "S",
    kind: "permission.asked",
    data: { permission: permission(id, over) },
  }),
  resolved: (id: string, over: Partial<Permission> = {}): NewEvent => ({
    session: "S",
    kind: "permission.resolved",
    data: { permission: permission(id, { state: "allowed", resolvedAt: 60, resolvedBy: "tty", ...over }) },
  }),
  queued: (id: string, over: Partial<Turn> = {}, of = "S"): NewEvent => ({
    session: of,
    kind: "turn.queued",
    data: { turn: turn(id, { session: of, ...over }) },
  }),
  started: (id: string, over: Partial<Turn> = {}, of = "S"): NewEvent => ({
    session: of,
    kind: "turn.started",
    data: { turn: turn(id, { session: of, status: "running", ...over }) },
  }),
  completed: (id: string, over: Partial<Turn> = {}, of = "S"): NewEvent => ({
    session: of,
    kind: "turn.completed",
    data: { turn: turn(id, { session: of, status: "ok", endedAt: 70, completions: 1, ...over }) },
  }),
};
