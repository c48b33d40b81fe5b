// Statements of reading connections for undo; part of ../queries/read-sql.ts.
import { turn } from "../sql-parts.ts";

const undo = "SELECT u.*, s.id AS session_id FROM undos u JOIN sessions s ON s.key = u.session";
const inSession = "session = (SELECT key FROM sessions WHERE id = ?)";

export const timeReadSql = {
  turnWrites: `SELECT w.*, s.id AS session_id FROM file_writes w JOIN sessions s ON s.key = w.session WHERE w.turn = ? ORDER BY w.key`,
  newestTurn: `${turn} WHERE t.${inSession} AND t.undone = 0 AND t.status NOT IN ('queued', 'running') ORDER BY t.key DESC LIMIT 1`,
  turnsFrom: `${turn} WHERE t.${inSession} AND t.key >= (SELECT key FROM turns WHERE id = ?) ORDER BY t.key`,
  // From the turn's first message on: what is before it need not be read.
  turnCalls: `SELECT p.text AS input, p.rest ->> 'name' AS name FROM messages m CROSS JOIN parts p ON p.message = m.key AND p.kind = 'tool_call'
    WHERE m.${inSession} AND m.position >= coalesce((SELECT position FROM messages WHERE id = ?), 0) AND m.turn = ? ORDER BY m.position, p.idx`,
  newestUndo: `${undo} WHERE u.${inSession} AND u.kind = 'undo' AND u.state = 'done' ORDER BY u.key DESC LIMIT 1`,
  openUndos: `${undo} WHERE u.state = 'open' ORDER BY u.key`,
  undoFiles: "SELECT * FROM undo_files WHERE undo = ? ORDER BY path",
  blobBytes: "SELECT bytes FROM blobs WHERE hash = ?",
} as const;
