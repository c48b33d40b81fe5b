import type { Command } from "./command.ts";
import { findSession } from "./find-session.ts";

export const sessionGet: Command<"session.get"> = (core, { session, workspace }) => ({ session: findSession(core, session, workspace) });
