// The Anthropic Messages wire: Anthropic, and servers that call themselves compatible with it.
import type { CompletionRequest, Endpoint, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { addressOf, headersOf, versioned } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { AnthropicDecoder } from "./decode.ts";
import { head, interleaves, items, mark, settings, tail } from "./encode.ts";
import { apiVersion, interleaved, wireId } from "./wire.ts";

/**
 * @param sse  reads streams of the schema in schema.ts
 * @param strings  writes long texts
 */
export function anthropic(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: wireId,
    endpoint,
    head,
    tail,
    ...segments(items, strings),
    mark,
    decoder: () => new AnthropicDecoder(sse),
    fault: httpFault,
  };
}

/** base_url with or without its version. @throws TypeError when it is no address */
function endpoint(request: CompletionRequest, session: string): Endpoint {
  const { provider } = request;
  const url = addressOf(provider, (path) => (path.endsWith("/messages") ? path : `${versioned(path, "v1")}/messages`));
  const own: Record<string, string> = { "anthropic-version": apiVersion };
  const key = provider.apiKey?.trim();
  if (key?.startsWith("Bearer ")) own.authorization = key;
  else if (key) own["x-api-key"] = key;
  if (interleaves(settings(request).back)) own["anthropic-beta"] = interleaved;
  return { url: url.href, headers: headersOf(provider, session, own) };
}
