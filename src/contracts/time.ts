// Undo, redo, rewind, fork and import: what the coordinator and the store say to one another about them.
import type { Session, Turn } from "../protocol/index.ts";
import type { FileVersion } from "./store.ts";

/** SHA-256 of a file's bytes in hex; null: there is no file. */
export type ContentHash = string | null;

/** One write of one file: by a tool, or by a shell command to a file that a tool of the same turn had written. */
export type FileWrite = {
  session: string;
  turn: string;
  /** Absolute, links resolved. */
  path: string;
  before: ContentHash;
  after: ContentHash;
  /** Permissions before. */
  mode?: number;
  /** The topmost directory that was made for it. */
  made?: string;
  /** Nothing is kept of what was before: the file is too big. */
  uncovered?: boolean;
};

export type FileState = { hash: ContentHash; mode?: number };

/** One file of an undo or redo: what was there, what is put. `made`: directories down from here go when they are empty. */
export type UndoFile = { path: string; from: FileState; to: FileState; made?: string };

/** The journal of one undo or redo: written before any file is touched, closed after the last one. */
export type UndoRecord = {
  id: string;
  session: string;
  kind: "undo" | "redo";
  /** For a redo: the undo that it takes back. */
  of?: string;
  turns: string[];
  /** The newest turn of the session at that time: after another one there is nothing to redo. */
  last: string;
  files: UndoFile[];
};

/** `upTo`: the last message that is copied; absent: all. `before`: the first that is not. Turns that were undone stay out. */
export type ForkRequest = { session: Session; from: string; upTo?: string; before?: string };

/** `file`: where it is read; `name`: what it is called; `session`: one of the file, absent: which there are. */
export type ImportRequest = { file: string; name: string; workspace: string; session?: string };
export type ImportedSession = { id: string; title: string; messages: number; state: "new" | "grown" | "known" | "deleted" };
/** `ids`: the file's sessions, parents first. `more`: there is more of this session, ask again. */
export type ImportAnswer = { sessions: ImportedSession[]; notes: string[]; ids: string[]; more?: boolean };

export interface TimeStore {
  /** For a write that saved no version of its own. */
  recordWrite(write: FileWrite): Promise<void>;
  /** The journal with the contents that it speaks of, in one commit. */
  openUndo(record: UndoRecord, contents: FileVersion[]): Promise<void>;
  /** It is done; `left` are the paths that were not touched after all. */
  closeUndo(id: string, left: string[]): Promise<void>;
  fork(request: ForkRequest): Promise<{ messages: number; head: number }>;
  importCrush(request: ImportRequest): Promise<ImportAnswer>;
}

export interface TimeQueries {
  /** Writes of these turns in the order in which they were made, whatever sessions the turns are of. */
  turnWrites(turns: readonly string[]): FileWrite[];
  /** The newest turn that has ended and was not undone. */
  newestTurn(session: string): Turn | undefined;
  /** The turn and those that came after it, oldest first. */
  turnsFrom(session: string, turn: string): Turn[];
  /** Names and arguments of the calls of a turn. */
  turnCalls(session: string, turn: string): { name: string; input: string }[];
  /** The newest undo that was not redone. */
  newestUndo(session: string): UndoRecord | undefined;
  /** Those that a dead server left half done. */
  openUndos(): UndoRecord[];
  /** A content that is kept; undefined: it had to make room. */
  content(hash: string): Uint8Array | undefined;
}
