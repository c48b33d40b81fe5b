import type { DurableBody, DurableEvent, Message, Permission, Session, Turn } from "../protocol/index.ts";
import type { FileWrite, ForkRequest, ImportRequest, UndoRecord } from "./time.ts";

/** A durable event before commit: the writer gives `seq` and `time`. */
export type NewEvent = { session: string } & DurableBody;

/** Text of a part that still streams. Not acknowledged; at most one write a part and quarter of a second. `offset` in UTF-16 units. */
export type StreamedText = {
  session: string;
  message: string;
  part: string;
  index: number;
  kind: "text" | "reasoning" | "tool_call";
  offset: number;
  text: string;
  call?: string;
  name?: string;
};

export type FileVersion = {
  session: string;
  turn: string;
  path: string /** undefined: the file did not exist */;
  content?: Uint8Array;
  mode?: number;
  /** SHA-256 in hex of what is written over it now, and the topmost directory that is made for it: what undo goes by. */
  after?: string;
  made?: string;
};

/** One transaction's worth for the writer thread, in order. Plain data. */
export type StoreRow =
  | { row: "event"; event: NewEvent }
  | { row: "text"; text: StreamedText }
  | { row: "file"; version: FileVersion }
  | { row: "write"; write: FileWrite }
  | { row: "undo"; record: UndoRecord }
  | { row: "undone"; id: string; left: string[] }
  | { row: "fork"; fork: ForkRequest }
  | { row: "import"; from: ImportRequest }
  | { row: "read"; session: string; path: string; time: number }
  | { row: "key"; key: string; method: string; answer: string; time: number };

export type RowBatch = {
  rows: StoreRow[];
  /** How many rows, in order, stand or fall together; absent: each row alone. Sums up to `rows.length`. */
  groups?: number[];
};
/** For each row in order: the seq of an event row, 0 for others; or why it failed. Answered after COMMIT, never before. */
export type CommitAck = {
  seqs: number[];
  time: number;
  /** Indexes of rows that were refused, with the reason; index -1 is the whole batch, of which nothing was written. */
  failed: { index: number; code: StoreErrorCode; message: string }[];
  /** What rows of these indexes have to tell. */
  answers?: Record<number, unknown>;
  /** Statements that were slow, by name and without arguments. */
  slow?: { statement: string; ms: number }[];
  /** Why the full-text index does not go on, since the last acknowledgement. Nothing else suffers from it. */
  indexFailed?: string;
};

export type StoreErrorCode = "busy" | "full" | "corrupt" | "closed" | "constraint" | "io" | "version";

/** Writes, from the main thread. Each promise resolves after COMMIT, in order within a session. */
export interface Store {
  /** Commits events of one session together and in order; resolves with them as told to subscribers. */
  commit(events: NewEvent[]): Promise<DurableEvent[]>;
  /** Streamed text: coalesced by part, written within a quarter of a second, never waited for. */
  stream(text: StreamedText): void;
  saveFile(version: FileVersion): Promise<void>;
  /** Which file a session has read, when: for read-before-write checks after a restart. */
  recordRead(session: string, path: string, time: number): void;
  /** Answers of mutating requests by idempotency key. */
  saveKey(key: string, method: string, answer: string): Promise<void>;
  /** Commits what waits. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

/** Reads, over an own read-only connection; synchronous and indexed. Any thread may open one. */
export interface Queries {
  session(id: string): Session | undefined;
  /** By id, or by a prefix of a hash: several when the prefix is ambiguous. */
  findSessions(idOrHashPrefix: string): Session[];
  sessions(filter: { workspace?: string; limit: number; before?: number }): Session[];
  /** Sessions that agents worked in for this one, oldest first. They are in no list. */
  agentSessions(parent: string): Session[];
  message(id: string): Message | undefined;
  /**
   * The `limit` messages before `before` (exclusive) or the end, oldest first. Streaming text of unfinished parts is included. `cut`: long
   * results are not loaded, their beginning comes with `whole`. `bounded`: fewer, but one, when they are very long.
   */
  messages(
    session: string,
    page: { before?: string; limit: number; cut?: boolean; bounded?: boolean },
  ): { messages: Message[]; more: boolean };
  /** Messages for a prompt, ordered by turn and then by age (a queued prompt is older than the turn before it ends), in pages of `limit` after message id `after`. */
  conversation(session: string, page: { after?: string; limit: number }): Message[];
  /**
   * Messages that a model is sent, in pages: after a compaction its summary, then what it kept, then what came after it; else all. `next`:
   * to be given as `after`; absent when there are no more.
   */
  prompted(session: string, page: { after?: string; limit: number }): { messages: Message[]; next?: string };
  /** What has come since tokens were counted: after message `last`, at most so many bytes of UTF-8 and files without text. */
  uncounted(session: string): { last?: string; bytes: number; files: number };
  /** At most `limit` events; fewer, but one, when they are very long. Empty: there are no more. */
  events(session: string, after: number, limit: number): DurableEvent[];
  permissions(filter: { session?: string; pendingOnly?: boolean }): Permission[];
  permission(id: string): Permission | undefined;
  turn(id: string): Turn | undefined;
  turns(session: string, limit: number): Turn[];
  /** Turns that a dead server left queued or running. */
  unfinishedTurns(): Turn[];
  readTime(session: string, path: string): number | undefined;
  key(key: string): { method: string; answer: string } | undefined;
  fileVersions(session: string, path?: string): { path: string; turn: string; time: number; bytes: number; existed: boolean }[];
  integrity(): string[];
  close(): void;
}
