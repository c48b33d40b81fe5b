import type { App } from "../app.ts";

/** Plan mode on or off: of the session that is shown, or of the one that the next prompt begins. */
export function togglePlan(app: App): void {
  const session = app.session;
  const plan = !app.plan;
  if (!session) {
    app.chosen = { ...app.chosen, plan };
    return;
  }
  app.host
    .request("session.setPlan", { session: session.id, plan })
    .then((result) => {
      if (app.session === session) session.session = result.session;
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error));
}
