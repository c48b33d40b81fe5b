// Answers with status 200 that are no event stream: a wrong address, a proxy's page, a server that cannot stream.
import type { ProviderFault } from "../../contracts/wire-format.ts";

/** error: the status said so. json and html: the first byte did. */
export type Sniff = "unknown" | "stream" | "json" | "html" | "error";

/** By the first byte that is not white space: no line of an event stream begins with a bracket. Content types lie. */
export function sniff(bytes: Uint8Array): Sniff {
  for (const byte of bytes) {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    if (byte === 0x7b || byte === 0x5b) return "json";
    return byte === 0x3c ? "html" : "stream";
  }
  return "unknown";
}

/** @param byStatus  the wire's own reading of an error answer */
export function notAStream(kind: Sniff, body: string, byStatus: (status: number) => ProviderFault): ProviderFault {
  if (kind === "html")
    return { kind: "protocol", message: "The provider answered with a web page instead of a stream: check base_url", retryable: false };
  const status = /"(?:code|status)"\s*:\s*"?([45]\d\d)\b/.exec(body)?.[1];
  if (/"error"\s*:/.test(body)) return byStatus(status ? Number(status) : 500);
  return {
    kind: "protocol",
    message: "The provider answered without streaming: it must support streamed chat completions",
    retryable: false,
  };
}
