import type { Message, Part, PartKind, Permission, Session, Turn, Usage } from "./model.ts";

/**
 * What a durable event says. It carries the object as it was when it was sent; a replayed one may carry a later state of
 * the same object. Consumers replace by id.
 */
export type DurableBody =
  | { kind: "session.created"; data: { session: Session } }
  /** `spent`: usage beside the conversation (titles, a summary that failed), in the session's sum already; `turn`: whose it was. */
  | { kind: "session.updated"; data: { session: Session; spent?: { usage: Usage; turn?: string } } }
  | { kind: "session.deleted"; data: { session: string } }
  /** Parts of a user or tool message come with it; an assistant message starts empty. */
  | { kind: "message.created"; data: { message: Message } }
  /** A part that will not change again. A tool call in it is complete JSON unless `incomplete`. */
  | { kind: "part.finished"; data: { message: string; part: Part } }
  /** Finish reason, usage, error. `parts` is empty here: they came before. */
  | { kind: "message.finished"; data: { message: Message } }
  | { kind: "permission.asked"; data: { permission: Permission } }
  | { kind: "permission.resolved"; data: { permission: Permission } }
  | { kind: "turn.queued"; data: { turn: Turn } }
  | { kind: "turn.started"; data: { turn: Turn } }
  /** Exactly one for each turn, whatever died on the way. */
  | { kind: "turn.completed"; data: { turn: Turn } }
  /** What it said is not sent to the model any more, and the files that it wrote went back; `turn.redone` takes this back. */
  | { kind: "turn.undone"; data: { turn: Turn } }
  | { kind: "turn.redone"; data: { turn: Turn } };

export type DurableKind = DurableBody["kind"];

/** Server to client. `seq` is dense within the session, starts at 1, and was given at commit: what you are told is on disk. */
export type DurableEvent = { type: "event"; session: string; seq: number; time: number } & DurableBody;

/**
 * Server to client, latest-wins: text of a part as it streams. Offsets count UTF-16 code units of the part's text, so a lost
 * delta shows as a gap and a repeated one can be skipped. May be coalesced or dropped for a slow reader, never reordered.
 * The `part.finished` event has the whole text. May come before the `message.created` of its message.
 */
export type Delta = {
  type: "delta";
  session: string;
  message: string;
  part: string;
  index: number;
  kind: PartKind;
  offset: number;
  text: string;
  /** For a tool call: its id and name as soon as known. */
  call?: string;
  name?: string;
};

/** Server to client, latest-wins: what a running tool says. `tail` is the end of its output, at most 8 KiB. */
export type Progress = { type: "progress"; session: string; call: string; tail: string; bytes: number; ms: number };

/** Server to client, latest-wins: what a session is doing now, for a status line. */
export type Activity = {
  type: "activity";
  session: string;
  state: "idle" | "connecting" | "waiting" | "streaming" | "tool" | "permission" | "retrying" | "compacting";
  /** e.g. the tool's name, or why and when the next attempt is made. */
  note?: string;
  attempt?: number;
  retryAt?: number;
};

export type LatestEvent = Delta | Progress | Activity;

/** Server to client, once after the replay of `session.subscribe`: all up to `head` has been sent, what follows is live. */
export type Live = { type: "live"; session: string; head: number };

/** Server to client: events after `after` cannot be replayed (another epoch's numbers, or pruned); start from this state at `seq`. */
export type Resync = {
  type: "resync";
  session: string;
  seq: number;
  snapshot: { session: Session; messages: Message[]; permissions: Permission[] };
};

/** Server to client: newest seq of each subscribed session, so that a silent gap at the tail is seen. */
export type Heartbeat = { type: "heartbeat"; heads: Record<string, number> };
