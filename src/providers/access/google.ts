// Access tokens for Google Cloud, from what gcloud and service accounts leave behind (Application Default Credentials): a JWT signed
// with the account's key (RFC 7523), or a refresh token, exchanged at Google's token endpoint.
import { createSign } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { ProviderConfig } from "../../contracts/config.ts";
import { bareKey, isThisMachine } from "../shared/endpoint.ts";
import { inside, type Json, textOf } from "../shared/json.ts";
import { AccessError } from "./fault.ts";

const scope = "https://www.googleapis.com/auth/cloud-platform";
const defaultTokenUri = "https://oauth2.googleapis.com/token";
/** The longest that Google accepts. */
const assertionSeconds = 3_600;
/** A token is asked for anew this long before it expires. */
const aheadMs = 5 * 60_000;
const timeoutMs = 15_000;

type Token = { token: string; expiresAt: number };
const known = new Map<string, Promise<Token>>();

/** @throws AccessError */
async function googleToken(provider: Pick<ProviderConfig, "access">): Promise<string> {
  const file = credentialsFile(provider.access ?? {});
  const kept = await known.get(file)?.catch(() => undefined);
  if (kept && kept.expiresAt - aheadMs > Date.now()) return kept.token;
  const asking = exchange(file);
  known.set(file, asking);
  asking.catch(() => known.delete(file));
  return (await asking).token;
}

/**
 * Headers that sign a request in: a configured key is an access token, or one of Google's API keys (AIza...).
 * @throws AccessError
 */
export async function googleHeaders(provider: Pick<ProviderConfig, "access" | "apiKey">): Promise<Record<string, string>> {
  const key = bareKey(provider) || (await googleToken(provider));
  return key.startsWith("AIza") ? { "x-goog-api-key": key } : { authorization: `Bearer ${key}` };
}

/** It was refused: the next request asks for another one. */
export function forgetGoogleToken(provider: Pick<ProviderConfig, "access">): void {
  known.delete(credentialsFile(provider.access ?? {}));
}

function credentialsFile(env: Record<string, string>): string {
  if (env.GOOGLE_APPLICATION_CREDENTIALS) return env.GOOGLE_APPLICATION_CREDENTIALS;
  const directory =
    env.CLOUDSDK_CONFIG || (env.APPDATA ? path.join(env.APPDATA, "gcloud") : path.join(env.HOME ?? "", ".config", "gcloud"));
  return path.join(directory, "application_default_credentials.json");
}

async function exchange(file: string): Promise<Token> {
  const login = "run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS to a service account's key file";
  let account: Json;
  try {
    account = inside(JSON.parse(await readFile(file, "utf8")));
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code === "ENOENT" ? "there are no Google credentials" : `${file} could not be read`;
    throw new AccessError(`${why}: ${login}`, false, error);
  }
  switch (account.type) {
    case "service_account":
      return ask(tokenUri(account, file), {
        grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
        assertion: assertion(account, file),
      });
    case "authorized_user":
      return ask(tokenUri(account, file), {
        grant_type: "refresh_token",
        client_id: textOf(account.client_id),
        client_secret: textOf(account.client_secret),
        refresh_token: textOf(account.refresh_token),
      });
    default:
      throw new AccessError(`credentials of type ${JSON.stringify(account.type)} in ${file} are not supported: ${login}`);
  }
}

/** Secrets are sent there: https, or this machine (an emulator). */
function tokenUri(account: Json, file: string): URL {
  try {
    const url = new URL(textOf(account.token_uri) || defaultTokenUri);
    if (url.protocol === "https:" || isThisMachine(url)) return url;
  } catch {
    // Said below.
  }
  throw new AccessError(`token_uri in ${file} is not an https address`);
}

function assertion(account: Json, file: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const part = (value: Json): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const head = part({ alg: "RS256", typ: "JWT", ...(typeof account.private_key_id === "string" ? { kid: account.private_key_id } : {}) });
  const claims = part({
    iss: account.client_email,
    scope,
    aud: textOf(account.token_uri) || defaultTokenUri,
    iat: now,
    exp: now + assertionSeconds,
  });
  try {
    const signature = createSign("RSA-SHA256").update(`${head}.${claims}`).sign(textOf(account.private_key), "base64url");
    return `${head}.${claims}.${signature}`;
  } catch (error) {
    throw new AccessError(`private_key in ${file} is no key`, false, error);
  }
}

async function ask(url: URL, fields: Record<string, string>): Promise<Token> {
  let answer: Response;
  let body: Json;
  try {
    answer = await fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      redirect: "error",
      signal: AbortSignal.timeout(timeoutMs),
    });
    body = inside(await answer.json().catch(() => ({})));
  } catch (error) {
    throw new AccessError(`${url.host} did not answer`, true, error);
  }
  const token = textOf(body.access_token);
  if (!answer.ok || token === "") {
    const why = textOf(body.error_description) || textOf(body.error) || `HTTP ${answer.status}`;
    throw new AccessError(
      `Google gave no access token (${why}): log in again with \`gcloud auth application-default login\``,
      answer.status >= 500,
    );
  }
  const seconds = typeof body.expires_in === "number" ? body.expires_in : assertionSeconds;
  return { token, expiresAt: Date.now() + seconds * 1_000 };
}
