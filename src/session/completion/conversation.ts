// What a session has said, in the order in which a model may be sent it. Fed by durable events, first loaded in pages.
//
// Order and pairing rules, so that any history gives a valid request:
// - messages stand by turn, in the order in which the turns began; a prompt that waits for its turn is not sent to an earlier one
// - only finished messages, and no abandoned ones
// - the results of an assistant message's calls follow it at once, in the order of the calls; a call without a result gets
//   an interrupted one, a result without a call is dropped
// - a summary stands before all others, in place of those that it replaces
//
// The list of what is sent is kept and grows at its end. Whatever changes an old message cuts it back to there, and tells the
// readers how much of what they have read still stands; so a turn costs what is new in it, not what there is.
import type { DurableEvent, Message, Part, ToolCallPart, ToolResultPart } from "../../protocol/index.ts";
import { bytesOf, kept, overheadBytes } from "./part-bytes.ts";

/** One message as it is sent. The same object stays the same bytes: what changed is another object. */
export type Sent = Message;

/** What the model reads for a call that a crash or a cancel left without a result. */
export const interruptedText =
  "Interrupted before this call gave a result. It may or may not have had effects; check before you repeat it.";

type Entry = {
  message: Message;
  finished: boolean;
  /** Results of this assistant message's calls, by call id. */
  results: Map<string, ToolResultPart>;
  /** What is sent for it, made when asked for. */
  sent: Sent[] | undefined;
  /** Its place: the group, where in the group, and where in the list what is sent for it begins, if the list has come so far. */
  group: TurnGroup;
  index: number;
  at: number;
  bytes: number;
  /** It came as the how-manieth. */
  order: number;
};

/** The last compaction: what is sent for it, and which of the messages that came before it still count. */
type Shortened = { sent: Sent; turn: string; kept: ReadonlySet<string>; recent: ReadonlySet<string>; upTo: number };

type TurnGroup = { index: number; entries: Entry[] };

/** Somebody who keeps what was made of the messages. */
export interface Reader {
  /**
   * Messages to send for a completion of `turn`, in order; valid until the next event. The first `same` of them are what the last
   * `read` gave.
   */
  read(turn: string): { messages: readonly Sent[]; same: number };
  /** What was read is forgotten: `same` of the next read is 0. */
  restart(): void;
  close(): void;
}

export interface Conversation {
  /** Takes a message as the store has it. */
  load(message: Message): void;
  apply(event: DurableEvent): void;
  /** Whether a message that counts has a call of this id. An attempt that was given up does not: the next one may repeat it. */
  knows(call: string): boolean;
  reader(): Reader;
  /** Memory that it takes, about. */
  readonly bytes: number;
}

/** Calls whose arguments are not whole JSON are sent with an empty object, and only when somebody answered them. */
const callInput = (part: ToolCallPart): ToolCallPart => {
  if (!part.incomplete) return part;
  const { incomplete: _, ...whole } = part;
  return { ...whole, input: "{}" };
};

export function openConversation(session: string): Conversation {
  const groups: TurnGroup[] = [];
  const byTurn = new Map<string, TurnGroup>();
  const byId = new Map<string, Entry>();
  /** The assistant messages that have a call of this id, newest last: some providers number their calls from 0 each time. */
  const callers = new Map<string, Entry[]>();
  /** What is sent for all entries before `next`. */
  const list: Sent[] = [];
  let next = { group: 0, index: 0 };
  let shortened: Shortened | undefined;
  const readers = new Set<{ same: number }>();
  let bytes = 0;

  /** Takes what is sent for this place and all behind it off the list. */
  const cutBack = (group: number, index: number): void => {
    if (group > next.group || (group === next.group && index >= next.index)) return;
    let first = groups[group]?.entries[index];
    for (let behind = group + 1; !first && behind < groups.length; behind++) first = groups[behind]!.entries[0];
    // Behind the last entry of its group stands the next group's first one, which the list may not have yet.
    if (first && (first.group.index < next.group || (first.group.index === next.group && first.index < next.index))) list.length = first.at;
    for (const reader of readers) reader.same = Math.min(reader.same, list.length);
    next = { group, index };
  };
  const weigh = (entry: Entry): void => {
    bytes -= entry.bytes;
    entry.bytes = entry.message.parts.reduce((sum, part) => sum + bytesOf(part), overheadBytes);
    bytes += entry.bytes;
  };
  const changed = (entry: Entry): void => {
    entry.sent = undefined;
    cutBack(entry.group.index, entry.index);
  };
  const groupOf = (turn: string): TurnGroup => {
    let group = byTurn.get(turn);
    if (!group) {
      group = { index: groups.length, entries: [] };
      byTurn.set(turn, group);
      groups.push(group);
    }
    return group;
  };

  const bind = (message: Message): void => {
    for (const part of message.parts) {
      if (part.kind !== "tool_result") continue;
      const caller = callers.get(part.call)?.at(-1);
      if (!caller) continue;
      const known = caller.results.get(part.call);
      // A replayed event brings the same result again: its bytes are already in the arena.
      if (known && known.text === part.text && known.isError === part.isError) continue;
      caller.results.set(part.call, part);
      changed(caller);
    }
  };

  const addCaller = (entry: Entry): void => {
    for (const part of entry.message.parts) {
      if (part.kind !== "tool_call") continue;
      const list = callers.get(part.call);
      if (!list) callers.set(part.call, [entry]);
      else if (!list.includes(entry)) list.push(entry);
    }
  };

  /** User and tool messages are whole when they are created; an assistant message when it has ended. */
  const isFinished = (message: Message): boolean => message.role !== "assistant" || message.finishedAt !== undefined;

  const put = (whole: Message): void => {
    if (whole.undone) return;
    if (whole.summary) {
      shorten(whole);
      return;
    }
    const message = { ...whole, parts: whole.parts.map(kept) };
    const known = byId.get(message.id);
    if (!known) {
      // The turn that was summarized goes on before those that wait, also when nothing that it said was kept.
      if (shortened && !shortened.recent.has(message.id)) groupOf(shortened.turn);
      const group = groupOf(message.turn);
      const finished = isFinished(message);
      const index = group.entries.length;
      const entry: Entry = { message, finished, results: new Map(), sent: undefined, group, index, at: 0, bytes: 0, order: byId.size };
      weigh(entry);
      byId.set(message.id, entry);
      cutBack(group.index, index);
      group.entries.push(entry);
      if (message.role === "assistant") addCaller(entry);
      bind(message);
      return;
    }
    // Created events that are replayed know less than what is here.
    if (known.finished && !isFinished(message)) return;
    const parts = message.parts.length > 0 ? message.parts : known.message.parts;
    if (known.finished && known.message.abandoned === message.abandoned && sameParts(known.message.parts, parts)) return;
    known.message = { ...message, parts };
    known.finished = isFinished(message);
    weigh(known);
    changed(known);
    if (message.role === "assistant") addCaller(known);
    bind(known.message);
  };

  /** From here on the summary is sent in place of what it replaces, of which nothing but the names is kept. */
  const shorten = (message: Message): void => {
    const { summary, ...rest } = message;
    if (!summary || shortened?.sent.id === message.id) return;
    shortened = {
      sent: { ...rest, role: "user" },
      turn: message.turn,
      kept: new Set([...summary.kept, ...summary.waiting]),
      recent: new Set(summary.kept),
      // It is not here when the store was read from the summary on.
      upTo: byId.get(summary.upTo)?.order ?? -1,
    };
    cutBack(0, 0);
    list.length = 0;
    for (const entry of byId.values()) {
      if (!isReplaced(entry)) continue;
      entry.sent = [];
      entry.message = { ...entry.message, parts: [] };
      entry.results.clear();
      weigh(entry);
    }
  };
  const isReplaced = (entry: Entry): boolean =>
    shortened !== undefined && entry.order <= shortened.upTo && !shortened.kept.has(entry.message.id);

  const putPart = (id: string, whole: Part): void => {
    const part = kept(whole);
    const known = byId.get(id);
    if (!known) return;
    const at = known.message.parts.findIndex((each) => each.id === part.id);
    const before = known.message.parts[at];
    if (before && sameParts([before], [part])) return;
    const parts = at < 0 ? [...known.message.parts, part].sort((a, b) => a.index - b.index) : known.message.parts.with(at, part);
    known.message = { ...known.message, parts };
    weigh(known);
    changed(known);
    if (known.message.role === "assistant") addCaller(known);
    bind(known.message);
  };

  const make = (entry: Entry): Sent[] => {
    const { message } = entry;
    if (isReplaced(entry)) return [];
    if (!entry.finished || message.abandoned || message.role === "tool") return [];
    if (message.role !== "assistant") return [message];
    const calls = message.parts.filter(
      (part): part is ToolCallPart => part.kind === "tool_call" && (!part.incomplete || entry.results.has(part.call)),
    );
    const parts = message.parts.flatMap((part): Part[] =>
      part.kind !== "tool_call" ? [part] : calls.includes(part) ? [callInput(part)] : [],
    );
    const answer: Sent =
      parts.every((part, i) => part === message.parts[i]) && parts.length === message.parts.length ? message : { ...message, parts };
    if (parts.length === 0) return [];
    if (calls.length === 0) return [answer];
    const results = calls.map(
      (call, index): Part =>
        entry.results.get(call.call) ?? {
          id: `${message.id}:interrupted:${index}`,
          index,
          kind: "tool_result",
          call: call.call,
          name: call.name,
          text: interruptedText,
          isError: true,
        },
    );
    return [
      answer,
      {
        id: `${message.id}:results`,
        session,
        turn: message.turn,
        role: "tool",
        createdAt: message.createdAt,
        finishedAt: message.createdAt,
        parts: results,
      },
    ];
  };

  const sentOf = (entry: Entry): Sent[] => (entry.sent ??= make(entry));
  /** Takes the list to the end of group `own`, and no further. */
  const grow = (own: number): void => {
    if (next.group > own) cutBack(own + 1, 0);
    if (shortened && list.length === 0) list.push(shortened.sent);
    while (next.group <= own) {
      const { entries } = groups[next.group]!;
      for (; next.index < entries.length; next.index++) {
        const entry = entries[next.index]!;
        entry.at = list.length;
        list.push(...sentOf(entry));
      }
      if (next.group === own) return;
      next = { group: next.group + 1, index: 0 };
    }
  };
  /** What turns after it have said, should there be any. A prompt that waits in the queue is not sent to the turn before it. */
  const later = (own: number): Sent[] =>
    groups
      .slice(own + 1)
      .filter(({ entries }) => entries.some((entry) => entry.message.role !== "user"))
      .flatMap(({ entries }) => entries.flatMap(sentOf));

  return {
    get bytes() {
      return bytes;
    },
    load: put,
    apply(event) {
      if (event.kind === "message.created" || event.kind === "message.finished") put(event.data.message);
      else if (event.kind === "part.finished") putPart(event.data.message, event.data.part);
    },
    knows: (call) => callers.get(call)?.some(({ finished, message }) => finished && !message.abandoned) ?? false,
    reader() {
      const mine = { same: 0 };
      readers.add(mine);
      return {
        read(turn) {
          const { same } = mine;
          const own = byTurn.get(turn)?.index ?? groups.length - 1;
          grow(own);
          mine.same = list.length;
          const more = later(own);
          return { messages: more.length > 0 ? [...list, ...more] : list, same: Math.min(same, list.length) };
        },
        restart() {
          mine.same = 0;
        },
        close: () => void readers.delete(mine),
      };
    },
  };
}

const sameParts = (a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i] || JSON.stringify(part) === JSON.stringify(b[i]));
