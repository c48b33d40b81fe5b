import type { App } from "../app.ts";
import { goToJump } from "./jump.ts";
import { showSession } from "./open-session.ts";

/** Shows a session with a message at the top. */
export function openAt(app: App, session: string, message: string): void {
  app.jump = { session, message };
  if (app.session?.id === session) void goToJump(app);
  else showSession(app, session);
}
