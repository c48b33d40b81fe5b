import type { FileState, TimeQueries, UndoRecord } from "../../contracts/time.ts";
import type { ReadName } from "../queries/read-sql.ts";
import { type TurnRow, toTurn } from "../rows.ts";
import type { Statements } from "../statements.ts";

type WriteRow = {
  key: number;
  session_id: string;
  turn: string;
  path: string;
  before_hash: Buffer | null;
  after_hash: Buffer | null;
  mode: number | null;
  made: string | null;
  covered: number;
};
type UndoRow = { key: number; id: string; session_id: string; kind: "undo" | "redo"; of: string | null; turns: string; last: string };
type FileRow = {
  path: string;
  from_hash: Buffer | null;
  from_mode: number | null;
  to_hash: Buffer | null;
  to_mode: number | null;
  made: string | null;
};

const hex = (hash: Buffer | null): string | null => hash?.toString("hex") ?? null;
const state = (hash: Buffer | null, mode: number | null): FileState => ({ hash: hex(hash), ...(mode === null ? {} : { mode }) });

/** The part of a reading connection that undo asks. `pieces`: a blob by its hash. */
export function timeQueries(sql: Statements<ReadName>, pieces: (hash: Buffer) => Iterable<Uint8Array>): TimeQueries {
  const record = (row: UndoRow): UndoRecord => ({
    id: row.id,
    session: row.session_id,
    kind: row.kind,
    ...(row.of === null ? {} : { of: row.of }),
    turns: JSON.parse(row.turns) as string[],
    last: row.last,
    files: sql.all<FileRow>("undoFiles", row.key).map((file) => ({
      path: file.path,
      from: state(file.from_hash, file.from_mode),
      to: state(file.to_hash, file.to_mode),
      ...(file.made === null ? {} : { made: file.made }),
    })),
  });

  return {
    turnWrites: (turns) =>
      turns
        .flatMap((turn) => sql.all<WriteRow>("turnWrites", turn))
        .sort((a, b) => a.key - b.key)
        .map((row) => ({
          session: row.session_id,
          turn: row.turn,
          path: row.path,
          before: hex(row.before_hash),
          after: hex(row.after_hash),
          ...(row.mode === null ? {} : { mode: row.mode }),
          ...(row.made === null ? {} : { made: row.made }),
          ...(row.covered === 0 ? { uncovered: true } : {}),
        })),
    newestTurn(session) {
      const row = sql.get<TurnRow>("newestTurn", session);
      return row && toTurn(row);
    },
    turnsFrom: (session, turn) => sql.all<TurnRow>("turnsFrom", session, turn).map(toTurn),
    turnCalls(session, id) {
      const turn = sql.get<TurnRow>("turn", id);
      return sql
        .all<{ name: string | null; input: string | null }>("turnCalls", session, turn?.message ?? "", id)
        .map(({ name, input }) => ({
          name: name ?? "",
          input: input ?? "",
        }));
    },
    newestUndo(session) {
      const row = sql.get<UndoRow>("newestUndo", session);
      return row && record(row);
    },
    openUndos: () => sql.all<UndoRow>("openUndos").map(record),
    content(hash) {
      const key = Buffer.from(hash, "hex");
      const row = sql.get<{ bytes: number }>("blobBytes", key);
      if (row === undefined) return undefined;
      const content = Buffer.concat([...pieces(key)]);
      return content.byteLength === row.bytes ? content : undefined;
    },
  };
}
