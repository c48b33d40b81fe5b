import { CommandError, type Session } from "../../protocol/index.ts";
import type { Core } from "../core.ts";

/** The stored session. @throws CommandError not_found */
export function requireSession(core: Core, id: string): Session {
  const session = core.options.queries.session(id);
  if (session === undefined) throw new CommandError("not_found", `There is no session ${id}`);
  return session;
}
