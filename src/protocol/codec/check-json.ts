import { frameDepthMax } from "../limits.ts";
import { CodecError } from "./error.ts";

const quote = 0x22;
const backslash = 0x5c;

/**
 * Counts depth and values of JSON text before anything is built of it. Strings are jumped over with indexOf, so a prompt of
 * 2 MB costs next to nothing. What is no JSON is left for JSON.parse to find.
 * @throws CodecError
 */
export function checkJson(text: string, valuesMax: number): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case quote:
        at = closingQuote(text, at);
        if (at < 0) throw new CodecError("malformed", "a string without an end");
        break;
      case 0x5b: // [
      case 0x7b: // {
        values++;
        if (++depth > frameDepthMax) throw new CodecError("too_deep", `nested deeper than ${frameDepthMax} levels`);
        break;
      case 0x5d: // ]
      case 0x7d: // }
        depth--;
        break;
      case 0x2c: // , and : (as in msgpack, keys count)
      case 0x3a:
        values++;
        break;
      default:
        continue;
    }
    if (values > valuesMax) throw new CodecError("too_many", `more than ${valuesMax} values in one frame: send less at once`);
  }
}

function closingQuote(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let before = at - 1;
    while (text.charCodeAt(before) === backslash) before--;
    if ((at - before) % 2 === 1) return at;
  }
  return -1;
}

/** JSON.parse makes an own property of a `__proto__` key; code that copies such an object would change prototypes. @throws CodecError */
export function refuseProto(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) refuseProto(item);
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === "__proto__") throw new CodecError("forbidden", "the key __proto__ is not allowed");
    refuseProto((value as Record<string, unknown>)[key]);
  }
}
