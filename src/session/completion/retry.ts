// Whether and when a broken attempt is repeated.
import type { ProviderFault } from "../../contracts/wire-format.ts";
import type { ConnectionError } from "./connection.ts";

/** First pause after an answer that said no (429, 5xx, 529); it doubles. */
const refusedMs = 5_000;
/** First pause after a broken connection or a silent stream: nothing says that the provider is busy. It doubles. */
const brokenMs = 500;
/** A provider that asks for a longer pause than this is not waited for that long. */
const retryAfterMaxMs = 60_000;

/**
 * @param attempt  how many attempts have failed, from 1 on
 * @returns milliseconds until the next attempt, or undefined when there is none
 */
export function pauseBefore(fault: ProviderFault, attempt: number, retriesMax: number): number | undefined {
  if (!fault.retryable || attempt > retriesMax) return undefined;
  if (fault.retryAfterMs !== undefined && fault.retryAfterMs >= 0 && fault.retryAfterMs <= retryAfterMaxMs) return fault.retryAfterMs;
  const first = fault.kind === "network" || fault.kind === "timeout" ? brokenMs : refusedMs;
  return first * 2 ** (attempt - 1);
}

/** A fault of the connection, in the words of the retry policy. */
export function connectionFault(error: ConnectionError): ProviderFault {
  switch (error.code) {
    case "address":
      return { kind: "bad_request", message: error.message, retryable: false };
    case "tls":
      return { kind: "network", message: error.message, retryable: false };
    case "connect_timeout":
    case "headers_timeout":
    case "idle_timeout":
      return { kind: "timeout", message: error.message, retryable: true };
    case "connect":
    case "cut":
      return { kind: "network", message: error.message, retryable: true };
  }
}
