import { CommandError, covers } from "../../protocol/index.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Command } from "./command.ts";

/** To leave plan mode is to approve what comes, so it needs the scope of approving. */
export const sessionSetPlan: Command<"session.setPlan"> = async (core, { session, plan }, { scope }) => {
  const entry = core.sessions.open(session);
  if (!plan && entry.session.plan && !covers(scope, "approve"))
    throw new CommandError("forbidden", `Leaving plan mode approves changes and needs the scope "approve"; this token has "${scope}"`);
  await core.hub.commit(entry.id, [sessionUpdate(entry, { plan }, core.options.clock)]);
  return { session: entry.session };
};
