import type { ProviderConfig } from "../contracts/config.ts";
import { AccessError } from "./access/fault.ts";
import { googleHeaders } from "./access/google.ts";
import { regionOf } from "./bedrock/index.ts";
import { keyHeaders, modelsUrl } from "./discover.ts";
import { addressOf, bareKey, openAiEndpoint } from "./shared/endpoint.ts";
import { httpFault } from "./shared/faults.ts";

/** Somebody looks at the screen meanwhile. */
const checkTimeoutMs = 8_000;
const errorBytesMax = 16 << 10;

/**
 * ok: the provider took the key. unsure: it answers, and cannot be asked without a completion. bad_key: it refused. unreachable: nobody
 * answered. `message` is for a person and holds no key.
 */
export type KeyCheck = { verdict: "ok" } | { verdict: "unsure" | "bad_key" | "unreachable"; message: string };

/** Asks the provider, once, for something that costs nothing and needs the key. */
export async function checkKey(provider: ProviderConfig): Promise<KeyCheck> {
  if (openLists.has(provider.id))
    return { verdict: "unsure", message: `${provider.name} tells its models to anybody: the first answer will show` };
  let url: URL;
  let headers: Record<string, string>;
  try {
    ({ url, headers } = await question(provider));
  } catch (error) {
    return { verdict: error instanceof AccessError && !error.retryable ? "bad_key" : "unreachable", message: (error as Error).message };
  }
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: { accept: "application/json", ...headers, ...provider.extraHeaders },
      signal: AbortSignal.timeout(checkTimeoutMs),
      // A key goes to nobody but the address that it was entered for.
      redirect: "error",
    });
  } catch (error) {
    const cause = ((error as Error).cause as { code?: string } | undefined)?.code ?? (error as Error).name;
    const why = cause === "TimeoutError" ? `no answer within ${checkTimeoutMs / 1_000} s` : cause;
    return { verdict: "unreachable", message: `${provider.name} does not answer at ${url.origin}: ${why}` };
  }
  if (answer.ok) {
    await answer.body?.cancel();
    return { verdict: "ok" };
  }
  const { kind, message } = httpFault(answer.status, {}, await beginning(answer), provider);
  // Google says "invalid argument" of a key that it does not know.
  if (kind === "bad_key" || answer.status === 401 || answer.status === 403) return { verdict: "bad_key", message };
  return { verdict: "unsure", message };
}

/** Their list of models needs no key, and nothing that is free does. */
const openLists = new Set(["aihubmix", "atlascloud", "chutes", "cortecs", "huggingface", "opencode-go", "opencode-zen"]);
/** Others list their models to everybody, too, and have an address that only tells about the key. */
const keyPaths: Partial<Record<string, string>> = { openrouter: "/key", vercel: "/credits", venice: "/api_keys/rate_limits" };

/** What to ask, and with which headers. @throws AccessError, TypeError */
async function question(provider: ProviderConfig): Promise<{ url: URL; headers: Record<string, string> }> {
  switch (provider.type) {
    case "azure": {
      const { url, headers } = openAiEndpoint(provider, "check", "/models");
      return { url: new URL(url), headers };
    }
    case "bedrock":
      return bedrockQuestion(provider);
    case "google-vertex": {
      const key = await googleHeaders(provider);
      const url = addressOf(provider, (path) => `${path.replace(/\/v1.*$/, "")}/v1beta1/publishers/google/models`);
      url.searchParams.set("pageSize", "1");
      const project = provider.access?.VERTEXAI_PROJECT;
      return { url, headers: { ...key, ...(project ? { "x-goog-user-project": project } : {}) } };
    }
    default: {
      const url = modelsUrl(provider);
      const own = keyPaths[provider.type] ?? keyPaths[provider.id];
      if (own !== undefined) url.pathname = url.pathname.replace(/\/models$/, own);
      return { url, headers: keyHeaders(provider) };
    }
  }
}

/** Models are listed by another host than the one that answers. */
async function bedrockQuestion(provider: ProviderConfig): Promise<{ url: URL; headers: Record<string, string> }> {
  const url = addressOf(provider, (path) => `${path}/foundation-models`);
  url.hostname = url.hostname.replace(/^bedrock-runtime/, "bedrock");
  url.searchParams.set("byProvider", "anthropic");
  const key = bareKey(provider);
  if (key) return { url, headers: { authorization: `Bearer ${key}` } };
  const [{ awsCredentials }, { signed }] = await Promise.all([import("./access/aws.ts"), import("./access/sign.ts")]);
  const credentials = await awsCredentials(provider);
  return { url, headers: await signed(credentials, regionOf(provider), { method: "GET", url: url.href, headers: {} }) };
}

async function beginning({ body }: Response): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const piece of body ?? []) {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > errorBytesMax) break;
    }
  } catch {
    // What came is enough.
  }
  return Buffer.concat(pieces).toString("utf8");
}
