// Statements of the writing connection for undo, fork and import; part of ../write-sql.ts.
export const timeWriteSql = {
  addWrite: `INSERT INTO file_writes (session, turn, path, before_hash, after_hash, mode, made, covered)
    SELECT key, ?, ?, ?, ?, ?, ?, ? FROM sessions WHERE id = ?`,
  // What is put gets a version of its own, so that it is the newest and not the next to make room.
  keepContent: `INSERT INTO file_versions (session, path, turn, time, mode, hash, bytes)
    SELECT s.key, ?, ?, ?, ?, b.hash, b.bytes FROM sessions s CROSS JOIN blobs b ON b.hash = ? WHERE s.id = ?`,
  addUndo: `INSERT INTO undos (id, session, kind, of, state, turns, last, time)
    SELECT ?, key, ?, ?, 'open', ?, ?, ? FROM sessions WHERE id = ? RETURNING key`,
  addUndoFile: "INSERT INTO undo_files (undo, path, from_hash, from_mode, to_hash, to_mode, made) VALUES (?, ?, ?, ?, ?, ?, ?)",
  dropUndoFile: "DELETE FROM undo_files WHERE undo = ? AND path = ?",
  closeUndo: "UPDATE undos SET state = 'done' WHERE id = ? AND state = 'open' RETURNING key, kind, of",
  undoRedone: "UPDATE undos SET state = 'redone' WHERE id = ?",

  forkMessages: "SELECT key, id, turn, role, position FROM messages WHERE session = ? ORDER BY position",
  forkUndoneTurns: "SELECT id FROM turns WHERE session = ? AND undone = 1",
  forkTurn: `INSERT INTO turns (id, session, status, message, created_at, ended_at, completions, reason, cause)
    SELECT ?, ?, CASE WHEN status IN ('queued', 'running') THEN 'interrupted' ELSE status END, ?, created_at, ended_at, completions, reason, cause
    FROM turns WHERE id = ? RETURNING key`,
  forkMessage: `INSERT INTO messages (id, session, position, turn, role, created_at, finished_at, model, finish, usage, error, abandoned, summary)
    SELECT ?, ?, ?, ?, role, created_at, coalesce(finished_at, created_at), model, finish, NULL, error,
      CASE WHEN finished_at IS NULL AND role = 'assistant' THEN 1 ELSE abandoned END, ? FROM messages WHERE key = ? RETURNING key`,
  forkParts: `INSERT INTO parts (message, id, idx, kind, own_event, text, rest, blob, chars, lines)
    SELECT ?, id, idx, kind, 0, text, rest, blob, chars, lines FROM parts WHERE message = ? ORDER BY idx`,
  forkSummary: "SELECT summary FROM messages WHERE key = ?",
  setHead: "UPDATE sessions SET head = ?, message_count = ? WHERE key = ?",
  contextUsage: "SELECT usage FROM messages WHERE key = ? AND usage IS NOT NULL",

  turnKnown: "SELECT 1 AS known FROM turns WHERE id = ?",
  timeTaken: "SELECT 1 AS taken FROM sessions WHERE updated_at = ?",
  importedAt: "UPDATE sessions SET updated_at = ? WHERE key = ?",
  importedUsage: "UPDATE sessions SET input = ?, output = ?, cost = ?, context_tokens = ? WHERE id = ?",
} as const;
