// The Chat Completions wire: OpenAI, and most of what calls itself compatible.
import type { CompletionRequest, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { addressOf, headersOf } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { OpenAiChatDecoder } from "./decode.ts";
import { head, items, tail } from "./encode.ts";
import { wireId } from "./wire.ts";

/**
 * @param sse  reads streams of the schema in schema.ts
 * @param strings  writes long texts
 */
export function openAiChat(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: wireId,
    endpoint,
    head,
    tail,
    ...segments(items, strings),
    decoder: () => new OpenAiChatDecoder(sse),
    fault: httpFault,
  };
}

/** @throws TypeError when base_url is no address. */
function endpoint({ provider }: CompletionRequest, session: string): { url: string; headers: Record<string, string> } {
  const url = addressOf(provider, (path) => (path.endsWith("/chat/completions") ? path : `${path}/chat/completions`));
  const key = provider.apiKey?.trim();
  return { url: url.href, headers: headersOf(provider, session, key ? { authorization: `Bearer ${key}` } : {}) };
}
