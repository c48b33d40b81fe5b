import { CommandError } from "../../protocol/index.ts";
import { timeParts, travel } from "../versions/travel.ts";
import type { Command } from "./command.ts";
import { promptOf } from "../versions/prompt-of.ts";

export const sessionUndo: Command<"session.undo"> = async (core, { session, turn: wanted, ...wish }, { remember }) => {
  const entry = core.sessions.open(session);
  const find = () => {
    const { queries } = timeParts(core);
    const turn = wanted === undefined ? queries.newestTurn(session) : core.options.queries.turn(wanted);
    if (turn === undefined || turn.session !== session)
      throw new CommandError(
        "not_found",
        wanted === undefined ? "There is no turn to undo in this session" : `There is no turn ${wanted} in this session`,
      );
    if (turn.undone) throw new CommandError("conflict", "This turn is undone already");
    if (turn.status === "queued" || turn.status === "running") throw new CommandError("conflict", "This turn is running; cancel it first");
    return { kind: "undo" as const, turns: [turn], ...promptOf(core, turn.message, turn.id) };
  };
  const result = await travel(core, entry, find, wish);
  remember(result);
  return result;
};
