import type { ProviderFault } from "../../contracts/wire-format.ts";

/** Credentials are absent, unreadable, or were refused where they are exchanged: the message says which and what to do. No secret is in it. */
export class AccessError extends Error {
  override readonly name = "AccessError";
  /** Another attempt may do: the network failed, not the credentials. */
  readonly retryable: boolean;
  constructor(message: string, retryable = false, cause?: unknown) {
    super(message, { cause });
    this.retryable = retryable;
  }
}

/** @throws what is no AccessError */
export function accessFault(error: unknown, provider: string): ProviderFault {
  if (!(error instanceof AccessError)) throw error;
  return { kind: error.retryable ? "network" : "bad_key", message: `${provider}: ${error.message}`, retryable: error.retryable };
}
