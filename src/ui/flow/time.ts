import type { App } from "../app.ts";
import { UndoDialog } from "../dialogs/undo.ts";
import { showSession } from "./open-session.ts";

export function undoTurn(app: App): void {
  const session = app.session?.id;
  if (session !== undefined)
    app.open(
      new UndoDialog(app, { title: "Undo the last turn", done: "Undone" }, (wish) =>
        app.host.request("session.undo", { session, ...wish }),
      ),
    );
}

export function redoTurn(app: App): void {
  const session = app.session?.id;
  if (session !== undefined)
    app.open(
      new UndoDialog(app, { title: "Redo what was undone", done: "Redone" }, (wish) =>
        app.host.request("session.redo", { session, ...wish }),
      ),
    );
}

export function rewindTo(app: App, message: string): void {
  const session = app.session?.id;
  if (session === undefined) return;
  app.open(
    new UndoDialog(app, { title: "Rewind to here", done: "Rewound" }, (wish) =>
      app.host.request("session.rewind", { session, message, ...wish }),
    ),
  );
}

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
