// The escape kernel in plain TypeScript: what it must say, and what runs with CRUSH_KERNELS=plain and for bytes that are no UTF-8.
import type { JsonStrings } from "../json-string.ts";

export const plainJsonStrings: JsonStrings = {
  text: (text, take) => take(Buffer.from(JSON.stringify(text))),
  bytes: (utf8, take) => take(Buffer.from(JSON.stringify(Buffer.from(utf8.buffer, utf8.byteOffset, utf8.length).toString()))),
};
