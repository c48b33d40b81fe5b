// Takes secrets out of what is logged: by the name of the field, by the shape of the value, and by values that are known to be secret.

/** Names whose value is never logged, whatever it looks like. Counts such as `tokens` or `contextTokens` are numbers and stay. */
const secretName =
  /(^|[-_.]|[a-z](?=[A-Z]))(api[-_]?key|authorization|cookie|credential|password|passwd|secret|token|bearer|private[-_]?key)s?$/i;
/** Shapes of keys: provider keys, bearer headers, JSON web tokens, GitHub, Slack, AWS, Google, credentials in addresses. */
export const keyShapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{8,}/g,
  /\b(?:Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/gi,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g,
  /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abeoprs]-)[A-Za-z0-9_-]{8,}/g,
  /\bAKIA[0-9A-Z]{16}\b/g,
  /\bAIza[0-9A-Za-z_-]{30,}/g,
  /(?<=:\/\/[^/\s:@]{0,64}:)[^/\s:@]{1,256}(?=@)/g,
];
/** What is given to a name that speaks of a secret: in a log anything may be one. */
const secretShapes: readonly RegExp[] = [...keyShapes, /(?<=(?:api[-_]?key|token|password|secret)["']?\s*[=:]\s*["']?)[^\s"'&,;]{6,}/gi];
export const redacted = "[redacted]";
/** A logged text is cut here: a log tells what happened, it does not keep what users wrote. */
export const logTextCharsMax = 2_000;
const depthMax = 4;
const itemsMax = 50;
/** Shorter ones would blank out ordinary words. */
const knownSecretCharsMin = 8;

export interface Redactor {
  /** A value that must never appear, e.g. a provider's key or the server's token. */
  addSecret(value: string): void;
  text(text: string): string;
  /** A copy that can be logged: bounded in depth, length and items. */
  value(value: unknown, name?: string): unknown;
}

export function createRedactor(): Redactor {
  const known = new Set<string>();

  const text = (input: string): string => {
    let out = input.length > logTextCharsMax * 2 ? input.slice(0, logTextCharsMax * 2) : input;
    for (const secret of known) if (out.includes(secret)) out = out.replaceAll(secret, redacted);
    for (const shape of secretShapes) out = out.replace(shape, redacted);
    return out.length > logTextCharsMax ? `${out.slice(0, logTextCharsMax)}… (${input.length} characters)` : out;
  };

  const error = (value: Error, depth: number): Record<string, unknown> => {
    const { code, cause } = value as { code?: unknown; cause?: unknown };
    return {
      name: value.name,
      message: text(value.message),
      ...(code === undefined ? {} : { code: copy(code, "code", depth + 1) }),
      ...(value.stack === undefined ? {} : { stack: text(value.stack) }),
      ...(cause === undefined ? {} : { cause: copy(cause, "cause", depth + 1) }),
    };
  };

  const copy = (value: unknown, name: string, depth: number): unknown => {
    if (typeof value !== "number" && value !== undefined && value !== null && typeof value !== "boolean" && secretName.test(name))
      return redacted;
    if (typeof value === "string") return text(value);
    if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return text(String(value));
    if (typeof value !== "object" || value === null) return value;
    if (depth >= depthMax) return "…";
    if (value instanceof Error) return error(value, depth);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `${value.byteLength} bytes`;
    if (Array.isArray(value)) {
      const items = value.slice(0, itemsMax).map((item) => copy(item, name, depth + 1));
      return value.length > itemsMax ? [...items, `… ${value.length - itemsMax} more`] : items;
    }
    const entries = value instanceof Map ? [...value].map(([key, item]) => [String(key), item] as const) : Object.entries(value);
    return Object.fromEntries(entries.slice(0, itemsMax).map(([key, item]) => [text(key), copy(item, key, depth + 1)]));
  };

  return {
    addSecret(value) {
      if (value.length >= knownSecretCharsMin) known.add(value);
    },
    text,
    value: (value, name = "") => copy(value, name, 0),
  };
}
