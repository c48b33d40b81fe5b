import { CommandError } from "../../protocol/index.ts";
import { promptOf } from "../versions/prompt-of.ts";
import { timeParts, travel } from "../versions/travel.ts";
import type { Command } from "./command.ts";

/** All turns after a message, undone as one: a redo brings all of them back. */
export const sessionRewind: Command<"session.rewind"> = async (core, { session, message: id, ...wish }, { remember }) => {
  const entry = core.sessions.open(session);
  const find = () => {
    const message = core.options.queries.message(id);
    if (message === undefined || message.session !== session)
      throw new CommandError("not_found", `There is no message ${id} in this session`);
    const from = timeParts(core).queries.turnsFrom(session, message.turn);
    const own = message.role === "user" ? 0 : 1;
    const turns = from.slice(own).filter(({ undone }) => !undone);
    if (turns.length === 0) throw new CommandError("not_found", "There is no turn after this message that could be undone");
    if (turns.some(({ status }) => status === "queued" || status === "running"))
      throw new CommandError("conflict", "A turn after this message is running; cancel it first");
    return { kind: "undo" as const, turns, ...(own === 0 ? promptOf(core, id, message.turn) : {}) };
  };
  const result = await travel(core, entry, find, wish);
  remember(result);
  return result;
};
