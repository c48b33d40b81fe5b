// Sessions of a Crush database (goose schema: sessions, messages with their parts as JSON, times in seconds) as sessions of ours.
// The file is only read. Ids of ours are made from Crush's, so a second import finds what is there and adds the rest.
import { createHash } from "node:crypto";
import Database from "better-sqlite3";
import type { ImportAnswer, ImportedSession, ImportRequest } from "../../contracts/time.ts";
import { type Message, type ModelRef, type Session, titleCharsMax, type Turn } from "../../protocol/index.ts";
import { StoreError } from "../errors.ts";
import { project, type Transaction } from "../project.ts";
import { noUsage } from "../rows.ts";
import { fromCrushParts } from "./crush-parts.ts";

type CrushSession = {
  id: string;
  parent_session_id: string | null;
  title: string;
  prompt_tokens: number;
  completion_tokens: number;
  cost: number;
  created_at: number;
  updated_at: number;
};
type CrushRow = {
  id: string;
  role: string;
  parts: string;
  model: string | null;
  provider: string | null;
  created_at: number;
  updated_at: number;
  finished_at: number | null;
};

/** Crush keeps seconds, though its own comments say milliseconds: a number this high can only be the latter. */
const isMilliseconds = 1e11;
const time = (value: number): number => (value > isMilliseconds ? value : value * 1_000);

/** Messages that one row brings, so that rows of others get in between: some 50 ms of work. */
const messagesMax = 500;

/** A UUID of ours for something of Crush's, the same each time. Version 8: made by a rule of one's own. */
function idOf(kind: string, id: string): string {
  const hex = createHash("sha256").update(`crush\0${kind}\0${id}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Lists the sessions of a Crush database, or copies one of them; of a long one a piece, with `more`.
 * @throws StoreError `constraint` when there is no such file, or it is not Crush's: the request's fault, never that of the rows beside it
 */
export function importCrush(tx: Transaction, request: ImportRequest): ImportAnswer {
  const { session } = request;
  const crush = openCrush(request);
  try {
    if (session === undefined) {
      const rows = crush.prepare("SELECT id FROM sessions ORDER BY parent_session_id IS NOT NULL, created_at, id").all() as {
        id: string;
      }[];
      return { sessions: [], notes: [], ids: rows.map(({ id }) => id) };
    }
    const row = crush.prepare("SELECT * FROM sessions WHERE id = ?").get(session) as CrushSession | undefined;
    if (row === undefined) return { sessions: [], notes: [], ids: [] };
    return copySession(tx, crush, row, request.workspace);
  } catch (error) {
    throw refused(request.name, error);
  } finally {
    crush.close();
  }
}

function openCrush({ file, name }: ImportRequest): Database.Database {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const tables = db.prepare("SELECT name FROM sqlite_schema WHERE name IN ('sessions', 'messages', 'goose_db_version')").all();
    if (tables.length < 3) throw new StoreError("constraint", `${name} is not a database of Crush`);
    return db;
  } catch (error) {
    db?.close();
    throw refused(name, error);
  }
}

const refused = (name: string, error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError("constraint", `${name} cannot be read as a database of Crush: ${(error as Error).message}`, error);

function copySession(tx: Transaction, crush: Database.Database, row: CrushSession, workspace: string): ImportAnswer {
  const { sql } = tx;
  const id = idOf("session", row.id);
  const title = row.title.slice(0, titleCharsMax);
  const answer = (state: ImportedSession["state"], messages = 0, notes: string[] = []): ImportAnswer => ({
    sessions: [{ id, title, messages, state }],
    notes,
    ids: [row.id],
  });
  if (sql.get("buried", id) !== undefined) return answer("deleted");
  const known = sql.get<{ key: number }>("sessionKey", id) !== undefined;
  if (!known) createSession(tx, row, id, title, workspace);
  const { key } = sql.get<{ key: number }>("sessionKey", id)!;

  let turn: Turn | undefined;
  let added = 0;
  let unknown = 0;
  let more = false;
  let newTurn: Turn | undefined;
  const end = (): void => {
    if (newTurn !== undefined) project(tx, { session: id, kind: "turn.completed", data: { turn: { ...newTurn, status: "ok" } } });
    newTurn = undefined;
  };
  // A row at a time: a session may be larger than memory should be.
  for (const found of crush
    .prepare("SELECT * FROM messages WHERE session_id = ? ORDER BY created_at, rowid")
    .iterate(row.id) as IterableIterator<CrushRow>) {
    const message = toMessage(found, id);
    if (message === undefined) continue;
    if (message.role === "user" || turn === undefined) {
      end();
      turn = turnOf(message, id);
    } else turn = { ...turn, endedAt: message.finishedAt ?? message.createdAt };
    if (newTurn !== undefined) newTurn = turn;
    if (sql.get("findMessage", message.id, key) !== undefined) continue;
    if (added === messagesMax) {
      more = true;
      break;
    }
    if (newTurn === undefined && sql.get("turnKnown", turn.id) === undefined) {
      project(tx, { session: id, kind: "turn.started", data: { turn } });
      newTurn = turn;
    }
    const { unknown: lost, ...rest } = message;
    unknown += lost;
    project(tx, { session: id, kind: "message.created", data: { message: { ...rest, turn: turn.id } } });
    added++;
  }
  end();
  if (!known || added > 0) sql.run("importedAt", uniqueTime(tx, time(row.updated_at)), key);
  const notes = unknown > 0 ? [`${title}: ${unknown} part${unknown > 1 ? "s" : ""} of a kind that is not known left out`] : [];
  return { ...answer(known ? (added > 0 ? "grown" : "known") : "new", added, notes), more };
}

function createSession(tx: Transaction, row: CrushSession, id: string, title: string, workspace: string): void {
  const session: Session = {
    id,
    hash: "",
    title,
    workspace,
    createdAt: time(row.created_at),
    updatedAt: time(row.updated_at),
    status: "idle",
    messageCount: 0,
    usage: noUsage,
    contextTokens: 0,
    todos: [],
    head: 0,
    yolo: false,
    // Sessions with a parent are those of Crush's agents and titles: in no list there either.
    ...(row.parent_session_id ? { parent: idOf("session", row.parent_session_id), agent: "agent" } : {}),
  };
  project(tx, { session: id, kind: "session.created", data: { session } });
  tx.sql.run("importedUsage", row.prompt_tokens, row.completion_tokens, row.cost, row.prompt_tokens + row.completion_tokens, id);
}

const turnOf = (message: Message, session: string): Turn => ({
  id: idOf("turn", message.id),
  session,
  status: "running",
  message: message.id,
  createdAt: message.createdAt,
  endedAt: message.finishedAt ?? message.createdAt,
  completions: 0,
  usage: noUsage,
});

/** undefined: an answer that is not finished, which another import brings. */
function toMessage(row: CrushRow, session: string): (Message & { unknown: number }) | undefined {
  const id = idOf("message", row.id);
  const { parts, finish, error, ended, unknown } = fromCrushParts(row.parts, id);
  const role = row.role === "user" || row.role === "tool" || row.role === "system" ? row.role : "assistant";
  if (role === "assistant" && !ended && row.finished_at === null) return undefined;
  const model: ModelRef | undefined = row.model ? { provider: row.provider ?? "", model: row.model } : undefined;
  return {
    id,
    session,
    turn: "",
    role,
    createdAt: time(row.created_at),
    finishedAt: time(row.finished_at ?? row.updated_at),
    ...(model !== undefined && role === "assistant" && { model }),
    ...(finish !== undefined && role === "assistant" && { finish }),
    ...(error !== undefined && error !== "" && { error }),
    parts,
    unknown,
  };
}

/** Lists page by this time, so no two sessions have the same. */
function uniqueTime({ sql }: Transaction, wanted: number): number {
  let free = wanted;
  while (sql.get("timeTaken", free) !== undefined) free += 0.001;
  return free;
}
