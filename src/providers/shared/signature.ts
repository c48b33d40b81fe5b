// What a provider wants back of its reasoning, kept in ReasoningPart.signature.
//
// A JSON object with `wire` and what that wire needs (each says it in its encode.ts): a signature, redacted thinking, encrypted
// content, the id of an item. One `signature` record ends one reasoning part; without text before it, it is a part of its own at
// its place among the others. A wire ignores what others signed.
//
// What has no place in our parts is kept the same way, as the wire has it: tools that ran at the provider, pictures, sources.
import type { StreamRecord } from "../../contracts/wire-format.ts";
import { inside, type Json } from "./json.ts";

/** A picture of a megabyte is more than a part may hold; its kind and place are kept then. */
const keptCharsMax = 256 << 10;

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

/** @param as  the name that `readSignature` gives it under */
export function keep(wire: string, as: string, value: Json | Json[]): Extract<StreamRecord, { kind: "signature" }> {
  const text = sign(wire, { [as]: value });
  return {
    kind: "signature",
    text:
      text.length <= keptCharsMax
        ? text
        : sign(wire, { left: as, type: Array.isArray(value) ? undefined : (value.type ?? Object.keys(value)[0]) }),
  };
}
