// What writes JSON strings as bytes. Two versions: escape.ts (the WASM kernel) and reference/escape.ts (plain).

/** Takes bytes that are valid only while it is called. */
export type TakeBytes = (bytes: Uint8Array) => void;

export interface JsonStrings {
  /** The text as a JSON string with its quotes, in UTF-8: what `JSON.stringify` makes of it, halves of surrogate pairs included. */
  text(text: string, take: TakeBytes): void;
  /** The same for a text that is UTF-8 already; what is no UTF-8 becomes U+FFFD. */
  bytes(utf8: Uint8Array, take: TakeBytes): void;
}
