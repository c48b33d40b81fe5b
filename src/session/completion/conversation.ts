// What a session has said, in the order in which a model may be sent it. Fed by durable events, first loaded in pages.
//
// Order and pairing rules, so that any history gives a valid request:
// - messages stand by turn, in the order in which the turns began; a prompt that waits for its turn is not sent to an earlier one
// - only finished messages, and no abandoned ones
// - the results of an assistant message's calls follow it at once, in the order of the calls; a call without a result gets
//   an interrupted one, a result without a call is dropped
import type { DurableEvent, Message, Part, ToolCallPart, ToolResultPart } from "../../protocol/index.ts";

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
};

type TurnGroup = { turn: string; entries: Entry[] };

export interface Conversation {
  /** Takes a message as the store has it. */
  load(message: Message): void;
  apply(event: DurableEvent): void;
  /** Whether a message that counts has a call of this id. An attempt that was given up does not: the next one may repeat it. */
  knows(call: string): boolean;
  /** Messages to send for a completion of `turn`, in order. */
  sent(turn: string): Sent[];
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

  const groupOf = (turn: string): TurnGroup => {
    let group = byTurn.get(turn);
    if (!group) {
      group = { turn, entries: [] };
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
      caller.sent = undefined;
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

  const put = (message: Message): void => {
    const known = byId.get(message.id);
    if (!known) {
      const entry: Entry = { message, finished: isFinished(message), results: new Map(), sent: undefined };
      byId.set(message.id, entry);
      groupOf(message.turn).entries.push(entry);
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
    known.sent = undefined;
    if (message.role === "assistant") addCaller(known);
    bind(known.message);
  };

  const putPart = (id: string, part: Part): void => {
    const known = byId.get(id);
    if (!known) return;
    const at = known.message.parts.findIndex((each) => each.id === part.id);
    const before = known.message.parts[at];
    if (before && sameParts([before], [part])) return;
    const parts = at < 0 ? [...known.message.parts, part].sort((a, b) => a.index - b.index) : known.message.parts.with(at, part);
    known.message = { ...known.message, parts };
    known.sent = undefined;
    if (known.message.role === "assistant") addCaller(known);
    bind(known.message);
  };

  const make = (entry: Entry): Sent[] => {
    const { message } = entry;
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

  return {
    load: put,
    apply(event) {
      if (event.kind === "message.created" || event.kind === "message.finished") put(event.data.message);
      else if (event.kind === "part.finished") putPart(event.data.message, event.data.part);
    },
    knows: (call) => callers.get(call)?.some(({ finished, message }) => finished && !message.abandoned) ?? false,
    sent(turn) {
      const own = byTurn.get(turn);
      const list: Sent[] = [];
      let later = false;
      for (const group of groups) {
        // A prompt that waits in the queue is not sent to the turn before it.
        const waiting = later && group.entries.every((entry) => entry.message.role === "user");
        later ||= group === own;
        if (waiting) continue;
        for (const entry of group.entries) {
          entry.sent ??= make(entry);
          for (const each of entry.sent) list.push(each);
        }
      }
      return list;
    },
  };
}

const sameParts = (a: readonly Part[], b: readonly Part[]): boolean =>
  a.length === b.length && a.every((part, i) => part === b[i] || JSON.stringify(part) === JSON.stringify(b[i]));
