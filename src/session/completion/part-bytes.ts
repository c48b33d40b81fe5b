// What a part takes in memory, and what of it is kept for prompts.
import type { Part } from "../../protocol/index.ts";

/** Objects, ids and numbers of a message or part beside its texts. */
export const overheadBytes = 400;
const beyondLatin1 = /[^\u0000-\u00ff]/;
/** V8 takes two bytes a unit for texts with anything beyond Latin-1; for others the search is none. */
const textBytes = (text: string | undefined): number => (text === undefined ? 0 : text.length * (beyondLatin1.test(text) ? 2 : 1));

export function bytesOf(part: Part): number {
  switch (part.kind) {
    case "tool_call":
      return overheadBytes + textBytes(part.input);
    case "reasoning":
      return overheadBytes + textBytes(part.text) + textBytes(part.signature);
    default:
      return overheadBytes + textBytes(part.text);
  }
}

/** The part without what no model is sent: a diff may be larger than the result. */
export function kept(part: Part): Part {
  if (part.kind !== "tool_result" || part.meta === undefined) return part;
  const { meta: _, ...rest } = part;
  return rest;
}
