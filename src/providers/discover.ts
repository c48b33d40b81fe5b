import type { ProviderConfig } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";

/** A server on this machine answers in milliseconds or is not there. */
const localTimeoutMs = 400;
const remoteTimeoutMs = 3_000;
/** OpenRouter's list, the longest known, is about 700 KB. */
const listBytesMax = 4 << 20;
const modelsMax = 2_000;
const contextWindowDefault = 128_000;
const maxTokensDefault = 8_192;

/** Model servers that people run on their own machine, by their usual addresses. */
const localServers = [
  { id: "ollama", name: "Ollama", type: "ollama", port: 11434 },
  { id: "lmstudio", name: "LM Studio", type: "lmstudio", port: 1234 },
  { id: "llamacpp", name: "llama.cpp", type: "llamacpp", port: 8080 },
] as const;

type Listed = {
  id?: unknown;
  context_length?: unknown;
  context_window?: unknown;
  max_model_len?: unknown;
  max_context_length?: unknown;
  meta?: { n_ctx_train?: unknown };
};

/**
 * Asks a provider for its models (`GET <base>/models`).
 * @returns an empty list when it does not answer, or not with a list: the person can still name a model
 */
export async function askModels(provider: Omit<ProviderConfig, "models">, timeoutMs = remoteTimeoutMs): Promise<ModelInfo[]> {
  try {
    const answer = await fetch(`${provider.baseUrl}/models`, {
      headers: {
        accept: "application/json",
        ...(provider.apiKey ? { authorization: `Bearer ${provider.apiKey}` } : {}),
        ...provider.extraHeaders,
      },
      signal: AbortSignal.timeout(timeoutMs),
      redirect: "error",
    });
    if (!answer.ok || !answer.body) return [];
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for await (const chunk of answer.body) {
      bytes += chunk.length;
      if (bytes > listBytesMax) return [];
      chunks.push(chunk);
    }
    const value = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { data?: unknown };
    if (!Array.isArray(value?.data)) return [];
    return (value.data as Listed[])
      .filter((entry) => typeof entry?.id === "string")
      .slice(0, modelsMax)
      .map((entry) => toModel(provider, entry));
  } catch {
    return [];
  }
}

function toModel(provider: Omit<ProviderConfig, "models">, entry: Listed): ModelInfo {
  const size = [entry.context_length, entry.context_window, entry.max_model_len, entry.max_context_length, entry.meta?.n_ctx_train].find(
    (n) => typeof n === "number" && n > 0,
  );
  return {
    provider: provider.id,
    model: String(entry.id),
    name: String(entry.id),
    providerName: provider.name,
    contextWindow: (size as number | undefined) ?? contextWindowDefault,
    maxTokens: maxTokensDefault,
    canReason: false,
    supportsImages: false,
    price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
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
