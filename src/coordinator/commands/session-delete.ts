import type { Command } from "./command.ts";
import { requireIdle } from "./require-idle.ts";

export const sessionDelete: Command<"session.delete"> = async (core, { session }) => {
  const entry = core.sessions.open(session);
  requireIdle(entry);
  // What its agents left first: a crash between the two leaves nothing that nobody can find.
  for (const { id } of [...core.options.queries.agentSessions(entry.id), entry]) {
    await core.hub.commit(id, [{ kind: "session.deleted", data: { session: id } }]);
    core.hub.forget(id);
    core.sessions.remove(id);
  }
  void core.options.attachments?.tidy().catch((error: unknown) => core.options.log.warn("attachments", { error: String(error) }));
  return {};
};
