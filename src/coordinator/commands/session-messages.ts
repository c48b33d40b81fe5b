import { pageRowsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";
import { requireSession } from "./require-session.ts";

const defaultLimit = 100;

export const sessionMessages: Command<"session.messages"> = (core, { session, before, limit, cut = false }) => {
  requireSession(core, session);
  return core.options.queries.messages(session, {
    cut,
    bounded: true,
    limit: Math.min(limit ?? defaultLimit, pageRowsMax),
    ...(before !== undefined && { before }),
  });
};
