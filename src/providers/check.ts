import type { ProviderConfig } from "../contracts/config.ts";
import { keyHeaders, modelsUrl } from "./discover.ts";
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
  let url: URL;
  try {
    url = keyUrl(provider);
  } catch (error) {
    return { verdict: "unreachable", message: (error as Error).message };
  }
  let answer: Response;
  try {
    answer = await fetch(url, {
      headers: { accept: "application/json", ...keyHeaders(provider), ...provider.extraHeaders },
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

/** OpenRouter lists its models to everybody, and has an address that only tells about the key. */
function keyUrl(provider: ProviderConfig): URL {
  const url = modelsUrl(provider);
  if (provider.type === "openrouter") url.pathname = url.pathname.replace(/\/models$/, "/key");
  return url;
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
