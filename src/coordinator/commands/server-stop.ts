import { CommandError } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

export const serverStop: Command<"server.stop"> = (core, { force }) => {
  const running = core.sessions.all().filter(({ turns }) => turns.busy).length;
  if (running > 0 && !force)
    throw new CommandError("conflict", `${running} turn${running === 1 ? " is" : "s are"} running; wait, cancel, or stop with force`, {
      data: { running },
    });
  // The answer goes out first.
  setImmediate(() => core.options.stop());
  return {};
};
