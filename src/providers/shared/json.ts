export type Json = Record<string, unknown>;

export const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
/** The object, or an empty one. */
export const inside = (value: unknown): Json => (isObject(value) ? value : {});
/** A number of tokens; anything else counts nothing. */
export const count = (value: unknown): number => (typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.round(value) : 0);
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

/** Sets what is neither absent nor null. */
export function put(body: Json, key: string, value: unknown): void {
  if (value !== undefined && value !== null) body[key] = value;
}

/** Adds what a configuration wants in the body, but for the keys that answers are read by. */
export function merge(body: Json, extra: unknown, fixed: ReadonlySet<string>): void {
  for (const [key, value] of Object.entries(inside(extra))) if (!fixed.has(key)) body[key] = value;
}

/** A body of two halves has a key once: what a configuration sets of the front stands there. */
export function keysOnce(front: Json, back: Json): { front: Json; back: Json } {
  for (const key of Object.keys(front)) {
    if (back[key] !== undefined) front[key] = back[key];
    delete back[key];
  }
  return { front, back };
}

/** The text as it is, if it is JSON. */
export function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Arguments of a call as an object: wires that take one refuse everything else. */
export function argumentsObject(text: string): Json {
  try {
    return inside(JSON.parse(text));
  } catch {
    return {};
  }
}
