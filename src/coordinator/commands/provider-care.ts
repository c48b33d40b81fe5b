import { CommandError, type ProviderCheck } from "../../protocol/index.ts";
import type { Command } from "./command.ts";

export const providerCheck: Command<"provider.check"> = async (core, { workspace, env, provider: wanted }) => {
  const { checkProvider, clock } = core.options;
  if (checkProvider === undefined) throw new CommandError("forbidden", "This server asks no providers");
  core.workspaces.setEnv(workspace, env);
  const { providers } = await core.workspaces.config(workspace);
  const asked = wanted === undefined ? providers : providers.filter(({ id }) => id === wanted);
  if (wanted !== undefined && asked.length === 0) {
    const ids = providers.map(({ id }) => id).join(", ") || "none";
    throw new CommandError("not_found", `Provider "${wanted}" is not configured; there are: ${ids}`);
  }
  const checks = asked.map(async (provider): Promise<ProviderCheck> => {
    const began = clock.now();
    const check = await checkProvider(provider);
    return { provider: provider.id, name: provider.name, ...check, ms: Math.max(0, clock.now() - began) };
  });
  return { checks: await Promise.all(checks) };
};

/** Not remembered by key: asked again, it looks again. */
export const providerUpdate: Command<"provider.update"> = async (core, { workspace, env, source }) => {
  const { updateCatalogue } = core.options;
  if (updateCatalogue === undefined) throw new CommandError("forbidden", "This server has no catalogue of its own");
  core.workspaces.setEnv(workspace, env);
  return updateCatalogue(core.workspaces.env(workspace), source);
};
