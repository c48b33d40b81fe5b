import type { App } from "../app.ts";
import { commandsDialog } from "../dialogs/commands.ts";
import { HelpDialog } from "../dialogs/help.ts";
import { modelsDialog } from "../dialogs/models.ts";
import { sessionsDialog } from "../dialogs/sessions.ts";
import { showSession } from "../flow/open-session.ts";
import { togglePlan, toggleYolo } from "../flow/modes.ts";
import { cancelTurn } from "../flow/send.ts";
import { endShell } from "../flow/shell.ts";
import type { GlobalAction } from "../keys/global.ts";

/** The second escape must come within this time. */
const cancelMs = 2_000;

export const globalActions: { readonly [A in GlobalAction]: (app: App) => void } = {
  help: (app) => app.open(new HelpDialog(app)),
  commands: (app) => app.open(commandsDialog(app)),
  models: (app) => app.open(modelsDialog(app)),
  sessions: (app) => app.open(sessionsDialog(app)),
  yolo: toggleYolo,
  plan: togglePlan,
  newSession: (app) => {
    if (app.session) showSession(app, undefined);
  },
  focus: (app) => {
    app.focus = app.focus === "editor" && app.session && !app.inline ? "chat" : "editor";
    if (app.focus === "editor") app.transcript.selected = undefined;
  },
  todos: (app) => {
    app.todosOpen = !app.todosOpen;
  },
  cancel: (app) => {
    if (app.selection.active) app.selection.clear();
    else if (app.cancelArmed && (app.running || app.shells.size > 0)) {
      disarm(app);
      // What the user began last is what is meant.
      if (!endShell(app)) cancelTurn(app);
    } else if (app.running || app.shells.size > 0) {
      app.cancelArmed = true;
      app.timers.set("hint", cancelMs, () => {
        app.cancelArmed = false;
        app.host.invalidate();
      });
    } else if (app.focus === "chat") globalActions.focus(app);
  },
};

function disarm(app: App): void {
  app.cancelArmed = false;
  app.timers.clear("hint");
}
