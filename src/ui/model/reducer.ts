import type {
  Activity,
  Delta,
  DurableEvent,
  DurableKind,
  LatestEvent,
  Message,
  Part,
  Permission,
  Progress,
  Turn,
  TurnStatus,
} from "../../protocol/index.ts";
import { insertMessage } from "./order.ts";
import { type CallState, type MessageState, type PartState, partText, type SessionState } from "./state.ts";

/** Calls, turns and answered permissions that are remembered; older ones are out of the window long before. */
const rememberedMax = 2_000;

type Handlers = {
  [K in DurableKind]: (state: SessionState, data: Extract<DurableEvent, { kind: K }>["data"], event: DurableEvent) => void;
};

/** One case each: what a durable event changes. Objects are replaced by id, so a repeated event changes nothing. */
const durable: Handlers = {
  "session.created": (state, { session }) => {
    state.session = session;
  },
  "session.updated": (state, { session }) => {
    state.session = session;
  },
  "session.deleted": (state) => {
    state.deleted = true;
  },
  "message.created": (state, { message }) => putMessage(state, message),
  "part.finished": (state, { message, part }, event) => {
    const owner = state.messages.get(message) ?? placeholder(state, message, event.time);
    finishPart(state, owner, part, event.time);
  },
  "message.finished": (state, { message }) => putMessage(state, message),
  "permission.asked": (state, { permission }) => putPermission(state, permission),
  "permission.resolved": (state, { permission }) => putPermission(state, permission),
  "turn.queued": (state, { turn }) => putTurn(state, turn),
  "turn.started": (state, { turn }) => putTurn(state, turn),
  "turn.completed": (state, { turn }) => putTurn(state, turn),
  "turn.undone": (state, { turn }) => putTurn(state, turn),
  "turn.redone": (state, { turn }) => putTurn(state, turn),
};

const latest: { [K in LatestEvent["type"]]: (state: SessionState, event: Extract<LatestEvent, { type: K }>, now: number) => void } = {
  delta: applyDelta,
  progress: (state, event: Progress) => {
    const call = callState(state, event.call);
    if (call.result || (call.progress && call.progress.bytes > event.bytes)) return;
    call.progress = event;
    call.version++;
  },
  activity: (state, event: Activity) => {
    state.activity = event;
  },
};

/** Applies one event. Durable events at or below the applied seq and deltas that are already there change nothing. */
export function applyEvent(state: SessionState, event: DurableEvent | LatestEvent, now: number): void {
  if (event.session !== state.id) return;
  if (event.type !== "event") {
    (latest[event.type] as (state: SessionState, event: LatestEvent, now: number) => void)(state, event, now);
    return;
  }
  if (event.seq <= state.seq) return;
  state.seq = event.seq;
  (durable[event.kind] as (state: SessionState, data: unknown, event: DurableEvent) => void)(state, event.data, event);
}

/** Takes a page of history: what an event has told already is newer and stays. */
export function applyPage(state: SessionState, messages: readonly Message[], more: boolean, older: boolean): void {
  if (older) for (const message of [...messages].reverse()) putMessage(state, message, true);
  else for (const message of messages) putMessage(state, message);
  state.more = more;
}

export function putTurn(state: SessionState, turn: Turn): void {
  const known = state.turns.get(turn.id);
  if (known && rank[known.status] > rank[turn.status]) return;
  state.turns.set(turn.id, turn);
  bound(state.turns);
  if (rank[turn.status] < 2) state.open.set(turn.id, turn);
  else state.open.delete(turn.id);
  if (known?.status !== turn.status || known?.undone !== turn.undone) state.structure++;
  if (rank[turn.status] === 2) sealParts(state, turn.id, turn.endedAt ?? turn.createdAt);
  // A queued prompt moves to the end of the transcript when its turn comes.
  if (turn.status === "running" && known?.status === "queued" && state.messages.has(turn.message)) {
    state.order = state.order.filter((id) => id !== turn.message);
    state.order.push(turn.message);
  }
}

/** Whatever was still streaming when a turn ended will not go on: a killed server leaves such parts. */
function sealParts(state: SessionState, turn: string, time: number): void {
  for (const message of state.messages.values()) {
    if (message.turn !== turn || message.role !== "assistant") continue;
    for (const part of message.parts) {
      if (part.done) continue;
      const base = { id: part.id, index: part.index, incomplete: true };
      const text = partText(part);
      const sealed: Part =
        part.kind === "tool_call"
          ? { ...base, kind: "tool_call", call: part.call ?? "", name: part.name ?? "", input: text }
          : { ...base, kind: part.kind === "reasoning" ? "reasoning" : "text", text };
      finishPart(state, message, sealed, time);
    }
  }
}

const rank: { readonly [S in TurnStatus]: number } = { queued: 0, running: 1, ok: 2, failed: 2, interrupted: 2, limit: 2 };

export function putPermission(state: SessionState, permission: Permission): void {
  state.structure++;
  if (permission.state !== "pending") {
    state.permissions.delete(permission.id);
    state.answered.add(permission.id);
    if (state.answered.size > rememberedMax) state.answered.delete(state.answered.values().next().value!);
  } else if (!state.answered.has(permission.id)) state.permissions.set(permission.id, permission);
}

function bound<V>(map: Map<string, V>): void {
  if (map.size > rememberedMax) map.delete(map.keys().next().value!);
}

function callState(state: SessionState, call: string): CallState {
  let known = state.calls.get(call);
  if (!known) {
    known = { progress: undefined, result: undefined, version: 0 };
    state.calls.set(call, known);
    bound(state.calls);
  }
  return known;
}

function putMessage(state: SessionState, message: Message, older = false): void {
  let known = state.messages.get(message.id);
  if (!known) {
    known = newMessage(message.id, message.turn, message.role, message.createdAt);
    insertMessage(state, known, older);
  } else if (known.turn === "") {
    known.turn = message.turn;
    known.role = message.role;
    known.createdAt = message.createdAt;
  }
  known.model = message.model ?? known.model;
  known.summary = message.summary ?? known.summary;
  known.undone = message.undone ?? false;
  if (message.finishedAt !== undefined || message.finish !== undefined) {
    known.finishedAt = message.finishedAt ?? known.finishedAt;
    known.finish = message.finish ?? known.finish;
    known.usage = message.usage ?? known.usage;
    known.error = message.error ?? known.error;
    known.abandoned ||= message.abandoned ?? false;
  }
  state.structure++;
  const ended = message.finishedAt !== undefined || message.role !== "assistant";
  for (const part of message.parts) {
    // A part of a running message in a page may still grow: it is text so far, not the end.
    if (!ended && "incomplete" in part && part.incomplete) seedPart(state, known, part, message.createdAt);
    else finishPart(state, known, part, message.finishedAt ?? message.createdAt);
  }
}

function newMessage(id: string, turn: string, role: MessageState["role"], createdAt: number): MessageState {
  return {
    id,
    turn,
    role,
    createdAt,
    finishedAt: undefined,
    model: undefined,
    finish: undefined,
    usage: undefined,
    error: undefined,
    abandoned: false,
    summary: undefined,
    undone: false,
    parts: [],
  };
}

/** A delta or part can come before its message. Only an assistant's messages stream. */
function placeholder(state: SessionState, id: string, now: number): MessageState {
  const message = newMessage(id, "", "assistant", now);
  insertMessage(state, message, false);
  state.structure++;
  return message;
}

function findPart(message: MessageState, id: string): PartState | undefined {
  for (let i = message.parts.length - 1; i >= 0; i--) if (message.parts[i]!.id === id) return message.parts[i];
  return undefined;
}

function addPart(state: SessionState, message: MessageState, part: PartState): PartState {
  let at = message.parts.length;
  while (at > 0 && message.parts[at - 1]!.index > part.index) at--;
  message.parts.splice(at, 0, part);
  state.structure++;
  return part;
}

function newPart(id: string, index: number, kind: Part["kind"], now: number): PartState {
  return {
    id,
    index,
    kind,
    pieces: [],
    length: 0,
    start: 0,
    call: undefined,
    name: undefined,
    done: undefined,
    startedAt: now,
    finishedAt: undefined,
    version: 0,
    epoch: 0,
  };
}

function finishPart(state: SessionState, message: MessageState, part: Part, time: number): void {
  const known = findPart(message, part.id) ?? addPart(state, message, newPart(part.id, part.index, part.kind, time));
  if (known.done) return;
  if (known.length > 0) {
    const text = part.kind === "tool_call" ? part.input : part.kind === "file" ? "" : part.text;
    if (known.start > 0 || !text.startsWith(known.pieces.join(""))) known.epoch++;
    known.pieces = [];
    known.start = 0;
  }
  known.done = part;
  known.finishedAt = time;
  known.version++;
  if (part.kind === "tool_call") {
    known.call = part.call;
    known.name = part.name;
  } else if (part.kind === "tool_result") {
    const call = callState(state, part.call);
    call.result = part;
    call.progress = undefined;
    call.version++;
  }
  state.structure++;
}

function seedPart(state: SessionState, message: MessageState, part: Part, time: number): void {
  const text = part.kind === "tool_call" ? part.input : part.kind === "file" ? "" : part.text;
  const known = findPart(message, part.id) ?? addPart(state, message, newPart(part.id, part.index, part.kind, time));
  if (part.kind === "tool_call") {
    known.call = part.call;
    known.name = part.name;
  }
  if (known.done || (known.start === 0 && known.length >= text.length)) return;
  if (known.start > text.length) return;
  const rest = known.start > 0 ? known.pieces.join("").slice(text.length - known.start) : "";
  known.pieces = [text, rest];
  known.length = text.length + rest.length;
  known.start = 0;
  known.epoch++;
  known.version++;
}

function applyDelta(state: SessionState, delta: Delta, now: number): void {
  const message = state.messages.get(delta.message) ?? placeholder(state, delta.message, now);
  const part = findPart(message, delta.part) ?? addPart(state, message, newPart(delta.part, delta.index, delta.kind, now));
  if (part.done) return;
  part.call ??= delta.call;
  part.name ??= delta.name;
  const have = part.length;
  if (delta.offset > have) {
    part.pieces = [delta.text];
    part.start = delta.offset;
    part.epoch++;
  } else {
    const fresh = delta.text.slice(have - delta.offset);
    if (fresh === "") return;
    part.pieces.push(fresh);
  }
  part.length = delta.offset + delta.text.length;
  part.version++;
}
