import { randomUUID } from "node:crypto";
import type { Clock } from "../../contracts/base.ts";
import type { DurableBody, Message, ModelRef, Part, ToolMeta, Turn } from "../../protocol/index.ts";

/** The result of one call, as a message of its own: each is on disk before the next step, whatever the calls beside it do. */
export function resultMessage(
  of: { session: string; turn: string; call: string; name: string },
  result: { text: string; isError: boolean; meta?: ToolMeta },
  clock: Clock,
): DurableBody {
  const now = clock.now();
  const part: Part = {
    id: randomUUID(),
    index: 0,
    kind: "tool_result",
    call: of.call,
    name: of.name,
    text: result.text,
    isError: result.isError,
    ...(result.meta !== undefined && { meta: result.meta }),
  };
  const message: Message = {
    id: randomUUID(),
    session: of.session,
    turn: of.turn,
    role: "tool",
    createdAt: now,
    finishedAt: now,
    parts: [part],
  };
  return { kind: "message.created", data: { message } };
}

/** Texts of a message, without what was thought, called and attached. */
export const textsOf = ({ parts }: Pick<Message, "parts">): string[] => parts.flatMap((part) => (part.kind === "text" ? [part.text] : []));

/** What the user says to begin a turn. */
export function promptMessage({ id, session, message, createdAt }: Turn, parts: Part[]): Message {
  return { id: message, session, turn: id, role: "user", createdAt, finishedAt: createdAt, parts };
}

export function assistantMessage(of: { id: string; session: string; turn: string; model: ModelRef }, clock: Clock): Message {
  return { id: of.id, session: of.session, turn: of.turn, role: "assistant", createdAt: clock.now(), model: of.model, parts: [] };
}

/** The events that finish an assistant message: each part, then the message without them. */
export function finished(message: Message, parts: readonly Part[], end: Partial<Message>, clock: Clock): DurableBody[] {
  return [
    ...parts.map((part): DurableBody => ({ kind: "part.finished", data: { message: message.id, part } })),
    { kind: "message.finished", data: { message: { ...message, ...end, finishedAt: clock.now(), parts: [] } } },
  ];
}
