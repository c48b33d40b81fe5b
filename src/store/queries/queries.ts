import type { Queries } from "../../contracts/store.ts";
import type { TimeQueries } from "../../contracts/time.ts";
import {
  type DurableBody,
  type DurableEvent,
  idempotencyMs,
  type Message,
  pageRowsMax,
  type Part,
  type Session,
} from "../../protocol/index.ts";
import { openForReading } from "../connection.ts";
import { toStoreError } from "../errors.ts";
import { agentSessionsMax, hashChars, pageCharsMax, prefixMatchesMax } from "../limits.ts";
import { eventKinds } from "../kinds.ts";
import {
  type ChunkRow,
  fromChunks,
  type MessageRow,
  type PartRow,
  type SessionRow,
  type TurnRow,
  toCutPart,
  toMessage,
  toPart,
  toPermission,
  toSession,
  toTurn,
} from "../rows.ts";
import { type StatementTime, Statements } from "../statements.ts";
import { checkIntegrity } from "./integrity.ts";
import { timeQueries } from "../time/queries.ts";
import { readSql } from "./read-sql.ts";

export interface StoreQueries extends Queries, TimeQueries {
  /** What a file was before `turn` first changed it, in pieces; `existed` false: it was not there. */
  fileBefore(
    session: string,
    path: string,
    turn: string,
  ): { existed: boolean; mode?: number; bytes: number; pieces: Iterable<Uint8Array> } | undefined;
  /** Hashes of all attachments that a message has. */
  attachments(): ReadonlySet<string>;
  /** Count and time of each statement by name. */
  times(): ReadonlyMap<string, StatementTime>;
}

/**
 * A reading connection of the caller's thread, whatever the writer does meanwhile; the file must exist. Each call sees one state.
 * @throws StoreError `version`, `corrupt`, `io`, here and (`corrupt`, `io`, `closed`) from each call
 */
export function openQueries(path: string, clock: { now(): number } = { now: Date.now }): StoreQueries {
  const db = openForReading(path);
  const sql = new Statements(db, readSql, path);
  /** Several statements that see one state of the database: a part must not be missing because it was finished in between. */
  const snapshot = <Result>(read: () => Result): Result => {
    try {
      return db.transaction(read)();
    } catch (error) {
      throw toStoreError(error, path);
    }
  };

  const wholePart = (row: PartRow): Part =>
    row.blob === null ? toPart(row) : toPart(row, Buffer.concat([...pieces(row.blob)]).toString());
  const withParts = (row: MessageRow, rows: readonly PartRow[], cut = false): Message => {
    const finished = rows.map(cut ? toCutPart : wholePart);
    if (row.finished_at !== null) return toMessage(row, finished);
    const streaming = fromChunks(sql.all<ChunkRow>("chunks", row.session_key, row.id));
    return toMessage(row, streaming.length === 0 ? finished : [...finished, ...streaming].sort((a, b) => a.index - b.index));
  };
  const whole = (row: MessageRow): Message => withParts(row, sql.all<PartRow>("parts", row.key));
  /** Parts of neighbours in a session, by message. */
  const partsOfPage = (rows: readonly MessageRow[]): Map<number, PartRow[]> => {
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return new Map();
    const [from, to] = [Math.min(first.position, last.position), Math.max(first.position, last.position)];
    return Map.groupBy(sql.all<PartRow & { owner: number }>("partsOfPage", first.session_key, from, to), ({ owner }) => owner);
  };
  const sessionByKey = (key: number): Session => toSession(sql.get<SessionRow>("sessionByKey", key)!);
  const positionOf = (session: string, message: string): number | undefined =>
    sql.get<{ position: number }>("position", message, session)?.position;
  const permissions = (rows: { body: string }[]) => rows.map(toPermission).reverse();

  /** The body of an event from the rows as they are now. */
  const body = (kind: DurableBody["kind"], ref: number, session: () => Session): DurableBody => {
    switch (kind) {
      case "session.created":
      case "session.updated":
        return { kind, data: { session: session() } };
      case "message.created": {
        const row = sql.get<MessageRow>("messageByKey", ref)!;
        return { kind, data: { message: toMessage(row, sql.all<PartRow>("partsToldWithMessage", ref).map(wholePart)) } };
      }
      case "part.finished": {
        const row = sql.get<PartRow & { message: string }>("partByKey", ref)!;
        return { kind, data: { message: row.message, part: wholePart(row) } };
      }
      case "message.finished":
        return { kind, data: { message: toMessage(sql.get<MessageRow>("messageByKey", ref)!, []) } };
      case "permission.asked":
      case "permission.resolved":
        return { kind, data: { permission: toPermission(sql.get<{ body: string }>("permissionByKey", ref)!) } };
      case "turn.queued":
      case "turn.started":
      case "turn.completed":
      case "turn.undone":
      case "turn.redone":
        return { kind, data: { turn: toTurn(sql.get<TurnRow>("turnByKey", ref)!) } };
      case "session.deleted":
        throw new Error("a deleted session has no log"); // its tombstone answers before
    }
  };

  const events = (id: string, after: number, limit: number): DurableEvent[] => {
    const row = sql.get<SessionRow>("session", id);
    if (row === undefined) {
      const grave = sql.get<{ seq: number; time: number }>("tombstone", id);
      if (grave === undefined || grave.seq <= after) return [];
      return [{ type: "event", session: id, seq: grave.seq, time: grave.time, kind: "session.deleted", data: { session: id } }];
    }
    let session: Session | undefined;
    const once = (): Session => {
      session ??= sessionByKey(row.key);
      return session;
    };
    const logged = sql.all<{ seq: number; kind: number; ref: number; time: number }>("events", row.key, after, limit);
    const told: DurableEvent[] = [];
    let chars = 0;
    for (const { seq, kind, ref, time } of logged) {
      if (chars > pageCharsMax) break;
      const event: DurableEvent = { type: "event", session: id, seq, time, ...body(eventKinds[kind]!, ref, once) };
      chars += charsOf(event);
      told.push(event);
    }
    return told;
  };

  return {
    session: (id) => map(sql.get<SessionRow>("session", id), toSession),
    findSessions(idOrPrefix) {
      const exact = sql.get<SessionRow>("session", idOrPrefix);
      if (exact !== undefined) return [toSession(exact)];
      const prefix = idOrPrefix.toLowerCase().slice(0, hashChars);
      // "g" follows the last hex digit: the end of the prefix's range.
      return /^[0-9a-f]+$/.test(prefix) ? sql.all<SessionRow>("sessionsByHash", prefix, `${prefix}g`, prefixMatchesMax).map(toSession) : [];
    },
    sessions({ workspace, limit, before = Number.MAX_SAFE_INTEGER }) {
      const rows =
        workspace === undefined
          ? sql.all<SessionRow>("sessionsNewest", before, limit)
          : sql.all<SessionRow>("sessionsOfWorkspace", workspace, before, limit);
      return rows.map(toSession);
    },
    agentSessions: (parent) => sql.all<SessionRow>("sessionsOfAgents", parent, agentSessionsMax).map(toSession),
    message: (id) => snapshot(() => map(sql.get<MessageRow>("message", id), whole)),
    messages: (session, { before, limit, cut = false, bounded = false }) =>
      snapshot(() => {
        const end = before === undefined ? Number.MAX_SAFE_INTEGER : positionOf(session, before);
        if (end === undefined) return { messages: [], more: false };
        const rows = sql.all<MessageRow>("messagesBefore", session, end, limit + 1);
        const newest = rows.slice(0, limit);
        const parts = partsOfPage(newest);
        const messages: Message[] = [];
        let chars = 0;
        for (const row of newest) {
          if (bounded && chars > pageCharsMax) break;
          const message = withParts(row, parts.get(row.key) ?? [], cut);
          chars += charsOfParts(message.parts);
          messages.push(message);
        }
        return { messages: messages.reverse(), more: rows.length > messages.length };
      }),
    conversation: (session, { after, limit }) =>
      snapshot(() => {
        const start = after === undefined ? 0 : positionOf(session, after);
        if (start === undefined) return [];
        const rows = sql.all<MessageRow>("messagesAfter", session, start, limit);
        const parts = partsOfPage(rows);
        return rows.map((row) => withParts(row, parts.get(row.key) ?? []));
      }),
    prompted: (session, { after, limit }) =>
      snapshot(() => {
        const row = after === undefined ? sql.get<MessageRow>("summary", session) : undefined;
        if (row !== undefined) {
          const summary = whole(row);
          const { kept, waiting, upTo } = summary.summary!;
          const rows = [...kept, ...waiting].flatMap((id) => sql.get<MessageRow>("message", id) ?? []);
          return { messages: [summary, ...rows.map(whole)], next: upTo };
        }
        const start = after === undefined ? 0 : positionOf(session, after);
        if (start === undefined) return { messages: [] };
        const rows = sql.all<MessageRow>("messagesAfter", session, start, limit);
        const parts = partsOfPage(rows);
        // The summary came first, where it is sent.
        const messages = rows.filter(({ summary }) => summary === null).map((each) => withParts(each, parts.get(each.key) ?? []));
        return { messages, ...(rows.length === limit && { next: rows.at(-1)!.id }) };
      }),
    uncounted: (session) =>
      snapshot(() => {
        const last = sql.get<{ id: string; position: number }>("lastCounted", session);
        const size = sql.get<{ bytes: number; files: number }>("sizeAfter", session, last?.position ?? 0)!;
        return { ...size, ...(last !== undefined && { last: last.id }) };
      }),
    events: (session, after, limit) => snapshot(() => events(session, after, limit)),
    permissions({ session, pendingOnly = false }) {
      if (session === undefined) return permissions(sql.all(pendingOnly ? "permissionsPending" : "permissionsNewest", pageRowsMax));
      return permissions(sql.all(pendingOnly ? "permissionsPendingOfSession" : "permissionsOfSession", session, pageRowsMax));
    },
    permission: (id) => map(sql.get<{ body: string }>("permission", id), toPermission),
    turn: (id) => map(sql.get<TurnRow>("turn", id), toTurn),
    turns: (session, limit) => sql.all<TurnRow>("turnsOfSession", session, limit).map(toTurn),
    unfinishedTurns: () => snapshot(() => [...sql.all<TurnRow>("turnsRunning"), ...sql.all<TurnRow>("turnsQueued")].map(toTurn)),
    readTime: (session, file) => sql.get<{ time: number }>("readTime", session, file)?.time,
    key: (key) => sql.get("key", key, clock.now() - idempotencyMs),
    fileVersions(session, file) {
      type Row = { path: string; turn: string; time: number; bytes: number; existed: number };
      const rows = file === undefined ? sql.all<Row>("fileVersions", session) : sql.all<Row>("fileVersionsOfPath", session, file);
      return rows.map((row) => ({ ...row, existed: row.existed !== 0 }));
    },
    fileBefore(session, file, turn) {
      const row = sql.get<{ hash: Buffer | null; mode: number | null; bytes: number }>("firstVersion", session, file, turn);
      if (row === undefined) return undefined;
      const hash = row.hash;
      return {
        existed: hash !== null,
        ...(row.mode === null ? {} : { mode: row.mode }),
        bytes: row.bytes,
        pieces: hash === null ? [] : pieces(hash),
      };
    },
    ...timeQueries(sql, pieces),
    attachments() {
      const found = new Set<string>();
      for (let after = 0; ; ) {
        const rows = sql.all<{ key: number; rest: string | null }>("fileParts", after, pageRowsMax);
        for (const { rest } of rows) {
          const { blob } = JSON.parse(rest ?? "{}") as { blob?: string };
          if (blob !== undefined) found.add(blob);
        }
        if (rows.length < pageRowsMax) return found;
        after = rows.at(-1)!.key;
      }
    },
    integrity: () => checkIntegrity(db, path),
    times: () => sql.times,
    close: () => db.close(),
  };

  function* pieces(hash: Buffer): Iterable<Uint8Array> {
    for (let piece = 0; ; piece++) {
      const row = sql.get<{ data: Buffer }>("blobPiece", hash, piece);
      if (row === undefined) return;
      yield row.data;
    }
  }
}

const map = <Row, Result>(row: Row | undefined, to: (row: Row) => Result): Result | undefined => (row === undefined ? undefined : to(row));

const charsOfParts = (parts: readonly Part[]): number =>
  parts.reduce((sum, part) => sum + (part.kind === "tool_call" ? part.input.length : (part.text?.length ?? 0)), 0);

function charsOf(event: DurableEvent): number {
  if (event.kind === "part.finished") return charsOfParts([event.data.part]);
  return event.kind === "message.created" ? charsOfParts(event.data.message.parts) : 0;
}
