/** bad_url, private_address, too_many_redirects, timeout, dns, refused, or the system's code. The message names the address and what to do. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
