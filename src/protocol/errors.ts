/** Stable codes of errors that a request can be answered with. Programs switch on these; the message is for people. */
export type ErrorCode =
  | "bad_request" // params do not fit the method's schema
  | "unknown_method"
  | "unauthorized" // no or wrong token
  | "forbidden" // the token's scope does not cover the method
  | "not_found" // session, message, permission, screen, model
  | "already_resolved" // a permission somebody else has answered
  | "conflict" // e.g. delete while a turn runs
  | "busy" // database locked, retry
  | "overloaded" // too many requests in flight
  | "limit" // a named limit of limits.ts was passed
  | "no_model" // no provider is configured and the demo is disabled
  | "storage_full"
  | "shutting_down"
  | "internal"; // a bug of ours; the log has it under data.ref

/** The error half of an answer. */
export type ProtocolError = {
  code: ErrorCode;
  /** What failed, on what, and what to do. Never holds a secret. */
  message: string;
  retryable: boolean;
  retryAfterMs?: number;
  data?: Record<string, unknown>;
};

/** WebSocket close codes with a meaning of ours. */
export const closeCode = {
  /** A frame that cannot be decoded. */
  malformed: 1007,
  /** A frame that decodes but breaks a rule: no hello, bad schema, too large, wrong token. */
  policy: 1008,
  /** The server ends; connect again and resume. */
  restart: 1012,
  /** The client did not read; connect again and resume. */
  slowConsumer: 4008,
} as const;

/** Thrown by command handlers; becomes the error half of the answer. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly data: Record<string, unknown> | undefined;
  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; data?: Record<string, unknown>; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? (code === "busy" || code === "overloaded");
    this.data = options.data;
  }
}
