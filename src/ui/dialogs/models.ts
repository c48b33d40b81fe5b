import type { App } from "../app.ts";
import { loadModels } from "../flow/models.ts";
import { ListDialog } from "./list-dialog.ts";

/** ctrl+l: which model answers; tab changes between the large one and the small one (titles, summaries). */
export function modelsDialog(app: App): ListDialog {
  let kind: "large" | "small" = "large";
  loadModels(app);
  const close = (): void => app.close("models");
  const current = () => (kind === "large" ? app.modelRef : (app.chosen.small ?? app.models.small));
  return new ListDialog({
    name: "models",
    title: () => (kind === "large" ? "Model" : "Small model (titles, summaries)"),
    placeholder: "type to filter",
    hint: () => `enter chooses · tab: ${kind === "large" ? "small" : "large"} model · esc`,
    items: () =>
      app.models.list.map((model) => ({
        id: JSON.stringify([model.provider, model.model]),
        label: model.name,
        detail: model.providerName,
        note: `${Math.round(model.contextWindow / 1_000)}K`,
        marked: model.provider === current()?.provider && model.model === current()?.model,
      })),
    empty: () => (app.models.loaded ? "No model is connected: set OPENAI_API_KEY, or add a provider to crush.json" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close,
    key: (stroke) => {
      if (stroke !== "tab" && stroke !== "shift+tab") return false;
      kind = kind === "large" ? "small" : "large";
      return true;
    },
    choose: ({ id }) => {
      const [provider, model] = JSON.parse(id) as [string, string];
      close();
      const session = app.session?.id;
      if (session === undefined) {
        app.chosen = { ...app.chosen, [kind]: { provider, model } };
        return;
      }
      app.host
        .request("session.setModel", { session, model: { provider, model }, kind })
        .then(({ session: changed }) => {
          if (app.session?.id === changed.id) app.session.session = changed;
          app.host.invalidate();
        })
        .catch((error: unknown) => app.fail(error));
    },
  });
}
