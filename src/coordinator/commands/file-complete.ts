import { pageRowsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

const defaultLimit = 50;

export const fileComplete: Command<"file.complete"> = async (core, { workspace, query, limit }) => ({
  paths: await core.options.completeFiles({ workspace, query, limit: Math.min(limit ?? defaultLimit, pageRowsMax) }),
});
