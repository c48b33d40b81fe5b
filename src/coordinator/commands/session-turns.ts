import { pageRowsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";
import { requireSession } from "./require-session.ts";

const defaultLimit = 50;

export const sessionTurns: Command<"session.turns"> = (core, { session, limit }) => {
  requireSession(core, session);
  return { turns: core.options.queries.turns(session, Math.min(limit ?? defaultLimit, pageRowsMax)) };
};
