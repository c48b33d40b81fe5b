import type { App } from "../app.ts";
import { inSession } from "./begin-session.ts";

/** Runs a command of the user's in the shell, without the model. What it prints is shown as it comes, and is in the transcript when it has ended. */
export function runShell(app: App, command: string): void {
  inSession(app, (session) =>
    app.host.request("session.shell", { session, command }).then(({ message, job }) => {
      // One that ended at once has told so already.
      if (!app.session?.messages.has(message)) app.shells.set(message, { job, command });
      app.host.invalidate();
    }),
  ).catch((error: unknown) => {
    if (app.editor.empty) app.editor.set(`!${command}`);
    app.fail(error);
  });
}

/** Ends the newest command of the user's that runs. False: there is none. */
export function endShell(app: App): boolean {
  const last = [...app.shells.values()].at(-1);
  if (last === undefined) return false;
  app.host.request("job.kill", { job: last.job }).catch((error: unknown) => app.fail(error));
  return true;
}
