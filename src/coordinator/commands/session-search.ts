import { searchHitsMax } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

const defaultLimit = 20;

export const sessionSearch: Command<"session.search"> = (core, { query, limit }) =>
  core.options.search({ query, limit: Math.min(limit ?? defaultLimit, searchHitsMax) });
