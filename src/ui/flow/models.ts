import type { App } from "../app.ts";

/** Asks which models there are. Answers of an earlier question are replaced. `onUntrusted`: files of the project wait for a yes. */
export function loadModels(app: App, onUntrusted?: (app: App) => void): void {
  app.host
    .request("model.list", { workspace: app.host.workspace })
    .then(({ models, large, small, demo, notices, untrusted }) => {
      const first = !app.models.loaded;
      app.models = { list: models, large, small, demo, loaded: true };
      if (first && notices.length > 0) app.say(notices[0]! + (notices.length > 1 ? ` (and ${notices.length - 1} more: crush models)` : ""));
      if (untrusted !== undefined) onUntrusted?.(app);
      app.host.invalidate();
    })
    .catch((error: unknown) => app.fail(error));
}
