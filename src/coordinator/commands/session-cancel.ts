import { canceledByUser } from "../turn/queue.ts";
import type { Command } from "./command.ts";
import { requireSession } from "./require-session.ts";

/** Answered when the end of the turn is on disk. */
export const sessionCancel: Command<"session.cancel"> = async (core, { session, queue }) => {
  requireSession(core, session);
  const entry = core.sessions.peek(session);
  return { canceled: entry === undefined ? false : await entry.turns.stop(canceledByUser, queue ?? false) };
};
