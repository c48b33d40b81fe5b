import type { App } from "../app.ts";
import { QuitDialog } from "../dialogs/quit.ts";
import type { AlwaysAction } from "../keys/always.ts";

export const alwaysActions: { readonly [A in AlwaysAction]: (app: App) => void } = {
  quit: (app) => {
    if (app.dialog instanceof QuitDialog) app.dialog.leave();
    else app.open(new QuitDialog(app));
  },
  suspend: (app) => app.host.effect({ effect: "suspend" }),
};
