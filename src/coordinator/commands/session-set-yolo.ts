import { sessionUpdate } from "../registry/update.ts";
import type { Command } from "./command.ts";

export const sessionSetYolo: Command<"session.setYolo"> = async (core, { session, yolo }) => {
  const entry = core.sessions.open(session);
  await core.hub.commit(entry.id, [sessionUpdate(entry, { yolo }, core.options.clock)]);
  return { session: entry.session };
};
