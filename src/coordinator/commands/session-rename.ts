import { CommandError, titleCharsMax } from "../../protocol/index.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Command } from "./command.ts";

export const sessionRename: Command<"session.rename"> = async (core, { session, title }) => {
  const wanted = title.trim();
  if (wanted === "") throw new CommandError("bad_request", "A session's title cannot be empty");
  if (wanted.length > titleCharsMax) throw new CommandError("limit", `A title has at most ${titleCharsMax} characters`);
  const entry = core.sessions.open(session);
  await core.hub.commit(entry.id, [sessionUpdate(entry, { title: wanted }, core.options.clock)]);
  return { session: entry.session };
};
