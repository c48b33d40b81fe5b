const textual =
  /^(text\/|application\/(.*\+)?(json|xml|javascript|ecmascript|yaml|toml|x-www-form-urlencoded|x-sh|x-ndjson|jsonl|graphql|sql)|image\/svg)/i;
/** Bytes that text does not have: NUL and most other controls. */
const binaryByte = /[\u0000-\u0008\u000e-\u001a]/;
const sniffChars = 1_024;

/**
 * The text of a body in the encoding that it says to have (UTF-8 when it says nothing). Undefined when it is not text.
 * @param cut  the body's end is missing: an incomplete last character is dropped
 */
export function decodeBody(body: Uint8Array, contentType: string, cut: boolean): string | undefined {
  if (contentType !== "" && !textual.test(contentType) && !/^application\/(octet-stream|x-[a-z]+)/i.test(contentType)) return undefined;
  const label = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? "utf-8";
  try {
    const text = new TextDecoder(label, { fatal: true }).decode(body, { stream: cut });
    return binaryByte.test(text.slice(0, sniffChars)) ? undefined : text;
  } catch {
    // An unknown label, or bytes that are not what it says: only something that claims to be text is shown with replacements.
    return textual.test(contentType) && !body.subarray(0, sniffChars).includes(0) ? new TextDecoder("utf-8").decode(body) : undefined;
  }
}
