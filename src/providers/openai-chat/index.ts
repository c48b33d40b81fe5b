// The Chat Completions wire: OpenAI, and most of what calls itself compatible.
import type { WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { openAiEndpoint } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { OpenAiChatDecoder } from "./decode.ts";
import { head, items, mark, tail } from "./encode.ts";
import { wireId } from "./wire.ts";

/**
 * @param sse  reads streams of the schema in schema.ts
 * @param strings  writes long texts
 */
export function openAiChat(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: wireId,
    endpoint: ({ provider }, session) => openAiEndpoint(provider, session, "/chat/completions"),
    head,
    tail,
    ...segments(items, strings),
    mark,
    decoder: () => new OpenAiChatDecoder(sse),
    fault: httpFault,
  };
}
