/**
 * A frame that cannot be decoded. Codes: `malformed` (not msgpack or JSON, or cut short), `too_deep`, `too_many` (values),
 * `forbidden` (a `__proto__` key, an extension type). The connection it came from is closed with 1007.
 */
export class CodecError extends Error {
  override readonly name = "CodecError";
  readonly code: "malformed" | "too_deep" | "too_many" | "forbidden";
  constructor(code: CodecError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
