import { pageRowsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

const defaultLimit = 100;

export const sessionList: Command<"session.list"> = (core, { workspace, limit, before }) => ({
  sessions: core.options.queries.sessions({
    limit: Math.min(limit ?? defaultLimit, pageRowsMax),
    ...(workspace !== undefined && { workspace }),
    ...(before !== undefined && { before }),
  }),
});
