import type { Command } from "./command.ts";

export const screenClose: Command<"screen.close"> = (core, { screen }, { peer }) => {
  core.screens.close(core.screens.owned(screen, peer));
  return {};
};
