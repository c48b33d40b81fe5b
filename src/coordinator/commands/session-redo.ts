import { CommandError, type Turn } from "../../protocol/index.ts";
import { timeParts, travel } from "../versions/travel.ts";
import type { Command } from "./command.ts";

export const sessionRedo: Command<"session.redo"> = async (core, { session, ...wish }, { remember }) => {
  const entry = core.sessions.open(session);
  const find = () => {
    const undo = timeParts(core).queries.newestUndo(session);
    if (undo === undefined) throw new CommandError("not_found", "Nothing was undone in this session, so there is nothing to redo");
    if (core.options.queries.turns(session, 1)[0]?.id !== undo.last)
      throw new CommandError("conflict", "Another turn has begun since the undo, so it cannot be redone");
    const turns = undo.turns.flatMap((id): Turn[] => {
      const turn = core.options.queries.turn(id);
      return turn === undefined ? [] : [turn];
    });
    return { kind: "redo" as const, turns, undo };
  };
  const result = await travel(core, entry, find, wish);
  remember(result);
  return result;
};
