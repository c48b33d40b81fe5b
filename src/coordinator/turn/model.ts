import type { Config, ProviderConfig, SelectedModel } from "../../contracts/config.ts";
import { CommandError, type ModelInfo, type ModelRef } from "../../protocol/index.ts";
import type { CoordinatorOptions } from "../options.ts";

export type ChosenModel = { provider: ProviderConfig; selected: SelectedModel; info: ModelInfo };

/**
 * The model that answers: the session's, else the configured one, else the demo.
 * @throws CommandError no_model, not_found
 */
export async function chooseModel(
  config: Config,
  wanted: ModelRef | undefined,
  kind: "large" | "small",
  options: Pick<CoordinatorOptions, "demo" | "wire">,
): Promise<ChosenModel> {
  if (config.demo) return fromDemo(await options.demo());
  const configured = kind === "small" ? (config.small ?? config.large) : config.large;
  const ref = wanted ?? configured;
  if (ref === undefined)
    throw new CommandError("no_model", "No model is configured. Set OPENAI_API_KEY, or add a provider and a model to crush.json");
  const provider = config.providers.find(({ id }) => id === ref.provider);
  if (provider === undefined) {
    throw new CommandError(
      "no_model",
      `Provider "${ref.provider}" is not configured; there are: ${config.providers.map(({ id }) => id).join(", ") || "none"}`,
    );
  }
  if (!options.wire(provider)) {
    throw new CommandError(
      "no_model",
      `Provider "${provider.id}" is of type ${provider.type}, which this version does not speak; choose one that offers Chat Completions (openai-compat)`,
    );
  }
  const info = provider.models.find(({ model }) => model === ref.model) ?? unlisted(provider, ref.model);
  const settings = sameModel(ref, configured) ? configured : sameModel(ref, config.small) ? config.small : undefined;
  const { providerOptions, ...usual } = provider.modelSettings?.[ref.model] ?? {};
  return {
    // Options that came with the model give way to those of its provider, and these to what was chosen.
    provider: providerOptions ? { ...provider, providerOptions: { ...providerOptions, ...provider.providerOptions } } : provider,
    selected: { ...usual, ...settings, provider: provider.id, model: ref.model },
    info,
  };
}

function fromDemo(provider: ProviderConfig): ChosenModel {
  const info = provider.models[0];
  if (info === undefined) throw new CommandError("no_model", "The demo provider offers no model");
  return { provider, selected: { provider: provider.id, model: info.model }, info };
}

const sameModel = (a: ModelRef, b: ModelRef | undefined): b is SelectedModel =>
  b !== undefined && a.provider === b.provider && a.model === b.model;

/** A model that the catalogue does not know is used all the same: its limits are the provider's matter then, and it costs nothing we know of. */
function unlisted(provider: ProviderConfig, model: string): ModelInfo {
  return {
    provider: provider.id,
    model,
    name: model,
    providerName: provider.name,
    contextWindow: 0,
    maxTokens: 0,
    canReason: false,
    supportsImages: false,
    price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
  };
}
