import type { ModelInfo, ModelRef, ProviderInfo, ReasoningEffort } from "../../protocol/index.ts";
import type { App } from "../app.ts";
import { chooseModel, loadModels, sameModel as same } from "../flow/models.ts";
import { ConnectDialog } from "./connect.ts";
import { ListDialog, type ListItem } from "./list-dialog.ts";

const efforts: readonly (ReasoningEffort | undefined)[] = [undefined, "low", "medium", "high"];
/** What a model reasons with by itself is the provider's matter. */
const thinksWord = (effort: ReasoningEffort | undefined): string => (effort === undefined ? "thinks" : `thinks: ${effort}`);
const connectId = "connect";

/**
 * ctrl+l: which model answers; tab changes between the large one and the small one (titles, summaries). Those that were chosen before come
 * first, then all by provider. `preselect` is a model that has just been connected.
 */
export function modelsDialog(app: App, preselect?: ModelRef): ListDialog {
  let kind: "large" | "small" = "large";
  let recent: { large: ModelRef[]; small: ModelRef[] } = { large: [], small: [] };
  let providers: { list: ProviderInfo[]; file: string } = { list: [], file: "" };
  let configured: { large?: ReasoningEffort; small?: ReasoningEffort } = {};
  /** What was changed here, by model; undefined is the model's own. */
  const wanted = new Map<string, ReasoningEffort | undefined>();
  loadModels(app);
  app.host
    .request("provider.list", { workspace: app.host.workspace })
    .then((known) => {
      recent = known.recent;
      configured = known.effort;
      providers = { list: known.providers, file: known.file };
      app.host.invalidate();
    })
    // Without it nothing is recent; the models are there all the same.
    .catch(() => {});
  const close = (): void => app.close("models");
  const current = (): ModelRef | undefined => (kind === "large" ? app.modelRef : (app.chosen.small ?? app.models.small));
  const modelOf = (item: ListItem | undefined): ModelInfo | undefined => app.models.list.find((model) => idOf(model) === item?.id.slice(1));
  const effortOf = (model: ModelInfo): ReasoningEffort | undefined => {
    const id = idOf(model);
    if (wanted.has(id)) return wanted.get(id);
    return same(model, kind === "large" ? app.models.large : app.models.small) ? configured[kind] : undefined;
  };
  const itemOf = (model: ModelInfo, group: string, prefix: string): ListItem => ({
    id: prefix + idOf(model),
    label: model.name,
    ...(group === "Recent" ? { detail: model.providerName } : model.model === model.name ? {} : { detail: model.model }),
    // In columns, so that they can be compared.
    note: `${model.canReason ? thinksWord(effortOf(model)) : ""} ${priceOf(model).padStart(11)} ${sizeOf(model).padStart(5)}`,
    marked: same(model, current()),
    group,
  });
  return new ListDialog({
    name: "models",
    title: () => (kind === "large" ? "Model" : "Small model (titles, summaries)"),
    placeholder: "type to filter",
    width: 92,
    hint: (item) => {
      const model = modelOf(item);
      const thinks = model?.canReason ? ` · ←→ thinks: ${effortOf(model) ?? "default"}` : "";
      return `enter chooses${thinks} · tab: ${kind === "large" ? "small" : "large"} · ctrl+e key · esc`;
    },
    items: () => {
      const list = app.models.demo ? [] : app.models.list;
      const used = recent[kind].flatMap((ref) => list.find((model) => same(model, ref)) ?? []);
      const providers = [...new Set(list.map(({ provider }) => provider))];
      return [
        ...used.map((model) => itemOf(model, "Recent", "r")),
        ...providers.flatMap((provider) =>
          list.filter((model) => model.provider === provider).map((model) => itemOf(model, model.providerName, "m")),
        ),
        ...(app.models.loaded ? [{ id: connectId, label: "Connect a provider…", group: "More" }] : []),
      ];
    },
    empty: () => (app.models.loaded ? "No such model" : "Loading…"),
    theme: app.theme,
    keys: app.keys,
    close,
    first: ({ id, marked }) => (preselect ? id === `m${idOf(preselect)}` : marked === true),
    key: (stroke, _, item) => {
      if (stroke === "tab" || stroke === "shift+tab") {
        kind = kind === "large" ? "small" : "large";
        return true;
      }
      const model = modelOf(item);
      if (stroke === "ctrl+e") {
        const provider = providers.list.find(({ id }) => id === model?.provider);
        if (!provider) return true;
        close();
        app.open(new ConnectDialog(app, provider, providers.file, (model) => app.open(modelsDialog(app, model))));
        return true;
      }
      if (!model?.canReason || (stroke !== "left" && stroke !== "right")) return false;
      const at = efforts.indexOf(effortOf(model)) + (stroke === "right" ? 1 : -1);
      wanted.set(idOf(model), efforts[Math.max(0, Math.min(efforts.length - 1, at))]);
      return true;
    },
    choose: (item) => {
      close();
      if (item.id === connectId) {
        app.command("connect")?.run(app);
        return;
      }
      const model = modelOf(item);
      if (!model) return;
      const effort = wanted.has(idOf(model)) ? (wanted.get(idOf(model)) ?? "default") : undefined;
      chooseModel(app, { provider: model.provider, model: model.model }, kind, effort);
    },
  });
}

const idOf = ({ provider, model }: ModelRef): string => JSON.stringify([provider, model]);

const sizeOf = ({ contextWindow }: ModelInfo): string =>
  contextWindow <= 0
    ? ""
    : contextWindow < 1_000_000
      ? `${Math.round(contextWindow / 1_000)}K`
      : `${+(contextWindow / 1_000_000).toFixed(1)}M`;

/** US dollars for a million tokens, in and out; nothing where nobody told us. */
const priceOf = ({ price }: ModelInfo): string =>
  price.input + price.output > 0 ? `$${+price.input.toFixed(2)}/$${+price.output.toFixed(2)}` : "";
