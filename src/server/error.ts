/**
 * The server cannot listen. Codes: `in_use` (a live server has the socket), `insecure` (TCP off loopback without TLS or the
 * flag), `not_a_socket`, `not_private` (the socket's directory belongs to somebody else), `path_too_long`, `failed`.
 */
export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: "in_use" | "insecure" | "not_a_socket" | "not_private" | "path_too_long" | "failed";
  constructor(code: ServerError["code"], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
