import type { Session } from "../../protocol/index.ts";
import type { App } from "../app.ts";

/** Plan mode on or off. */
export const togglePlan = (app: App): void =>
  toggle(app, "plan", (session, plan) => app.host.request("session.setPlan", { session, plan }));

/** Calls without asking, or not. */
export const toggleYolo = (app: App): void =>
  toggle(app, "yolo", (session, yolo) => app.host.request("session.setYolo", { session, yolo }));

/** Of the session that is shown, or of the one that the next prompt begins. */
function toggle(app: App, mode: "plan" | "yolo", set: (session: string, on: boolean) => Promise<{ session: Session }>): void {
  const { session } = app;
  const on = !app[mode];
  if (!session) {
    app.chosen = { ...app.chosen, [mode]: on };
    return;
  }
  set(session.id, on)
    .then((result) => {
      if (app.session === session) session.session = result.session;
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error));
}
