import type { Clock, Log } from "../../contracts/base.ts";
import type { Queries } from "../../contracts/store.ts";
import type { DurableBody, Message, Session, Turn } from "../../protocol/index.ts";
import type { Hub } from "../events/hub.ts";
import { resultMessage } from "./messages.ts";

/** Messages at the end of a session that are searched for what a dead server left open. One step of 100 parallel calls fits twice. */
const searched = 250;

const reason = "The server ended while this turn ran; resume to go on";

/** Ends what a dead server left queued or running: answers for its calls, denials for its questions, one `turn.completed`. */
export async function recoverTurns(parts: { queries: Queries; hub: Hub; clock: Clock; log: Log }): Promise<number> {
  const { queries, hub, clock, log } = parts;
  const bySession = Map.groupBy(queries.unfinishedTurns(), (turn) => turn.session);
  for (const [session, turns] of bySession) {
    const stored = queries.session(session);
    if (stored === undefined) continue;
    try {
      await hub.commit(session, closing(stored, turns, queries, clock));
      log.warn("turns of an earlier server were ended as interrupted", { session, turns: turns.length });
    } catch (error) {
      log.error("turns of an earlier server could not be ended", { session, error: String(error) });
    }
  }
  return bySession.size;
}

function closing(session: Session, turns: Turn[], queries: Queries, clock: Clock): DurableBody[] {
  const ids = new Set(turns.map(({ id }) => id));
  const messages = queries.messages(session.id, { limit: searched }).messages.filter(({ turn }) => ids.has(turn));
  const bodies: DurableBody[] = messages
    .filter(({ role, finishedAt }) => role === "assistant" && finishedAt === undefined)
    .map((message) => ({
      kind: "message.finished",
      data: { message: { ...message, parts: [], finish: "error", error: reason, abandoned: true, finishedAt: clock.now() } },
    }));
  const results = unansweredCalls(messages).map((call) =>
    resultMessage(
      call,
      { text: "The call was interrupted: the server ended before it was finished. It may have had effects.", isError: true },
      clock,
    ),
  );
  bodies.push(...results);
  for (const permission of queries.permissions({ session: session.id, pendingOnly: true })) {
    bodies.push({
      kind: "permission.resolved",
      data: { permission: { ...permission, state: "denied", resolvedAt: clock.now(), resolvedBy: "server_died" } },
    });
  }
  for (const turn of turns) {
    bodies.push({
      kind: "turn.completed",
      data: { turn: { ...turn, status: "interrupted", endedAt: clock.now(), cause: "server_died", reason } },
    });
  }
  bodies.push({
    kind: "session.updated",
    data: { session: { ...session, status: "idle", updatedAt: clock.now(), messageCount: session.messageCount + results.length } },
  });
  return bodies;
}

/** Calls of finished messages that have no result. */
export function unansweredCalls(messages: readonly Message[]): { session: string; turn: string; call: string; name: string }[] {
  const answered = new Set(messages.flatMap(({ parts }) => parts).flatMap((part) => (part.kind === "tool_result" ? [part.call] : [])));
  return messages
    .filter(({ role, abandoned, finishedAt }) => role === "assistant" && !abandoned && finishedAt !== undefined)
    .flatMap(({ session, turn, parts }) =>
      parts.flatMap((part) =>
        part.kind === "tool_call" && !answered.has(part.call) ? [{ session, turn, call: part.call, name: part.name }] : [],
      ),
    );
}
