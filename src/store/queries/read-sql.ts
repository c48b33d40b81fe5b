// Every statement of reading connections. test/store/plans.test.ts asks SQLite for the plan of each: no SCAN, no TEMP B-TREE.
import { counts, searchParts, turn } from "../sql-parts.ts";
import { timeReadSql } from "../time/read-sql.ts";

const session = `SELECT s.*,
  EXISTS (SELECT 1 FROM permissions p WHERE p.session = s.key AND p.state = 'pending') AS waiting,
  EXISTS (SELECT 1 FROM turns t WHERE t.session = s.key AND t.status = 'running') AS running
  FROM sessions s`;
const message = `SELECT m.*, s.id AS session, m.session AS session_key, (SELECT t.undone FROM turns t WHERE t.id = m.turn) AS undone
  FROM messages m JOIN sessions s ON s.key = m.session`;
const partColumns = "p.id, p.idx, p.kind, p.text, p.rest, p.blob, p.chars, p.lines";
const part = `SELECT ${partColumns} FROM parts p`;
const inSession = "m.session = (SELECT key FROM sessions WHERE id = ?)";

export const readSql = {
  session: `${session} WHERE s.id = ?`,
  sessionByKey: `${session} WHERE s.key = ?`,
  sessionsByHash: `${session} WHERE s.hash >= ? AND s.hash < ? ORDER BY s.hash LIMIT ?`,
  sessionsNewest: `${session} WHERE s.agent IS NULL AND s.updated_at < ? ORDER BY s.updated_at DESC LIMIT ?`,
  sessionsOfWorkspace: `${session} WHERE s.agent IS NULL AND s.workspace = ? AND s.updated_at < ? ORDER BY s.updated_at DESC LIMIT ?`,
  sessionsOfAgents: `${session} WHERE s.agent IS NOT NULL AND s.parent = ? ORDER BY s.key LIMIT ?`,
  tombstone: "SELECT seq, time FROM tombstones WHERE session = ?",

  message: `${message} WHERE m.id = ?`,
  messageByKey: `${message} WHERE m.key = ?`,
  position: "SELECT m.position FROM messages m JOIN sessions s ON s.key = m.session WHERE m.id = ? AND s.id = ?",
  messagesBefore: `${message} WHERE ${inSession} AND m.position < ? ORDER BY m.position DESC LIMIT ?`,
  messagesAfter: `${message} WHERE ${inSession} AND m.position > ? ORDER BY m.position LIMIT ?`,
  summary: `${message} WHERE ${inSession} AND m.summary IS NOT NULL AND ${counts} ORDER BY m.position DESC LIMIT 1`,
  // The provider has counted all up to here; a compaction has, for its summary.
  lastCounted: `SELECT m.id, m.position FROM messages m WHERE ${inSession} AND m.usage IS NOT NULL AND m.abandoned = 0 AND ${counts}
    ORDER BY m.position DESC LIMIT 1`,
  sizeAfter: `SELECT coalesce(sum(coalesce(p.chars * 3, octet_length(p.text), 0)), 0) AS bytes,
    coalesce(sum(p.kind = 'file' AND p.text IS NULL), 0) AS files
    FROM messages m CROSS JOIN parts p ON p.message = m.key WHERE ${inSession} AND m.position > ?`,
  parts: `${part} WHERE message = ? ORDER BY idx`,
  // One statement a page: a look-up a message costs as much as its rows.
  partsOfPage: `SELECT m.key AS owner, ${partColumns} FROM messages m CROSS JOIN parts p ON p.message = m.key
    WHERE m.session = ? AND m.position >= ? AND m.position <= ? ORDER BY m.position, p.idx`,
  partsToldWithMessage: `${part} WHERE message = ? AND own_event = 0 ORDER BY idx`,
  partByKey: `SELECT ${partColumns}, m.id AS message FROM parts p JOIN messages m ON m.key = p.message WHERE p.key = ?`,
  fileParts: "SELECT key, rest FROM parts WHERE kind = 'file' AND key > ? ORDER BY key LIMIT ?",
  chunks: "SELECT part, start, idx, kind, call, name, text FROM part_chunks WHERE session = ? AND message = ? ORDER BY part, start",

  events: "SELECT seq, kind, ref, time FROM events WHERE session = ? AND seq > ? ORDER BY seq LIMIT ?",

  permission: "SELECT body FROM permissions WHERE id = ?",
  permissionByKey: "SELECT body FROM permissions WHERE key = ?",
  permissionsNewest: "SELECT body FROM permissions WHERE key > 0 ORDER BY key DESC LIMIT ?",
  permissionsPending: "SELECT body FROM permissions WHERE state = 'pending' ORDER BY key DESC LIMIT ?",
  permissionsOfSession: "SELECT body FROM permissions WHERE session = (SELECT key FROM sessions WHERE id = ?) ORDER BY key DESC LIMIT ?",
  permissionsPendingOfSession:
    "SELECT body FROM permissions WHERE session = (SELECT key FROM sessions WHERE id = ?) AND state = 'pending' ORDER BY key DESC LIMIT ?",

  turn: `${turn} WHERE t.id = ?`,
  turnByKey: `${turn} WHERE t.key = ?`,
  turnsOfSession: `${turn} WHERE t.session = (SELECT key FROM sessions WHERE id = ?) ORDER BY t.key DESC LIMIT ?`,
  turnsRunning: `${turn} WHERE t.status = 'running' ORDER BY t.key`,
  turnsQueued: `${turn} WHERE t.status = 'queued' ORDER BY t.key`,

  // CROSS JOIN: the index first, whose order is the answer's.
  search: `SELECT m.key, m.id AS message, m.position AS seq, m.role, m.created_at, s.id AS session, s.hash, s.title, s.workspace
    FROM search f CROSS JOIN messages m ON m.key = f.rowid CROSS JOIN sessions s ON s.key = m.session
    WHERE f.search MATCH ? ORDER BY f.rowid DESC LIMIT ?`,
  searchParts,
  searchWaits: `SELECT 1 AS waits FROM messages WHERE key > (SELECT message FROM search_cursor WHERE one = 1)
    UNION ALL SELECT 1 FROM search_later l CROSS JOIN messages m ON m.key = l.message WHERE l.message > 0 AND m.finished_at IS NOT NULL LIMIT 1`,

  readTime: "SELECT time FROM read_times WHERE session = (SELECT key FROM sessions WHERE id = ?) AND path = ?",
  key: "SELECT method, answer FROM idempotency_keys WHERE id = ? AND time > ?",
  fileVersions:
    "SELECT path, turn, time, bytes, hash IS NOT NULL AS existed FROM file_versions WHERE session = (SELECT key FROM sessions WHERE id = ?) ORDER BY key",
  fileVersionsOfPath:
    "SELECT path, turn, time, bytes, hash IS NOT NULL AS existed FROM file_versions WHERE session = (SELECT key FROM sessions WHERE id = ?) AND path = ? ORDER BY key",
  firstVersion:
    "SELECT hash, mode, bytes FROM file_versions WHERE session = (SELECT key FROM sessions WHERE id = ?) AND path = ? AND turn = ? ORDER BY key LIMIT 1",
  ...timeReadSql,
  blobPiece: "SELECT data FROM blob_pieces WHERE hash = ? AND piece = ?",
} as const;

export type ReadName = keyof typeof readSql;
