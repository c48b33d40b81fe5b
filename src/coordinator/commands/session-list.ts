import { pageRowsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

const defaultLimit = 100;

export const sessionList: Command<"session.list"> = (core, { parent, workspace, limit, before }) => ({
  sessions:
    parent !== undefined
      ? core.options.queries.agentSessions(parent)
      : core.options.queries.sessions({
          limit: Math.min(limit ?? defaultLimit, pageRowsMax),
          ...(workspace !== undefined && { workspace }),
          ...(before !== undefined && { before }),
        }),
});
