// Address and headers of a request.
import { createHash } from "node:crypto";
import type { ProviderConfig } from "../../contracts/config.ts";

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

/** `own` and what is common to all; configured headers win, whatever their case. */
export function headersOf(provider: ProviderConfig, session: string, own: Record<string, string>): Record<string, string> {
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

/** The path of an API with its version: a base_url may have it or leave it out. */
export function versioned(pathname: string, version: string): string {
  return /\/v\d+(?:alpha|beta)?\d*$/.test(pathname) ? pathname : `${pathname}/${version}`;
}
