import type { ErrorCode, ProtocolError } from "../protocol/index.ts";

/** The server answered a request with an error. `code` is one of protocol/errors.ts. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly method: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly data: Record<string, unknown> | undefined;
  constructor(method: string, error: ProtocolError) {
    super(error.message);
    this.method = method;
    this.code = error.code;
    this.retryable = error.retryable;
    this.retryAfterMs = error.retryAfterMs;
    this.data = error.data;
  }
}

/**
 * `unreachable`: nobody answers there. `lost`: the connection broke. `refused`: the server does not want us (token, Origin,
 * Host, version): trying again is no use. `timeout`, `canceled`: of one request. `closed`: by `client.close()`.
 */
export type ConnectionErrorCode = "unreachable" | "lost" | "refused" | "timeout" | "canceled" | "closed";

export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly code: ConnectionErrorCode;
  /** WebSocket close code, when there was one. */
  readonly closeCode: number | undefined;
  constructor(code: ConnectionErrorCode, message: string, closeCode?: number) {
    super(message);
    this.code = code;
    this.closeCode = closeCode;
  }
}
