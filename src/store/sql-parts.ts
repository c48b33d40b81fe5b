// Pieces that statements of several files have in common.

/** Turns `t` as rows.ts reads them. */
export const turn = "SELECT t.*, s.id AS session FROM turns t JOIN sessions s ON s.key = t.session";

/** The turn of message `m` was not undone. */
export const counts = "coalesce((SELECT t.undone FROM turns t WHERE t.id = m.turn), 0) = 0";

/** What can be found of a message. The path of a file that came with it stands in `rest`. */
export const searchParts = `SELECT kind, substr(text, 1, ?) AS text, CASE kind WHEN 'file' THEN rest ->> 'path' END AS path
  FROM parts WHERE message = ? ORDER BY idx`;
