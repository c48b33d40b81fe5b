import { CommandError } from "../../protocol/index.ts";
import type { OpenSession } from "../registry/sessions.ts";

/** For what may not happen while a turn runs. @throws CommandError conflict */
export function requireIdle({ session, turns }: OpenSession): void {
  if (turns.busy) throw new CommandError("conflict", `A turn of session ${session.hash.slice(0, 7)} is running; cancel it first`);
}
