// The one place where rows become the protocol's objects and back. Absent fields stay absent.
import type { Message, ModelRef, Part, Permission, Session, SessionStatus, Summary, Turn, TurnStatus, Usage } from "../protocol/index.ts";
import { resultHeadChars } from "../protocol/limits.ts";

export type UsageRow = { input: number; output: number; cache_read: number; cache_write: number; reasoning: number; cost: number };

export type SessionRow = UsageRow & {
  key: number;
  id: string;
  hash: string;
  title: string;
  workspace: string;
  parent: string | null;
  created_at: number;
  updated_at: number;
  model: string | null;
  yolo: number;
  plan: number;
  agent: string | null;
  todos: string;
  head: number;
  message_count: number;
  context_tokens: number;
  waiting: number;
  running: number;
};

export type MessageRow = {
  key: number;
  id: string;
  session: string;
  session_key: number;
  position: number;
  turn: string;
  role: Message["role"];
  created_at: number;
  finished_at: number | null;
  model: string | null;
  finish: Message["finish"] | null;
  usage: string | null;
  error: string | null;
  abandoned: number;
  undone: number | null;
  summary: string | null;
};

/** `blob`: the hash of the whole text, of which `text` is the beginning; with its length in characters and lines. */
export type PartRow = {
  id: string;
  idx: number;
  kind: Part["kind"];
  text: string | null;
  rest: string | null;
  blob: Buffer | null;
  chars: number | null;
  lines: number | null;
};
export type ChunkRow = {
  part: string;
  start: number;
  idx: number;
  kind: "text" | "reasoning" | "tool_call";
  call: string | null;
  name: string | null;
  text: string;
};

export type TurnRow = UsageRow & {
  id: string;
  session: string;
  status: TurnStatus;
  message: string;
  created_at: number;
  ended_at: number | null;
  completions: number;
  reason: string | null;
  cause: string | null;
  undone: number;
};

export const noUsage: Readonly<Usage> = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0 };

const toUsage = (row: UsageRow): Usage => ({
  input: row.input,
  output: row.output,
  cacheRead: row.cache_read,
  cacheWrite: row.cache_write,
  reasoning: row.reasoning,
  cost: row.cost,
});

/** What a completion's report adds to the context window: prompt (cached or not) and answer. The four counts are disjoint. */
export const contextTokens = (usage: Usage): number => usage.input + usage.output + usage.cacheRead + usage.cacheWrite;

/** A question that waits outranks a turn that runs: the turn runs on only after the answer. */
const status = (row: SessionRow): SessionStatus => (row.waiting ? "waiting" : row.running ? "running" : "idle");

export function toSession(row: SessionRow): Session {
  const session: Session = {
    id: row.id,
    hash: row.hash,
    title: row.title,
    workspace: row.workspace,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    status: status(row),
    messageCount: row.message_count,
    usage: toUsage(row),
    contextTokens: row.context_tokens,
    todos: JSON.parse(row.todos) as Session["todos"],
    head: row.head,
    yolo: row.yolo !== 0,
  };
  if (row.parent !== null) session.parent = row.parent;
  if (row.plan !== 0) session.plan = true;
  if (row.agent !== null) session.agent = row.agent;
  if (row.model !== null) session.model = JSON.parse(row.model) as ModelRef;
  return session;
}

export function toMessage(row: MessageRow, parts: Part[]): Message {
  const message: Message = { id: row.id, session: row.session, turn: row.turn, role: row.role, createdAt: row.created_at, parts };
  if (row.finished_at !== null) message.finishedAt = row.finished_at;
  if (row.model !== null) message.model = JSON.parse(row.model) as ModelRef;
  if (row.finish !== null && row.finish !== undefined) message.finish = row.finish;
  if (row.usage !== null) message.usage = JSON.parse(row.usage) as Usage;
  if (row.error !== null) message.error = row.error;
  if (row.abandoned !== 0) message.abandoned = true;
  if (row.undone) message.undone = true;
  if (row.summary !== null) message.summary = JSON.parse(row.summary) as Summary;
  return message;
}

const longField = (kind: Part["kind"]): string => (kind === "tool_call" ? "input" : "text");

/** A part as its columns: the long text apart, so that it is stored as plain text and not escaped twice. */
export function fromPart(part: Part): Pick<PartRow, "id" | "idx" | "kind" | "text" | "rest"> {
  const { id, index, kind, ...fields } = part;
  const { [longField(kind)]: text, ...rest } = fields as unknown as Record<string, unknown>;
  return {
    id,
    idx: index,
    kind,
    text: typeof text === "string" ? text : null,
    rest: Object.keys(rest).length === 0 ? null : JSON.stringify(rest),
  };
}

/** @param text  the whole text where the row has its beginning only */
export function toPart(row: PartRow, text: string | null = row.text): Part {
  const part: Record<string, unknown> = { id: row.id, index: row.idx, kind: row.kind };
  if (text !== null) part[longField(row.kind)] = text;
  return (row.rest === null ? part : Object.assign(part, JSON.parse(row.rest))) as Part;
}

/** Where the beginning of a long text ends: no half of a surrogate pair. */
export function headOf(text: string): string {
  const last = text.charCodeAt(resultHeadChars - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? resultHeadChars - 1 : resultHeadChars);
}

/** Lines as a person counts them. */
export const linesOf = (text: string): number => text.trimEnd().split("\n").length;

/** A part without more of a long result than its beginning, and how much it is. A first version's row still has all of it. */
export function toCutPart(row: PartRow): Part {
  if (row.blob !== null) return { ...toPart(row), whole: { chars: row.chars ?? 0, lines: row.lines ?? 0 } } as Part;
  const { kind, text } = row;
  if (kind !== "tool_result" || text === null || text.length <= resultHeadChars) return toPart(row);
  return { ...toPart(row, headOf(text)), whole: { chars: text.length, lines: linesOf(text) } } as Part;
}

/** Parts that still stream, from their chunks in order of part and start. A gap ends the text: what follows belongs elsewhere. */
export function fromChunks(rows: ChunkRow[]): Part[] {
  const parts = new Map<string, { row: ChunkRow; text: string; call: string; name: string; broken: boolean }>();
  for (const row of rows) {
    let part = parts.get(row.part);
    if (part === undefined) {
      part = { row, text: "", call: "", name: "", broken: false };
      parts.set(row.part, part);
    }
    if (row.start > part.text.length) part.broken = true;
    if (!part.broken && row.start + row.text.length > part.text.length) part.text += row.text.slice(part.text.length - row.start);
    part.call = row.call ?? part.call;
    part.name = row.name ?? part.name;
  }
  return [...parts.values()].map(({ row, text, call, name }) =>
    row.kind === "tool_call"
      ? { id: row.part, index: row.idx, kind: row.kind, call, name, input: text, incomplete: true }
      : { id: row.part, index: row.idx, kind: row.kind, text, incomplete: true },
  );
}

export function toTurn(row: TurnRow): Turn {
  const turn: Turn = {
    id: row.id,
    session: row.session,
    status: row.status,
    message: row.message,
    createdAt: row.created_at,
    completions: row.completions,
    usage: toUsage(row),
  };
  if (row.ended_at !== null) turn.endedAt = row.ended_at;
  if (row.reason !== null) turn.reason = row.reason;
  if (row.cause !== null) turn.cause = row.cause;
  if (row.undone !== 0) turn.undone = true;
  return turn;
}

export const toPermission = (row: { body: string }): Permission => JSON.parse(row.body) as Permission;
