// Address and headers of a request.
import { createHash } from "node:crypto";
import type { ProviderConfig } from "../../contracts/config.ts";
import type { Endpoint } from "../../contracts/wire-format.ts";

/**
 * base_url with another path: `change` gets its own, without a slash at the end ("" for none).
 * @throws TypeError when base_url is no address
 */
export function addressOf({ id, baseUrl: address }: Pick<ProviderConfig, "id" | "baseUrl">, change: (path: string) => string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new TypeError(`base_url of provider ${id} is no address: ${JSON.stringify(address)}`);
  }
  url.pathname = change(url.pathname.replace(/\/+$/, ""));
  return url;
}

/** This machine: secrets may go there without TLS. */
export const isThisMachine = ({ hostname }: URL): boolean => /^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname);

/** `own` and what is common to all; configured headers win, whatever their case. */
export function headersOf(
  provider: Pick<ProviderConfig, "extraHeaders">,
  session: string,
  own: Record<string, string>,
): Record<string, string> {
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "text/event-stream",
    "user-agent": "crush-node",
    ...own,
    // Providers with many machines send a session to where its prompt is cached.
    "x-session-id": session,
    "x-session-affinity": createHash("sha256").update(session).digest("hex").slice(0, 16),
  };
  for (const [name, value] of Object.entries(provider.extraHeaders)) headers[name.toLowerCase()] = value;
  return headers;
}

/** The configured key alone: some people paste it with the "Bearer " of a header. */
export const bareKey = ({ apiKey }: Pick<ProviderConfig, "apiKey">): string | undefined => apiKey?.trim().replace(/^Bearer /, "");

/** Azure's own hosts: what stands behind is the path of the API with versions, unless a deployment is named. */
const azureHost = /\.(?:openai|cognitiveservices|services\.ai)\.azure\.com$/;
/** Addresses with a deployment need one. */
const azureVersion = "2025-01-01-preview";

/**
 * Address and headers of OpenAI's APIs, at OpenAI, Azure and whoever is compatible.
 * @param method  the end of the path: "/responses", "/chat/completions", "/models"
 * @throws TypeError when base_url is no address
 */
export function openAiEndpoint(provider: Omit<ProviderConfig, "models">, session: string, method: string): Endpoint {
  const isAzure = provider.type === "azure";
  const url = addressOf(provider, (path) => (path.endsWith(method) ? path : `${path}${method}`));
  if (isAzure && azureHost.test(url.hostname) && !url.pathname.startsWith("/openai/")) url.pathname = `/openai/v1${method}`;
  const version = provider.access?.AZURE_OPENAI_API_VERSION ?? provider.providerOptions.api_version ?? provider.providerOptions.apiVersion;
  if (isAzure && url.pathname.includes("/deployments/")) {
    if (!url.searchParams.has("api-version")) url.searchParams.set("api-version", typeof version === "string" ? version : azureVersion);
  } else if (isAzure && typeof version === "string" && !url.searchParams.has("api-version")) url.searchParams.set("api-version", version);
  const key = provider.apiKey?.trim();
  const own: Record<string, string> = {};
  if (key && isAzure && !key.startsWith("Bearer ")) own["api-key"] = key;
  else if (key) own.authorization = key.startsWith("Bearer ") ? key : `Bearer ${key}`;
  return { url: url.href, headers: headersOf(provider, session, own) };
}

/** The path of an API with its version: a base_url may have it or leave it out. */
export function versioned(pathname: string, version: string): string {
  return /\/v\d+(?:alpha|beta)?\d*$/.test(pathname) ? pathname : `${pathname}/${version}`;
}
