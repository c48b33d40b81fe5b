import { chooseModel } from "../turn/model.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { Command } from "./command.ts";

/** Takes effect with the next turn. */
export const sessionSetModel: Command<"session.setModel"> = async (core, { session, model, kind }) => {
  const entry = core.sessions.open(session);
  await chooseModel(await core.workspaces.config(entry.session.workspace), model, kind ?? "large", core.options);
  if (kind === "small") {
    entry.smallModel = model;
    return { session: entry.session };
  }
  await core.hub.commit(entry.id, [sessionUpdate(entry, { model }, core.options.clock)]);
  return { session: entry.session };
};
