import { CommandError } from "../../protocol/index.ts";
import type { Core } from "../core.ts";
import type { ProviderKeeper } from "../options.ts";
import type { Command } from "./command.ts";

function keeper(core: Core): ProviderKeeper {
  if (core.options.providers === undefined) throw new CommandError("forbidden", "This server keeps no providers");
  return core.options.providers;
}

export const providerList: Command<"provider.list"> = async (core, { workspace }) =>
  keeper(core).list({ env: core.workspaces.env(workspace), config: await core.workspaces.config(workspace) });

/** Not remembered by key: a key that was mended is to be asked about anew, and connecting twice leaves what connecting once does. */
export const providerConnect: Command<"provider.connect"> = async (core, { workspace, ...wanted }) => {
  const env = core.workspaces.env(workspace);
  const { usual, ...connected } = await keeper(core).connect({ env }, wanted);
  if (!connected.saved) return connected;
  const config = await core.workspaces.config(workspace);
  const models = config.providers.find(({ id }) => id === connected.provider)?.models ?? [];
  const known = models.find(({ model }) => model === usual?.model);
  const first = known ?? models[0];
  return {
    ...connected,
    ...(first && { model: { provider: first.provider, model: first.model } }),
    ...(known && { usual: true }),
  };
};

export const modelChoose: Command<"model.choose"> = async (core, { workspace, model, kind, effort }, { remember }) => {
  await keeper(core).choose({ env: core.workspaces.env(workspace) }, kind ?? "large", model, effort);
  remember({});
  return {};
};
