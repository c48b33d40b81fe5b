// The OpenAI Responses wire.
import type { WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { openAiEndpoint } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { OpenAiResponsesDecoder } from "./decode.ts";
import { head, items, tail } from "./encode.ts";
import { wireId } from "./wire.ts";

/**
 * @param sse  reads streams of the schema in schema.ts
 * @param strings  writes long texts
 */
export function openAiResponses(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: wireId,
    endpoint: ({ provider }, session) => openAiEndpoint(provider, session, "/responses"),
    head,
    tail,
    ...segments(items, strings),
    decoder: () => new OpenAiResponsesDecoder(sse),
    fault: httpFault,
  };
}
