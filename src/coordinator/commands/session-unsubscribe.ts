import type { Command } from "./command.ts";

export const sessionUnsubscribe: Command<"session.unsubscribe"> = (core, { session }, { peer }) => {
  core.hub.unsubscribe(peer, session);
  return {};
};
