import type { App } from "../app.ts";
import { showSession } from "./open-session.ts";

/** Does something in the session that is shown; on the landing page one is made first, and shown. */
export async function inSession(app: App, run: (session: string) => Promise<unknown>): Promise<unknown> {
  if (app.session) return run(app.session.id);
  const { large, small, yolo, plan } = app.chosen;
  const { session, notices } = await app.host.request("session.create", {
    workspace: app.host.workspace,
    ...(large ? { model: large } : {}),
    ...(small ? { smallModel: small } : {}),
    ...(yolo ? { yolo } : {}),
    ...(plan ? { plan } : {}),
  });
  if (notices[0]) app.say(notices[0]);
  // Both go out at once: showing may move this screen to another worker, and the rest must not wait for that.
  showSession(app, session.id);
  return run(session.id);
}
