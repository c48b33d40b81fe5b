import type { App } from "../app.ts";
import { UserKeys } from "../keys/user-keys.ts";
import { chosenTheme } from "../theme/index.ts";

/** Asks how the configuration wants the screen to look and its keys to be. Nobody waits for it. `quiet`: there is more to say. */
export function loadSettings(app: App, quiet = false): void {
  app.host
    .request("ui.settings", { workspace: app.host.workspace })
    .then(({ theme, keys, notifications }) => {
      if (app.closed) return;
      app.keys = new UserKeys(keys);
      app.notifications = notifications ?? "auto";
      const { theme: chosen, problems } = chosenTheme(theme, app.host.term.light);
      app.restyle(chosen);
      if (problems.length > 0 && !quiet) app.say(`${theme.file ?? "theme"}: ${problems[0]}`, "error");
      app.host.invalidate();
    })
    // The defaults stay; a mistake in the configuration is told with the models.
    .catch(() => {});
}
