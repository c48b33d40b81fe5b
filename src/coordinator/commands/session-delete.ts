import { CommandError } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

export const sessionDelete: Command<"session.delete"> = async (core, { session }) => {
  const entry = core.sessions.open(session);
  if (entry.turns.busy)
    throw new CommandError("conflict", `A turn of session ${entry.session.hash.slice(0, 7)} is running; cancel it first`);
  // First what its agents left: a crash between the two leaves nothing that nobody can find.
  for (const { id } of core.options.queries.agentSessions(entry.id)) {
    await core.hub.commit(id, [{ kind: "session.deleted", data: { session: id } }]);
    core.hub.forget(id);
    core.sessions.remove(id);
  }
  await core.hub.commit(entry.id, [{ kind: "session.deleted", data: { session: entry.id } }]);
  core.hub.forget(entry.id);
  core.sessions.remove(entry.id);
  void core.options.attachments?.tidy().catch((error: unknown) => core.options.log.warn("attachments", { error: String(error) }));
  return {};
};
