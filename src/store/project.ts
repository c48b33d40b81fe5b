// One durable event becomes rows: a table with one function a kind. Runs inside the writer's transaction.
import type { NewEvent } from "../contracts/store.ts";
import type { DurableKind, Message, Part, Session, Usage } from "../protocol/index.ts";
import { resultHeadChars } from "../protocol/limits.ts";
import { saveText } from "./blobs.ts";
import { StoreError } from "./errors.ts";
import { sessionHash } from "./hash.ts";
import { kindNumber } from "./kinds.ts";
import { type ChunkRow, contextTokens, fromChunks, fromPart, noUsage } from "./rows.ts";
import type { Statements } from "./statements.ts";
import type { WriteName } from "./write-sql.ts";

/** What a projection sees of its transaction. `touch` is a time unlike any other session's, so that lists have one order. */
export type Transaction = { sql: Statements<WriteName>; time: number; touch(): number };

type Data<Kind extends DurableKind> = Extract<NewEvent, { kind: Kind }>["data"];
type Place = { session: number; seq: number; id: string };
/** @returns the key of the row that a replay reads */
type Projection<Kind extends DurableKind> = (tx: Transaction, at: Place, data: Data<Kind>) => number;

const refused = (what: string): StoreError => new StoreError("constraint", `Event refused: ${what}`);
const json = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/**
 * Stores one event and what it says.
 * @returns its seq within the session: dense, from 1
 * @throws StoreError `constraint` when it contradicts what is stored (unknown session, second end of a turn, ...)
 */
export function project(tx: Transaction, event: NewEvent): number {
  if (event.kind === "session.created") addSession(tx, event.data.session, event.session);
  const row = tx.sql.get<{ key: number; head: number }>("nextSeq", event.session);
  if (row === undefined) throw refused(`there is no session ${event.session} for ${event.kind}`);
  const place: Place = { session: row.key, seq: row.head, id: event.session };
  const projection = projections[event.kind] as Projection<DurableKind> | undefined;
  if (projection === undefined) throw refused(`unknown kind ${String(event.kind)}`);
  const ref = projection(tx, place, event.data);
  // Deleting takes the log with it; the tombstone has the number.
  if (event.kind !== "session.deleted") tx.sql.run("addEvent", row.key, row.head, kindNumber[event.kind], ref, tx.time);
  if (touching.has(event.kind)) tx.sql.run("touch", tx.touch(), row.key);
  return row.head;
}

/** Events that make a session the newest in lists. Parts and permissions come within a turn, which is enough. */
const touching: ReadonlySet<DurableKind> = new Set<DurableKind>([
  "session.created",
  "session.updated",
  "message.created",
  "turn.started",
  "turn.completed",
]);

const projections: { [Kind in DurableKind]: Projection<Kind> } = {
  "session.created": (_tx, at) => at.session,

  "session.updated": (tx, at, { session, spent }) => {
    if (spent !== undefined) {
      const { input, output, cacheRead, cacheWrite, reasoning, cost } = spent.usage;
      tx.sql.run("addSessionUsage", input, output, cacheRead, cacheWrite, reasoning, cost, at.session);
      if (spent.turn !== undefined)
        tx.sql.run("addTurnUsage", input, output, cacheRead, cacheWrite, reasoning, cost, spent.turn, at.session);
    }
    tx.sql.run(
      "updateSession",
      session.title,
      session.workspace,
      session.parent ?? null,
      json(session.model),
      session.yolo ? 1 : 0,
      session.plan ? 1 : 0,
      JSON.stringify(session.todos),
      at.session,
    );
    return at.session;
  },

  "session.deleted": (tx, at) => {
    tx.sql.run("bury", at.id, at.seq, tx.time);
    tx.sql.run("deleteSession", at.session);
    tx.sql.run("searchClampCursor");
    return 0;
  },

  "message.created": (tx, at, { message }) => {
    const { position } = tx.sql.get<{ position: number }>("nextPosition", at.session)!;
    const { key } = tx.sql.get<{ key: number }>(
      "addMessage",
      message.id,
      at.session,
      position,
      message.turn,
      message.role,
      message.createdAt,
      message.finishedAt ?? null,
      json(message.model),
      message.finish ?? null,
      json(message.usage),
      message.error ?? null,
      message.abandoned ? 1 : 0,
      json(message.summary),
    )!;
    for (const part of message.parts) putPart(tx, key, part, false);
    if (message.usage !== undefined) addUsage(tx, at, message, noUsage);
    if (message.summary !== undefined) tx.sql.run("setContext", message.summary.tokensAfter, at.session);
    return key;
  },

  "part.finished": (tx, at, { message, part }) => {
    const key = putPart(tx, findMessage(tx, at, message).key, part, true);
    tx.sql.run("dropChunks", at.session, message, part.id);
    return key;
  },

  "message.finished": (tx, at, { message }) => {
    const { key, usage, role, turn } = findMessage(tx, at, message.id);
    // Text that streamed and was never finished by a part of its own is kept, marked as incomplete.
    for (const part of fromChunks(tx.sql.all<ChunkRow>("chunksOfMessage", at.session, message.id))) putPart(tx, key, part, false);
    tx.sql.run("dropChunksOfMessage", at.session, message.id);
    for (const part of message.parts) putPart(tx, key, part, false);
    tx.sql.run(
      "finishMessage",
      message.finishedAt ?? tx.time,
      json(message.model),
      message.finish ?? null,
      json(message.usage),
      message.error ?? null,
      message.abandoned ? 1 : 0,
      key,
    );
    if (message.usage !== undefined) addUsage(tx, at, { ...message, role, turn }, usage === null ? noUsage : (JSON.parse(usage) as Usage));
    return key;
  },

  "permission.asked": (tx, at, { permission }) =>
    tx.sql.get<{ key: number }>("addPermission", permission.id, at.session, permission.state, JSON.stringify(permission))!.key,

  "permission.resolved": (tx, at, { permission }) => {
    const row = tx.sql.get<{ key: number }>("resolvePermission", permission.state, JSON.stringify(permission), permission.id, at.session);
    if (row === undefined) throw refused(`permission ${permission.id} is not pending in session ${at.id}`);
    return row.key;
  },

  "turn.queued": (tx, at, { turn }) =>
    tx.sql.get<{ key: number }>("addTurn", turn.id, at.session, turn.message, turn.createdAt, turn.completions)!.key,

  "turn.started": (tx, at, { turn }) => {
    const row = tx.sql.get<{ key: number }>("startTurn", turn.id, at.session, turn.message, turn.createdAt, turn.completions);
    if (row === undefined) throw refused(`turn ${turn.id} was started or ended before`);
    return row.key;
  },

  "turn.completed": (tx, at, { turn }) => {
    const row = tx.sql.get<{ key: number }>(
      "endTurn",
      turn.status,
      turn.endedAt ?? tx.time,
      turn.completions,
      turn.reason ?? null,
      turn.cause ?? null,
      turn.id,
      at.session,
    );
    if (row === undefined) throw refused(`turn ${turn.id} is not open in session ${at.id}: it has had its one end`);
    return row.key;
  },

  "turn.undone": (tx, at, { turn }) => markTurn(tx, at, turn.id, 1),
  "turn.redone": (tx, at, { turn }) => markTurn(tx, at, turn.id, 0),
};

function addSession(tx: Transaction, session: Session, id: string): void {
  if (tx.sql.get("buried", id) !== undefined) throw refused(`session ${id} was deleted, its id is not used again`);
  tx.sql.run(
    "addSession",
    id,
    sessionHash(id),
    session.title,
    session.workspace,
    session.parent ?? null,
    session.createdAt,
    json(session.model),
    session.yolo ? 1 : 0,
    session.plan ? 1 : 0,
    session.agent ?? null,
    JSON.stringify(session.todos),
  );
}

/** The context is what the last answer that still counts has told. */
function markTurn(tx: Transaction, at: Place, turn: string, undone: 0 | 1): number {
  const row = tx.sql.get<{ key: number }>("markTurn", undone, turn, at.session);
  if (row === undefined) throw refused(`there is no turn ${turn} that has ended in session ${at.id}`);
  const last = tx.sql.get<{ usage: string }>("lastUsage", at.session);
  tx.sql.run("setContext", last === undefined ? 0 : contextTokens(JSON.parse(last.usage) as Usage), at.session);
  return row.key;
}

/** What stands of a message: whose turn it is was said when it was created. */
type MessageRef = { key: number; usage: string | null; role: Message["role"]; turn: string };

function findMessage(tx: Transaction, at: Place, id: string): MessageRef {
  const row = tx.sql.get<MessageRef>("findMessage", id, at.session);
  if (row === undefined) throw refused(`there is no message ${id} in session ${at.id}`);
  return row;
}

function putPart(tx: Transaction, message: number, part: Part, ownEvent: boolean): number {
  const { id, idx, kind, text: whole, rest } = fromPart(part);
  const long = part.kind === "tool_result" && part.text.length > resultHeadChars;
  const { text, blob, chars, lines } = long ? saveText(tx.sql, part.text) : { text: whole, blob: null, chars: null, lines: null };
  return tx.sql.get<{ key: number }>("putPart", message, id, idx, kind, ownEvent ? 1 : 0, text, rest, blob, chars, lines)!.key;
}

/** Adds what this report says beyond the one before it, so that a message told twice counts once. */
function addUsage(tx: Transaction, at: Place, message: Message, before: Usage): void {
  const now = message.usage!;
  const more = [
    now.input - before.input,
    now.output - before.output,
    now.cacheRead - before.cacheRead,
    now.cacheWrite - before.cacheWrite,
    now.reasoning - before.reasoning,
    now.cost - before.cost,
  ];
  tx.sql.run("addSessionUsage", ...more, at.session);
  tx.sql.run("addTurnUsage", ...more, message.turn, at.session);
  // A broken attempt was paid for, but what it said is not sent again.
  if (message.role === "assistant" && !message.abandoned) tx.sql.run("setContext", contextTokens(now), at.session);
}
