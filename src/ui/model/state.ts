import {
  shellOutputMime,
  type Activity,
  type FinishReason,
  type MessageRole,
  type ModelRef,
  type Part,
  type PartKind,
  type Permission,
  type Progress,
  type Session,
  type Summary,
  type ToolResultPart,
  type Turn,
  type Usage,
} from "../../protocol/index.ts";

/** What the view knows of the session it shows: a window of its messages, and what runs now. Changed by reducer.ts only. */
export type SessionState = {
  id: string;
  session: Session | undefined;
  deleted: boolean;
  /** Messages of the window by id, and their ids in the order they are shown. */
  messages: Map<string, MessageState>;
  order: string[];
  /** Older messages exist than the window holds. */
  more: boolean;
  calls: Map<string, CallState>;
  turns: Map<string, Turn>;
  /** Those of them that run or wait: each frame asks for these, and all turns of a long session are many. */
  open: Map<string, Turn>;
  permissions: Map<string, Permission>;
  /** Ids that were answered, so that a repeated question does not come back. */
  answered: Set<string>;
  activity: Activity | undefined;
  /** Highest durable seq applied. */
  seq: number;
  /** Grows when blocks come, go or change their order; deltas do not touch it. */
  structure: number;
};

export type MessageState = {
  id: string;
  turn: string;
  role: MessageRole;
  createdAt: number;
  finishedAt: number | undefined;
  model: ModelRef | undefined;
  finish: FinishReason | undefined;
  usage: Usage | undefined;
  error: string | undefined;
  abandoned: boolean;
  summary: Summary | undefined;
  /** As the store said it; an event about its turn is newer (see `isUndone`). */
  undone: boolean;
  /** By index. */
  parts: PartState[];
};

/** A part, streaming or finished. Streamed text is kept in the pieces it came in: joining it at each delta would cost its length. */
export type PartState = {
  id: string;
  index: number;
  kind: PartKind;
  pieces: string[];
  /** UTF-16 units received, counted from the part's start. */
  length: number;
  /** Text before this offset never came (a slow reader lost deltas); the finished part will bring it. */
  start: number;
  call: string | undefined;
  name: string | undefined;
  done: Part | undefined;
  startedAt: number;
  finishedAt: number | undefined;
  version: number;
  /** Grows when the text is not a continuation of what was there: layouts of it begin again. */
  epoch: number;
};

export type CallState = { progress: Progress | undefined; result: ToolResultPart | undefined; version: number };

export function newSessionState(id: string): SessionState {
  return {
    id,
    session: undefined,
    deleted: false,
    messages: new Map(),
    order: [],
    more: false,
    calls: new Map(),
    turns: new Map(),
    open: new Map(),
    permissions: new Map(),
    answered: new Set(),
    activity: undefined,
    seq: 0,
    structure: 0,
  };
}

/** The turn that runs now. */
export function runningTurn(state: SessionState): Turn | undefined {
  for (const turn of state.open.values()) if (turn.status === "running") return turn;
  return undefined;
}

export function queuedTurns(state: SessionState): Turn[] {
  return [...state.open.values()].filter((turn) => turn.status === "queued");
}

/** A command that the user ran in the shell, and what it printed. */
export const isShell = (message: MessageState): boolean =>
  message.parts.some(({ done }) => done?.kind === "file" && done.mime === shellOutputMime);

/** What a message says in words: its text parts as far as they are known. */
export const messageText = (message: MessageState, between = "\n"): string =>
  message.parts
    .filter((part) => part.kind === "text")
    .map(partText)
    .join(between);

/** The whole text of a part as far as it is known. */
export function partText(part: PartState): string {
  const done = part.done;
  if (done) return done.kind === "tool_call" ? done.input : done.kind === "file" ? (done.text ?? "") : done.text;
  if (part.pieces.length > 1) part.pieces = [part.pieces.join("")];
  return (part.start > 0 ? "…" : "") + (part.pieces[0] ?? "");
}
