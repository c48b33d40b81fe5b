// Every statement of the writing connection. test/store/plans.test.ts asks SQLite for the plan of each.
import { counts, searchParts } from "./sql-parts.ts";
import { timeWriteSql } from "./time/write-sql.ts";

/** The chunk of a part that is finished, or of a session or message that is gone or done, is dropped: it came too late. */
const chunk = `INSERT OR REPLACE INTO part_chunks (session, message, part, start, idx, kind, call, name, text)
  SELECT s.key, ?, ?, ?, ?, ?, ?, ?, ? FROM sessions s WHERE s.id = ? AND NOT EXISTS (
    SELECT 1 FROM messages m WHERE m.id = ? AND (m.finished_at IS NOT NULL OR EXISTS (SELECT 1 FROM parts p WHERE p.message = m.key AND p.id = ?)))`;

const addUsage =
  "input = input + ?, output = output + ?, cache_read = cache_read + ?, cache_write = cache_write + ?, reasoning = reasoning + ?, cost = cost + ?";

export const writeSql = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  savepoint: "SAVEPOINT one",
  release: "RELEASE one",
  undo: "ROLLBACK TO one",
  newest: "SELECT max(updated_at) AS time FROM sessions",

  addSession: `INSERT INTO sessions (id, hash, title, workspace, parent, created_at, updated_at, model, yolo, plan, agent, todos, head)
    VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, 0)`,
  buried: "SELECT 1 AS found FROM tombstones WHERE session = ?",
  nextSeq: "UPDATE sessions SET head = head + 1 WHERE id = ? RETURNING key, head",
  touch: "UPDATE sessions SET updated_at = ? WHERE key = ?",
  updateSession: "UPDATE sessions SET title = ?, workspace = ?, parent = ?, model = ?, yolo = ?, plan = ?, todos = ? WHERE key = ?",
  bury: "INSERT INTO tombstones (session, seq, time) VALUES (?, ?, ?)",
  deleteSession: "DELETE FROM sessions WHERE key = ?",
  addEvent: "INSERT INTO events (session, seq, kind, ref, time) VALUES (?, ?, ?, ?, ?)",

  nextPosition: "UPDATE sessions SET message_count = message_count + 1 WHERE key = ? RETURNING message_count AS position",
  addMessage: `INSERT INTO messages (id, session, position, turn, role, created_at, finished_at, model, finish, usage, error, abandoned, summary)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key`,
  findMessage: "SELECT key, usage, role, turn FROM messages WHERE id = ? AND session = ?",
  finishMessage:
    "UPDATE messages SET finished_at = ?, model = coalesce(?, model), finish = ?, usage = ?, error = ?, abandoned = ? WHERE key = ?",
  putPart: `INSERT INTO parts (message, id, idx, kind, own_event, text, rest, blob, chars, lines) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (message, id) DO UPDATE SET idx = excluded.idx, kind = excluded.kind, own_event = max(own_event, excluded.own_event),
      text = excluded.text, rest = excluded.rest, blob = excluded.blob, chars = excluded.chars, lines = excluded.lines RETURNING key`,
  addChunk: chunk,
  chunksOfMessage:
    "SELECT part, start, idx, kind, call, name, text FROM part_chunks WHERE session = ? AND message = ? ORDER BY part, start",
  dropChunks: "DELETE FROM part_chunks WHERE session = ? AND message = ? AND part = ?",
  dropChunksOfMessage: "DELETE FROM part_chunks WHERE session = ? AND message = ?",
  addSessionUsage: `UPDATE sessions SET ${addUsage} WHERE key = ?`,
  setContext: "UPDATE sessions SET context_tokens = ? WHERE key = ?",
  addTurnUsage: `UPDATE turns SET ${addUsage} WHERE id = ? AND session = ?`,

  addTurn: `INSERT INTO turns (id, session, status, message, created_at, completions) VALUES (?, ?, 'queued', ?, ?, ?) RETURNING key`,
  startTurn: `INSERT INTO turns (id, session, status, message, created_at, completions) VALUES (?, ?, 'running', ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET status = 'running', completions = excluded.completions
    WHERE turns.session = excluded.session AND turns.status = 'queued' RETURNING key`,
  endTurn: `UPDATE turns SET status = ?, ended_at = ?, completions = ?, reason = ?, cause = ?
    WHERE id = ? AND session = ? AND (status = 'queued' OR status = 'running') RETURNING key`,

  markTurn: `UPDATE turns SET undone = ? WHERE id = ? AND session = ? AND status NOT IN ('queued', 'running') RETURNING key`,
  lastUsage: `SELECT m.usage FROM messages m WHERE m.session = ? AND m.role = 'assistant' AND m.abandoned = 0 AND m.usage IS NOT NULL
    AND ${counts} ORDER BY m.position DESC LIMIT 1`,
  ...timeWriteSql,

  addPermission: "INSERT INTO permissions (id, session, state, body) VALUES (?, ?, ?, ?) RETURNING key",
  resolvePermission: "UPDATE permissions SET state = ?, body = ? WHERE id = ? AND session = ? AND state = 'pending' RETURNING key",

  searchCursor: "SELECT message FROM search_cursor WHERE one = 1",
  searchMoveCursor: "UPDATE search_cursor SET message = ? WHERE one = 1",
  // Keys of a deleted end are given again: the cursor must not have passed them.
  searchClampCursor: "UPDATE search_cursor SET message = min(message, coalesce((SELECT max(key) FROM messages), 0)) WHERE one = 1",
  searchNext: "SELECT key, role = 'assistant' AND finished_at IS NULL AS open FROM messages WHERE key > ? ORDER BY key LIMIT ?",
  searchLateFinished: `SELECT l.message AS key, 0 AS open FROM search_later l CROSS JOIN messages m ON m.key = l.message
    WHERE l.message > 0 AND m.finished_at IS NOT NULL ORDER BY l.message LIMIT ?`,
  searchPutLate: "INSERT INTO search_later (message) VALUES (?)",
  searchDropLate: "DELETE FROM search_later WHERE message = ?",
  searchAdd: "INSERT INTO search (rowid, text) VALUES (?, ?)",
  searchMerge: "INSERT INTO search (search, rank) VALUES ('merge', ?)",
  totalChanges: "SELECT total_changes() AS count",
  searchParts,

  sessionKey: "SELECT key FROM sessions WHERE id = ?",
  setReadTime: `INSERT INTO read_times (session, path, time) VALUES (?, ?, ?) ON CONFLICT (session, path) DO UPDATE SET time = excluded.time`,
  saveKey: "INSERT INTO idempotency_keys (id, method, answer, time) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
  dropOldKeys: "DELETE FROM idempotency_keys WHERE time <= ?",

  newestVersion: "SELECT turn, hash FROM file_versions WHERE session = ? AND path = ? ORDER BY key DESC LIMIT 1",
  addVersion: "INSERT INTO file_versions (session, path, turn, time, mode, hash, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)",
  addBlob: "INSERT INTO blobs (hash, bytes, counted) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING",
  addPiece: "INSERT INTO blob_pieces (hash, piece, data) VALUES (?, ?, ?)",
  blobTotal: "SELECT bytes FROM blob_total WHERE one = 1",
  oldestVersion: "SELECT key FROM file_versions WHERE key > 0 ORDER BY key LIMIT 1",
  dropVersion: "DELETE FROM file_versions WHERE key = ?",
} as const;

export type WriteName = keyof typeof writeSql;
