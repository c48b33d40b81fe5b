import type { Command } from "./command.ts";
import { requireSession } from "./require-session.ts";

export const screenShow: Command<"screen.show"> = (core, { screen, session }, { peer }) => {
  if (session !== undefined) requireSession(core, session);
  core.screens.show(core.screens.owned(screen, peer), session);
  return {};
};
