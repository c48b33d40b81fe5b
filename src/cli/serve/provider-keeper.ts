import type { Log } from "../../contracts/base.ts";
import type { Config, ProviderConfig } from "../../contracts/config.ts";
import {
  CommandError,
  type ModelRef,
  type ProviderConnected,
  type ProviderInfo,
  type ProviderList,
  type ReasoningEffort,
} from "../../protocol/index.ts";

type Env = Record<string, string>;
type Wanted = { provider?: string; apiKey?: string; baseUrl?: string; force?: boolean };

/** What the user connects and chooses on a screen, kept in Crush's machine-written file. Everything is loaded when first asked for. */
export function openProviderKeeper({ log }: { log: Log }): {
  list(request: { env: Env; config: Config }): Promise<ProviderList>;
  connect(request: { env: Env }, wanted: Wanted): Promise<Omit<ProviderConnected, "model" | "usual"> & { usual?: ModelRef }>;
  choose(request: { env: Env }, kind: "large" | "small", model: ModelRef, effort: ReasoningEffort | "default" | undefined): Promise<void>;
} {
  return {
    async list({ env, config }) {
      const { candidates, dataFile, recentModels } = await import("../../config/index.ts");
      const known = candidates(env);
      const ready = new Map(config.providers.map((provider) => [provider.id, provider]));
      const info = (provider: ProviderConfig | undefined, candidate: Omit<ProviderInfo, "ready" | "models">): ProviderInfo => ({
        ...candidate,
        ready: provider !== undefined,
        models: provider?.models.length ?? 0,
        ...(provider && { name: provider.name, baseUrl: provider.baseUrl }),
      });
      const effort = (kind: "large" | "small") => config[kind]?.reasoningEffort;
      const [large, small] = [effort("large"), effort("small")];
      return {
        providers: [
          ...config.providers.filter(({ id }) => !known.some((each) => each.id === id)).map((p) => info(p, { ...p, needsKey: true })),
          ...known.map(({ type: _, ...each }) => info(ready.get(each.id), each)),
        ].map(({ id, name, ready, models, needsKey, keyVariable, baseUrl }) => ({
          id,
          name,
          ready,
          models,
          needsKey,
          ...(keyVariable === undefined ? {} : { keyVariable }),
          baseUrl,
        })),
        recent: recentModels(env),
        effort: { ...(large && { large }), ...(small && { small }) },
        file: dataFile(env),
      };
    },

    async connect({ env }, wanted) {
      const { asProvider, candidates, defaultModel, saveProvider, serverAt } = await import("../../config/index.ts");
      const apiKey = wanted.apiKey?.trim() || undefined;
      if (apiKey !== undefined && /[^\x21-\x7e]/.test(apiKey))
        throw new CommandError("bad_request", "The key holds blanks or signs that no key has: copy it again");
      const known = wanted.provider === undefined ? undefined : candidates(env).find(({ id }) => id === wanted.provider);
      if (wanted.provider !== undefined && known === undefined)
        throw new CommandError("not_found", `"${wanted.provider}" is no provider that a key alone connects: add it to crush.json`);
      const address = wanted.baseUrl?.trim().replace(/\/+$/, "");
      if (address !== undefined && !/^https?:\/\/[^\s/]+/.test(address))
        throw new CommandError("bad_request", "The address has to begin with http:// or https://");
      if (known === undefined && address === undefined) throw new CommandError("bad_request", "The address of the server is missing");
      if (known?.needsKey && apiKey === undefined) throw new CommandError("bad_request", `${known.name} needs a key`);
      const candidate = known ? { ...known, ...(address === undefined ? {} : { baseUrl: address }) } : serverAt(address!);
      const { checkKey } = await import("../../providers/check.ts");
      const check = await checkKey(asProvider(candidate, apiKey));
      const about = { provider: candidate.id, name: candidate.name };
      log.info("a provider was asked whether it takes a key", { provider: candidate.id, verdict: check.verdict });
      if (check.verdict === "bad_key") return { saved: false, ...about, problem: check.message };
      // A server without a list of models may answer all the same; one that is not there may be down for a moment only.
      if (check.verdict === "unreachable" && !wanted.force) return { saved: false, ...about, problem: check.message, forcible: true };
      saveProvider(env, candidate.id, {
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(known === undefined || address !== undefined ? { baseUrl: candidate.baseUrl } : {}),
        // A provider that Crush's file does not know by its id needs more than a key.
        ...(known === undefined || !known.needsKey ? { type: candidate.type, name: candidate.name, baseUrl: candidate.baseUrl } : {}),
      });
      const usual = defaultModel(candidate);
      return {
        saved: true,
        ...about,
        ...(check.verdict === "ok" ? {} : { problem: check.message }),
        ...(usual && { usual: { provider: usual.provider, model: usual.model } }),
      };
    },

    async choose({ env }, kind, model, reasoningEffort) {
      const { saveModel } = await import("../../config/index.ts");
      saveModel(env, kind, { ...model, reasoningEffort });
    },
  };
}
