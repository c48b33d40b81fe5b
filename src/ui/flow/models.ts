import type { ModelRef, ReasoningEffort } from "../../protocol/index.ts";
import type { App } from "../app.ts";

/** Asks which models there are. Answers of an earlier question are replaced. `onUntrusted`: files of the project wait for a yes. */
export function loadModels(app: App, onUntrusted?: (app: App) => void): Promise<void> {
  return app.host
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

export const sameModel = (a: ModelRef | undefined, b: ModelRef | undefined): boolean =>
  a?.provider === b?.provider && a?.model === b?.model;

/** A model answers from now on: in this session, and in those that begin later. Without `effort` it reasons as it did. */
export function chooseModel(app: App, model: ModelRef, kind: "large" | "small", effort?: ReasoningEffort | "default"): void {
  const { request } = app.host;
  const session = app.session?.id;
  // First what is kept: a session takes a model's settings from there.
  request("model.choose", { workspace: app.host.workspace, model, kind, ...(effort === undefined ? {} : { effort }) })
    .catch((error: unknown) => {
      // Who may not write the configuration can choose for this session all the same.
      if ((error as { code?: string }).code !== "forbidden") app.fail(error);
    })
    .then(() => {
      if (session === undefined) {
        app.chosen = { ...app.chosen, [kind]: model };
        return loadModels(app);
      }
      return request("session.setModel", { session, model, kind }).then(({ session: changed }) => {
        if (app.session?.id === changed.id) app.session.session = changed;
        app.host.invalidate();
      });
    })
    .catch((error: unknown) => app.fail(error));
}
