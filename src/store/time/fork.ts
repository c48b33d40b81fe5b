// A session with the history of another one, copied row by row inside the writer: long results are shared by their hash, nothing leaves
// this thread.
import { randomUUID } from "node:crypto";
import type { ForkRequest } from "../../contracts/time.ts";
import type { Summary, Usage } from "../../protocol/index.ts";
import { StoreError } from "../errors.ts";
import { kindNumber } from "../kinds.ts";
import { project, type Transaction } from "../project.ts";
import { contextTokens } from "../rows.ts";

type Row = { key: number; id: string; turn: string; role: string; position: number };

/**
 * Usage is not copied: it was paid for once, in the session that it comes from.
 * @throws StoreError `constraint` when the session or the message is not there
 */
export function forkSession(tx: Transaction, { session, from, upTo, before }: ForkRequest): { messages: number; head: number } {
  const { sql } = tx;
  const source = sql.get<{ key: number }>("sessionKey", from)?.key;
  if (source === undefined) throw new StoreError("constraint", `Fork refused: there is no session ${from}`);
  const rows = inOrder(sql.all<Row>("forkMessages", source));
  const end = before ?? upTo;
  const at = end === undefined ? rows.length : rows.findIndex(({ id }) => id === end);
  if (at < 0) throw new StoreError("constraint", `Fork refused: there is no message ${end} in session ${from}`);
  const undone = new Set(sql.all<{ id: string }>("forkUndoneTurns", source).map(({ id }) => id));
  const copied = rows
    .slice(0, before === undefined && upTo !== undefined ? withResults(rows, at) : at)
    .filter(({ turn }) => !undone.has(turn));

  project(tx, { session: session.id, kind: "session.created", data: { session } });
  const { key } = sql.get<{ key: number }>("sessionKey", session.id)!;
  let head = 1;
  const told = (kind: "message.created" | "turn.completed", ref: number): number =>
    sql.run("addEvent", key, ++head, kindNumber[kind], ref, tx.time);
  const ids = new Map<string, string>();
  let position = 0;
  for (const [original, messages] of Map.groupBy(copied, ({ turn }) => turn)) {
    const turn = randomUUID();
    for (const row of messages) {
      const id = randomUUID();
      ids.set(row.id, id);
      const made = sql.get<{ key: number }>("forkMessage", id, key, ++position, turn, summaryOf(tx, row, ids), row.key)!;
      sql.run("forkParts", made.key, row.key);
      told("message.created", made.key);
    }
    const first = messages.find(({ role }) => role === "user") ?? messages.at(-1)!;
    const ended = sql.get<{ key: number }>("forkTurn", turn, key, ids.get(first.id)!, original);
    if (ended !== undefined) told("turn.completed", ended.key);
  }
  sql.run("setHead", head, copied.length, key);
  sql.run("setContext", contextOf(tx, copied), key);
  return { messages: copied.length, head };
}

/** Messages of one turn stand together, as a model is sent them: a prompt that waited in the queue comes after the turn before it. */
function inOrder(rows: Row[]): Row[] {
  return [...Map.groupBy(rows, ({ turn }) => turn).values()].flat();
}

/** What the last answer that has told its usage takes. */
function contextOf({ sql }: Transaction, rows: readonly Row[]): number {
  for (const row of rows.toReversed()) {
    const told = row.role === "assistant" ? sql.get<{ usage: string }>("contextUsage", row.key) : undefined;
    if (told !== undefined) return contextTokens(JSON.parse(told.usage) as Usage);
  }
  return 0;
}

/** The end of what is copied: the results of a message's calls belong to it. */
function withResults(rows: readonly Row[], at: number): number {
  let end = at + 1;
  while (rows[end]?.role === "tool" && rows[end]!.turn === rows[at]!.turn) end++;
  return end;
}

function summaryOf({ sql }: Transaction, { key, role }: Row, ids: ReadonlyMap<string, string>): string | null {
  const stored = role === "system" ? (sql.get<{ summary: string | null }>("forkSummary", key)?.summary ?? null) : null;
  if (stored === null) return null;
  const summary = JSON.parse(stored) as Summary;
  const mapped = (list: readonly string[]): string[] => list.flatMap((id) => ids.get(id) ?? []);
  const upTo = ids.get(summary.upTo);
  return upTo === undefined ? null : JSON.stringify({ ...summary, upTo, kept: mapped(summary.kept), waiting: mapped(summary.waiting) });
}
