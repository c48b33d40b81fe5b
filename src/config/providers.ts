import {
  type ConfigNotice,
  type ModelSettings,
  type ProviderConfig,
  type ProviderType,
  unknownModel,
  wireOfType,
} from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { accessOf, cloudOf, clouds } from "./clouds.ts";
import { ExpandError, expand } from "./expand.ts";
import { type FetchedModels, knownModels, knownProviders } from "./known-providers.ts";
import type { ProviderEntry } from "./schema.ts";

type Env = Record<string, string | undefined>;
/** `defaults` false: only what the configuration names, whatever keys the environment has. */
type ResolveOptions = { fetched?: FetchedModels; defaults?: boolean };

/**
 * The usable providers: those of the configuration in its order, then those whose key is in the environment. What cannot be
 * used is left out with a notice that says why. Nothing is sent anywhere.
 */
export async function resolveProviders(
  entries: Record<string, ProviderEntry>,
  env: Env,
  notices: ConfigNotice[],
  { fetched = {}, defaults = true }: ResolveOptions = {},
): Promise<ProviderConfig[]> {
  const providers: ProviderConfig[] = [];
  for (const [id, entry] of Object.entries(entries)) {
    if (entry.disable) continue;
    try {
      const provider = await fromEntry(id, entry, env, fetched);
      if (wireOfType[provider.type] === undefined)
        notices.push({
          file: "crush.json",
          key: `providers.${id}`,
          message: `type ${provider.type} is not spoken by this version; its Chat Completions endpoint, if it has one, works with type openai-compat`,
        });
      else if (!provider.baseUrl)
        notices.push({
          file: "crush.json",
          key: `providers.${id}.base_url`,
          message: `is empty: the provider is left out${provider.type === "azure" ? "; set AZURE_OPENAI_API_ENDPOINT, or base_url" : ""}`,
        });
      else providers.push(provider);
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      notices.push({ file: "crush.json", key: `providers.${id}`, message: `left out: ${error.message}` });
    }
  }
  if (!defaults) return providers;
  for (const [id, known] of Object.entries(knownProviders)) {
    if (entries[id] || !known.keyVariable || !env[known.keyVariable]) continue;
    providers.push(await fromEntry(id, {}, env, fetched));
  }
  for (const [id, cloud] of Object.entries(clouds)) {
    if (entries[id] || !cloud.isUsable(env)) continue;
    providers.push(await fromEntry(id, {}, env, fetched));
  }
  return providers;
}

async function fromEntry(id: string, entry: ProviderEntry, env: Env, fetched: FetchedModels): Promise<ProviderConfig> {
  const known = knownProviders[id];
  const cloud = known ? undefined : cloudOf(id, entry.type);
  const type: ProviderType = entry.type ?? known?.type ?? cloud?.type ?? "openai-compat";
  const name = entry.name ?? known?.name ?? (clouds[id] ? clouds[id].name : id);
  const fromEnv = known?.baseUrlVariable?.map((variable) => env[variable]).find(Boolean);
  const address = entry.base_url ? await expand(entry.base_url, env) : (fromEnv ?? known?.baseUrl ?? cloud?.baseUrl(env) ?? "");
  const baseUrl = address.replace(/\/+$/, "");
  const keyVariable = known?.keyVariable ?? cloud?.keyVariable;
  const apiKey = entry.api_key ? await expand(entry.api_key, env) : keyVariable ? env[keyVariable] : undefined;
  const access = accessOf(type, env);
  const extraHeaders: Record<string, string> = {};
  for (const [header, value] of Object.entries(entry.extra_headers ?? {})) {
    const expanded = await expand(value, env);
    if (expanded !== "") extraHeaders[header] = expanded;
  }
  const listed = (entry.models ?? []).map(
    (m): ModelInfo => ({
      provider: id,
      model: m.id,
      name: m.name || m.id,
      providerName: name,
      contextWindow: m.context_window || unknownModel.contextWindow,
      maxTokens: m.default_max_tokens ?? unknownModel.maxTokens,
      canReason: m.can_reason ?? false,
      supportsImages: m.supports_attachments ?? false,
      price: {
        input: m.cost_per_1m_in ?? 0,
        output: m.cost_per_1m_out ?? 0,
        // Crush's names: "in cached" is what goes into the cache, "out cached" what comes out of it.
        cacheRead: m.cost_per_1m_out_cached ?? 0,
        cacheWrite: m.cost_per_1m_in_cached ?? 0,
      },
    }),
  );
  // A key sent to an address that the environment names speaks to that server's own models, which are asked for when first needed.
  // Clouds have many addresses, and the same models at each.
  const ownModels =
    cloud || (fromEnv === undefined && !entry.base_url) ? knownModels(clouds[id] || !cloud ? id : cloudId(type), name, id, fetched) : [];
  const models = [...listed, ...ownModels.filter((m) => !listed.some((l) => l.model === m.model))];
  return {
    id,
    name,
    type,
    baseUrl,
    ...(apiKey ? { apiKey } : {}),
    ...(access ? { access } : {}),
    extraHeaders,
    extraBody: entry.extra_body ?? {},
    providerOptions: entry.provider_options ?? {},
    ...(entry.system_prompt_prefix ? { systemPromptPrefix: entry.system_prompt_prefix } : {}),
    flatRate: entry.flat_rate ?? false,
    ...(entry.discover_models === undefined ? {} : { discoverModels: entry.discover_models }),
    ...(entry.aws_auth_refresh ? { awsAuthRefresh: entry.aws_auth_refresh } : {}),
    models,
    ...settingsOf(entry),
  };
}

const efforts = ["low", "medium", "high"] as const;

function settingsOf({ models = [] }: ProviderEntry): Pick<ProviderConfig, "modelSettings"> {
  const all: Record<string, ModelSettings> = {};
  for (const { id, options = {}, default_reasoning_effort } of models) {
    const effort = efforts.find((one) => one === default_reasoning_effort);
    const settings: ModelSettings = {
      ...(effort === undefined ? {} : { reasoningEffort: effort }),
      ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
      ...(options.top_p === undefined ? {} : { topP: options.top_p }),
      ...(options.top_k === undefined ? {} : { topK: options.top_k }),
      ...(options.frequency_penalty === undefined ? {} : { frequencyPenalty: options.frequency_penalty }),
      ...(options.presence_penalty === undefined ? {} : { presencePenalty: options.presence_penalty }),
      ...(options.provider_options === undefined ? {} : { providerOptions: options.provider_options }),
    };
    if (Object.keys(settings).length > 0) all[id] = settings;
  }
  return Object.keys(all).length > 0 ? { modelSettings: all } : {};
}

const cloudId = (type: ProviderType): string => Object.keys(clouds).find((id) => clouds[id]!.type === type) ?? "";
