export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export const isObject = (value: unknown): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** Later wins; objects are merged key by key, arrays are joined (as Crush does), anything else is replaced. */
export function merge(low: JsonObject, high: JsonObject): JsonObject {
  const out: JsonObject = Object.assign(Object.create(null), low);
  for (const [key, value] of Object.entries(high)) {
    if (key === "__proto__") continue;
    const before = out[key];
    if (isObject(before) && isObject(value)) out[key] = merge(before, value);
    else if (Array.isArray(before) && Array.isArray(value)) out[key] = [...before, ...value];
    else out[key] = value;
  }
  return out;
}
