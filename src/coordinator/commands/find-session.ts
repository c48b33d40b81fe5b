import { CommandError, type Session } from "../../protocol/index.ts";
import type { Core } from "../core.ts";

/** Candidates that an error lists. */
const candidatesShown = 10;

/**
 * The session of an id, of a unique prefix of a hash, or the newest of a workspace ("last").
 * @throws CommandError not_found; bad_request for an ambiguous prefix, with the candidates in its data
 */
export function findSession(core: Core, name: string, workspace?: string): Session {
  const { queries } = core.options;
  if (name === "last") {
    const [newest] = queries.sessions({ limit: 1, ...(workspace !== undefined && { workspace }) });
    if (newest === undefined)
      throw new CommandError("not_found", workspace === undefined ? "There is no session yet" : `There is no session in ${workspace} yet`);
    return newest;
  }
  const exact = queries.session(name);
  if (exact !== undefined) return exact;
  const found = queries.findSessions(name);
  if (found.length === 1) return found[0]!;
  if (found.length === 0) throw new CommandError("not_found", `There is no session "${name}"`);
  const candidates = found.slice(0, candidatesShown).map(({ id, hash, title }) => ({ id, hash, title }));
  const list = candidates.map(({ hash, title }) => `${hash.slice(0, Math.max(7, name.length + 1))} ${title}`).join(", ");
  throw new CommandError("bad_request", `"${name}" fits ${found.length} sessions: ${list}. Give more of the hash`, {
    data: { candidates },
  });
}
