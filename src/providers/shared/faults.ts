// What went wrong at the provider: HTTP answers and errors inside a stream -> ProviderFault. By code first, then by status, and
// by the words only where providers give nothing else.
import type { ProviderConfig } from "../../contracts/config.ts";
import type { ProviderFault, ProviderFaultKind } from "../../contracts/wire-format.ts";
import { isObject } from "./json.ts";

type Headers = Record<string, string | string[] | undefined>;
/** What is known of an error, whatever shape it came in. */
type Details = { message: string; code: string; type: string; status: number | undefined; retryAfterMs?: number };

/** A provider's own words are shown up to here: some answer with a page. */
const messageCharsMax = 400;

const contextWords =
  /context[_ ](?:length|window|size)|maximum context|prompt is too long|input is too long|too many (?:input )?tokens|(?:exceeds?|over) the (?:maximum|limit|available context)[^.]*token|request too large|reduce the length/i;
const quotaWords =
  /insufficient[_ ](?:quota|balance|credits?|funds)|billing|credit balance|out of credits|payment required|exceeded your current quota/i;
const overloadWords = /overloaded|over capacity|at capacity|worker[^.]*limit reached|too busy/i;
const refusedWords = /content[_ ](?:filter|policy)|responsibleai|safety system/i;

const retryable: Record<ProviderFaultKind, boolean> = {
  rate_limit: true,
  overloaded: true,
  server: true,
  network: true,
  timeout: true,
  protocol: true,
  quota: false,
  context_too_long: false,
  bad_key: false,
  bad_request: false,
  refused: false,
  not_found: false,
};

const advice: Record<ProviderFaultKind, string> = {
  rate_limit: "too many requests: wait, or use another model",
  overloaded: "the provider is overloaded: try again, or use another model",
  quota: "the account has no quota left: check plan and billing",
  context_too_long: "the conversation is too long for this model: shorten it, or use a model with a larger context window",
  bad_key: "the API key was not accepted: check api_key of this provider",
  bad_request: "the request was not accepted",
  refused: "the provider refused to answer this",
  not_found: "no such model or address: check the model's id and base_url",
  server: "the provider failed: try again",
  network: "the connection broke: try again",
  timeout: "the provider took too long: try again",
  protocol: "the answer could not be understood: check base_url",
};

/** Where no key is configured, and the account of a cloud signs. */
const signedAdvice = "the credentials were not accepted: log in again, and check that the account may use this model";

/** An HTTP error answer. */
export function httpFault(status: number, headers: Headers, body: string, provider: ProviderConfig): ProviderFault {
  const details = readBody(body);
  // Amazon names its errors there.
  const named = header(headers, "x-amzn-errortype")?.split(":")[0] ?? "";
  const kind = classify({ ...details, type: `${details.type} ${named}`.trim(), status });
  const who = `${provider.name} (HTTP ${status})`;
  const isSigned = kind === "bad_key" && provider.access !== undefined && !provider.apiKey;
  const fault = makeFault(kind, who, details.message, provider.apiKey, isSigned ? signedAdvice : undefined);
  fault.status = status;
  const should = header(headers, "x-should-retry");
  if (should === "true" || should === "false") fault.retryable = should === "true";
  const after = retryAfter(headers, details.message) ?? details.retryAfterMs;
  if (after !== undefined) fault.retryAfterMs = after;
  return fault;
}

/** An error inside a stream that began well: whatever stands under "error", or the data of an event named so. */
export function streamFault(error: unknown): ProviderFault {
  const details = readError(error);
  const fault = makeFault(
    classify(details),
    details.status ? `The provider (${details.status}, in the stream)` : "The provider (in the stream)",
    details.message,
  );
  if (details.status !== undefined) fault.status = details.status;
  const after = retryAfter({}, details.message) ?? details.retryAfterMs;
  if (after !== undefined) fault.retryAfterMs = after;
  return fault;
}

export function makeFault(kind: ProviderFaultKind, who: string, said: string, key?: string, what = advice[kind]): ProviderFault {
  const words = redact(said, key);
  return { kind, message: `${who}: ${what}${words ? ` (it said: ${words})` : ""}`, retryable: retryable[kind] };
}

/** Keys are shown to nobody, also when a server repeats them; control characters neither. */
function redact(text: string, key: string | undefined): string {
  let clean = text.replace(/[\s\p{Cc}]+/gu, " ").trim();
  if (key && key.length >= 4) clean = clean.replaceAll(key, "[key]");
  clean = clean.replace(/\b(?:sk|pk|gsk|xai|key|Bearer)[-_ ][\w*.-]{8,}/g, "[key]");
  return clean.length > messageCharsMax ? `${clean.slice(0, messageCharsMax)}…` : clean;
}

function readBody(body: string): Details {
  try {
    return readError(JSON.parse(body));
  } catch {
    // A proxy's page: its title says as much as there is.
    const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1];
    return { message: title ?? (body.trimStart().startsWith("<") ? "" : body), code: "", type: "", status: undefined };
  }
}

function readError(error: unknown): Details {
  let at = error;
  if (Array.isArray(at)) at = at[0];
  if (isObject(at) && at.error !== undefined && at.error !== null && at.message === undefined) at = at.error;
  if (!isObject(at)) return { message: typeof at === "string" ? at : "", code: "", type: "", status: undefined };
  const metadata = isObject(at.metadata) ? at.metadata : {};
  const raw = metadata.raw;
  const words = [at.message, at.detail, at.error, at.msg].find((word) => typeof word === "string" && word !== "") ?? "";
  const numbers = [at.code, at.status, at.status_code, at.http_code].map(Number);
  const google = googleDetails(at.details);
  return {
    // OpenRouter puts the words of the provider behind it there.
    message: typeof raw === "string" && raw !== "" ? `${words as string}: ${raw}` : (words as string),
    code: `${text(at.code)} ${google.reasons}`.trim(),
    type: text(at.type) || text(at.status),
    status: numbers.find((n) => n >= 400 && n <= 599),
    ...(google.retryAfterMs === undefined ? {} : { retryAfterMs: google.retryAfterMs }),
  };
}

/** Google's error details: why (API_KEY_INVALID), which quota, and when to come again ("34.07s"). */
function googleDetails(details: unknown): { reasons: string; retryAfterMs?: number } {
  const reasons: string[] = [];
  let retryAfterMs: number | undefined;
  for (const one of Array.isArray(details) ? details.filter(isObject) : []) {
    if (typeof one.reason === "string") reasons.push(one.reason);
    for (const violation of Array.isArray(one.violations) ? one.violations.filter(isObject) : []) reasons.push(text(violation.quotaId));
    const seconds = typeof one.retryDelay === "string" ? Number.parseFloat(one.retryDelay) : Number.NaN;
    if (seconds >= 0) retryAfterMs = Math.round(seconds * 1000);
  }
  return { reasons: reasons.join(" "), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

function classify({ message, code, type, status }: Details): ProviderFaultKind {
  const names = `${code} ${type}`.toLowerCase();
  if (/context_length_exceeded|string_above_max_length|request_too_large/.test(names)) return "context_too_long";
  if (/insufficient_quota|billing|insufficient_balance|payment|perday/.test(names)) return "quota";
  if (/content_filter|content_policy/.test(names)) return "refused";
  if (/invalid_api_key|api_key_invalid|authentication|permission_(?:error|denied)|unauthorized|unauthenticated/.test(names))
    return "bad_key";
  if (/model_not_found|not_found_error/.test(names)) return "not_found";
  if (/overloaded|unavailable/.test(names)) return "overloaded";
  if (/timeout_error|deadline_exceeded/.test(names)) return "timeout";
  const tooLong = contextWords.test(message);
  if (/rate_limit|too_many_requests|resource_exhausted|throttling/.test(names))
    return tooLong && /too large/i.test(message) ? "context_too_long" : "rate_limit";
  switch (status) {
    case undefined:
      break;
    case 401:
    case 403:
      return refusedWords.test(message) ? "refused" : "bad_key";
    case 402:
      return "quota";
    case 404:
    case 405:
      return "not_found";
    case 408:
    case 504:
      return "timeout";
    case 413:
      return "context_too_long";
    case 425:
    case 429:
      return quotaWords.test(message) ? "quota" : tooLong ? "context_too_long" : "rate_limit";
    case 529:
      return "overloaded";
    case 409:
      return "server";
    default:
      if (status >= 500) return tooLong ? "context_too_long" : status === 503 || overloadWords.test(message) ? "overloaded" : "server";
      if (status < 400) return "not_found";
      return tooLong ? "context_too_long" : quotaWords.test(message) ? "quota" : refusedWords.test(message) ? "refused" : "bad_request";
  }
  if (tooLong) return "context_too_long";
  if (quotaWords.test(message)) return "quota";
  if (overloadWords.test(message)) return "overloaded";
  if (/rate limit/i.test(message)) return "rate_limit";
  return /invalid_request|bad_request|invalid_argument|invalid_prompt/.test(names) ? "bad_request" : "server";
}

/** How long the provider asks to wait: retry-after-ms, retry-after in seconds or as a date, or in its words. */
function retryAfter(headers: Headers, message: string): number | undefined {
  const ms = Number(header(headers, "retry-after-ms") ?? Number.NaN);
  if (Number.isFinite(ms) && ms >= 0) return Math.round(ms);
  const after = header(headers, "retry-after");
  if (after !== undefined && after.trim() !== "") {
    const seconds = Number(after);
    if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
    const at = Date.parse(after);
    const now = Date.parse(header(headers, "date") ?? "");
    if (Number.isFinite(at)) return Math.max(0, at - (Number.isFinite(now) ? now : Date.now()));
  }
  const words = /(?:try again|retry) (?:in|after) (?:(\d+)m(?:in(?:utes?)?)? ?)?(?:([\d.]+) ?(ms|s(?:ec(?:onds?)?)?)\b)?/i.exec(message);
  if (!words || (words[1] === undefined && words[2] === undefined)) return undefined;
  const rest = Number(words[2] ?? 0);
  return Math.round(Number(words[1] ?? 0) * 60_000 + (words[3]?.toLowerCase() === "ms" ? rest : rest * 1000));
}

function header(headers: Headers, name: string): string | undefined {
  for (const [key, value] of Object.entries(headers)) {
    if (key.toLowerCase() === name) return Array.isArray(value) ? value[0] : value;
  }
  return undefined;
}

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
