// `reasoning_details` of OpenRouter and Vercel: the reasoning in pieces of {type, index, text | summary | data, signature, ...}.
import { inside, type Json } from "../shared/json.ts";

/** Keys whose pieces are joined; of the others the last value counts. */
const joined = ["text", "summary"] as const;

/** Adds the pieces of one delta. Pieces of one type and index that follow one another are one. */
export function addDetails(details: Json[], value: unknown): void {
  if (!Array.isArray(value)) return;
  for (const piece of value.map(inside)) {
    const last = details.at(-1);
    if (
      last === undefined ||
      piece.data !== undefined ||
      last.data !== undefined ||
      last.type !== piece.type ||
      last.index !== piece.index
    ) {
      details.push({ ...piece });
      continue;
    }
    for (const [key, one] of Object.entries(piece)) {
      if (one === null) continue;
      const before = last[key];
      const isJoined = (joined as readonly string[]).includes(key) && typeof before === "string" && typeof one === "string";
      last[key] = isJoined ? before + one : one;
    }
  }
}

/** Is there anything that the text of the reasoning does not say? */
export function isNeeded(details: readonly Json[]): boolean {
  return details.some(({ signature, data }) => typeof signature === "string" || typeof data === "string");
}
