// What a provider wants back of its reasoning, kept in ReasoningPart.signature.
//
// A JSON object with `wire` and what that wire needs (each says it in its encode.ts): a signature, redacted thinking, encrypted
// content, the id of an item. One `signature` record ends one reasoning part; without text before it, it is a part of its own at
// its place among the others. A wire ignores what others signed.
import { inside, type Json } from "./json.ts";

export function sign(wire: string, data: Json): string {
  return JSON.stringify({ wire, ...data });
}

/** What `wire` signed; undefined when it was another one. */
export function readSignature(wire: string, signature: string | undefined): Json | undefined {
  if (signature === undefined) return undefined;
  try {
    const data = inside(JSON.parse(signature));
    return data.wire === wire ? data : undefined;
  } catch {
    return undefined;
  }
}
