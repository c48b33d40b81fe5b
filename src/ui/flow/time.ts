import type { TimeResult } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { UndoDialog, type Wish } from "../dialogs/undo.ts";
import { showSession } from "./open-session.ts";

/** Shows what it would do to the session that is open, and does it when somebody says so. */
function offer(app: App, title: string, done: string, ask: (session: string, wish: Wish) => Promise<TimeResult>): void {
  const session = app.session?.id;
  if (session !== undefined) app.open(new UndoDialog(app, { title, done }, (wish) => ask(session, wish)));
}

export const undoTurn = (app: App): void =>
  offer(app, "Undo the last turn", "Undone", (session, wish) => app.host.request("session.undo", { session, ...wish }));

export const redoTurn = (app: App): void =>
  offer(app, "Redo what was undone", "Redone", (session, wish) => app.host.request("session.redo", { session, ...wish }));

export const rewindTo = (app: App, message: string): void =>
  offer(app, "Rewind to here", "Rewound", (session, wish) => app.host.request("session.rewind", { session, message, ...wish }));

/** A new session with the history before a prompt; the prompt goes into the editor. Without a message: with all of it. */
export function forkAt(app: App, message?: string): void {
  const session = app.session?.id;
  if (session === undefined) return;
  app.host
    .request("session.fork", { session, ...(message === undefined ? {} : { message }) })
    .then(({ session: fork, prompt }) => {
      if (prompt !== undefined && app.editor.empty) app.editor.set(prompt);
      showSession(app, fork.id);
      app.say("This is the fork; the session that it comes from stays as it is");
    })
    .catch((error: unknown) => app.fail(error));
}
