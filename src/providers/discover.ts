import { type ProviderConfig, unknownModel } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { enrich, gatewayFields } from "./enrich.ts";
import { bodyOf } from "./shared/body.ts";
import { addressOf, versioned } from "./shared/endpoint.ts";
import { apiVersion as anthropicVersion } from "./anthropic/wire.ts";

/** A server on this machine answers in milliseconds or is not there. */
const localTimeoutMs = 400;
const remoteTimeoutMs = 3_000;
/** OpenRouter's list, the longest known, is about 700 KB. */
const listBytesMax = 4 << 20;
const modelsMax = 2_000;

/** Model servers that people run on their own machine, by their usual addresses. */
const localServers = [
  { id: "ollama", name: "Ollama", type: "ollama", port: 11434 },
  { id: "lmstudio", name: "LM Studio", type: "lmstudio", port: 1234 },
  { id: "llamacpp", name: "llama.cpp", type: "llamacpp", port: 8080 },
] as const;

/** One entry of a list: OpenAI's shape and its dialects, Anthropic's, Google's. */
type Listed = {
  id?: unknown;
  name?: unknown;
  display_name?: unknown;
  displayName?: unknown;
  max_input_tokens?: unknown;
  max_tokens?: unknown;
  inputTokenLimit?: unknown;
  outputTokenLimit?: unknown;
  supportedGenerationMethods?: unknown;
  context_length?: unknown;
  context_window?: unknown;
  max_model_len?: unknown;
  max_context_length?: unknown;
  meta?: { n_ctx_train?: unknown };
};

/**
 * Asks a provider for its models (`GET <base>/models`), with the key where its wire wants it.
 * @returns an empty list when it does not answer, or not with a list: the person can still name a model
 */
export async function askModels(provider: Omit<ProviderConfig, "models">, timeoutMs = remoteTimeoutMs): Promise<ModelInfo[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const value = (await askJson(modelsUrl(provider), provider, signal)) as { data?: unknown; models?: unknown } | undefined;
    const list = provider.type === "google" ? value?.models : value?.data;
    if (!Array.isArray(list)) return [];
    const models = (list as Listed[])
      .filter((entry) => typeof idOf(entry) === "string")
      .filter(({ supportedGenerationMethods: can }) => !Array.isArray(can) || can.includes("generateContent"))
      .slice(0, modelsMax)
      .map((entry) => toModel(provider, entry));
    const root = addressOf(provider, (path) => path.replace(/\/v1$/, "")).href.replace(/\/+$/, "");
    return await enrich(provider, models, (path, body) => askJson(new URL(`${root}${path}`), provider, signal, body));
  } catch {
    return [];
  }
}

/** @returns undefined when it answers with an error, or with more than a list is */
async function askJson(url: URL, provider: Omit<ProviderConfig, "models">, signal: AbortSignal, body?: unknown): Promise<unknown> {
  const answer = await fetch(url, {
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...keyHeaders(provider),
      ...provider.extraHeaders,
    },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    signal,
    redirect: "error",
  });
  if (!answer.ok || !answer.body) return undefined;
  const text = await bodyOf(answer, listBytesMax);
  return text === undefined ? undefined : JSON.parse(text);
}

/** The whole list at once, where it comes in pages. */
export function modelsUrl(provider: Omit<ProviderConfig, "models">): URL {
  const { type } = provider;
  const url = addressOf(provider, (path) => {
    if (type === "anthropic") return `${versioned(path.replace(/\/messages$/, ""), "v1")}/models`;
    return type === "google" ? `${versioned(path, "v1beta")}/models` : `${path}/models`;
  });
  if (type === "anthropic") url.searchParams.set("limit", "1000");
  if (type === "google") url.searchParams.set("pageSize", "1000");
  return url;
}

export function keyHeaders({ type, apiKey }: Omit<ProviderConfig, "models">): Record<string, string> {
  if (type === "anthropic") return { "anthropic-version": anthropicVersion, ...(apiKey ? { "x-api-key": apiKey } : {}) };
  if (!apiKey) return {};
  return type === "google" ? { "x-goog-api-key": apiKey } : { authorization: `Bearer ${apiKey}` };
}

/** Google names its models by a path. */
const idOf = (entry: Listed | null): unknown =>
  entry?.id ?? (typeof entry?.name === "string" ? entry.name.replace(/^models\//, "") : undefined);

function toModel(provider: Omit<ProviderConfig, "models">, entry: Listed): ModelInfo {
  const first = (...values: unknown[]) => values.find((n): n is number => typeof n === "number" && n > 0);
  const { context_length, context_window, max_model_len, max_context_length, max_input_tokens, inputTokenLimit, meta } = entry;
  const size = first(
    context_length,
    context_window,
    max_model_len,
    max_context_length,
    max_input_tokens,
    inputTokenLimit,
    meta?.n_ctx_train,
  );
  const output = first(entry.outputTokenLimit, ...(provider.type === "anthropic" ? [entry.max_tokens] : []));
  const id = String(idOf(entry));
  const name = [entry.display_name, entry.displayName].find((one) => typeof one === "string");
  return {
    provider: provider.id,
    model: id,
    name: (name as string | undefined) ?? id,
    providerName: provider.name,
    ...unknownModel,
    ...(size === undefined ? {} : { contextWindow: size }),
    ...gatewayFields(entry),
    // OpenAI's shape has a max_tokens of another meaning in some dialects.
    ...(output === undefined ? {} : { maxTokens: output }),
  };
}

/**
 * Looks for model servers on this machine; those that list no chat model are left out. Takes at most `localTimeoutMs`.
 * A web server that happens to listen on such a port does not answer with a model list.
 */
export async function findLocalServers(
  ports: Partial<Record<(typeof localServers)[number]["id"], number>> = {},
): Promise<ProviderConfig[]> {
  const found = await Promise.all(
    localServers.map(async (server): Promise<ProviderConfig> => {
      const provider = {
        id: server.id,
        name: server.name,
        type: server.type,
        baseUrl: `http://127.0.0.1:${ports[server.id] ?? server.port}/v1`,
        extraHeaders: {},
        extraBody: {},
        providerOptions: {},
        flatRate: true,
      };
      const models = await askModels(provider, localTimeoutMs);
      return { ...provider, models: models.filter((m) => !/embed/i.test(m.model)) };
    }),
  );
  return found.filter((provider) => provider.models.length > 0);
}
