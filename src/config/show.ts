import { isObject, type Json, type JsonObject } from "./merge.ts";

/** Keys whose value is a secret, wherever they stand. */
const secretKeys = /^(api_key|access_token|refresh_token|oauth_client_secret|oauth_token|client_secret|password|secret|token)$/i;
/** Objects whose values may be secrets, each of them. */
const secretMaps = /^(env|headers|extra_headers)$/;
const hidden = "(secret)";

/** A configuration for reading: secrets are replaced; `$NAME` and `$(command)` say where one comes from and stay. */
export function withoutSecrets(config: JsonObject): JsonObject {
  return objectWithout(config, false);
}

function objectWithout(value: JsonObject, all: boolean): JsonObject {
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, without(key, item, all)]));
}

function without(key: string, value: Json, all: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => without(key, item, all));
  if (isObject(value)) return objectWithout(value, all || secretMaps.test(key) || secretKeys.test(key));
  if (typeof value !== "string" || value === "") return value;
  if (all || secretKeys.test(key)) return isReference(value) ? value : hidden;
  // A password inside of an address, and what arguments of servers often carry.
  return value
    .replace(/(\w+:\/\/[^\s/:@]*:)[^\s/@]+@/g, `$1${hidden}@`)
    .replace(/\b(sk-|ghp_|gho_|github_pat_|xox[a-z]-|AKIA|AIza)[\w-]{8,}/g, hidden)
    .replace(/((?:token|key|secret|password)=)(?!\$)[^\s&]+/gi, `$1${hidden}`);
}

/** Wholly a variable or a command; a default (`${KEY:-sk-...}`) would be the secret itself. */
const isReference = (value: string): boolean => /^(?:[A-Za-z]+ )?(?:\$\w+|\$\{\w+\}|\$\([^)]*\))$/.test(value);
