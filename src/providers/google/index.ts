// The Gemini wire: streamGenerateContent of Google's Generative Language API.
import type { CompletionRequest, Endpoint, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { addressOf, headersOf, versioned } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { GoogleDecoder } from "./decode.ts";
import { head, items, tail } from "./encode.ts";
import { wireId } from "./wire.ts";

/**
 * @param sse  reads streams of the schema in schema.ts
 * @param strings  writes long texts
 */
export function google(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return { id: wireId, endpoint, head, tail, ...segments(items, strings), decoder: () => new GoogleDecoder(sse), fault: httpFault };
}

/** base_url with or without its version. @throws TypeError when it is no address */
function endpoint({ provider, model }: CompletionRequest, session: string): Endpoint {
  const name = model.model.includes("/") ? model.model : `models/${model.model}`;
  const method = `${name.split("/").map(encodeURIComponent).join("/")}:streamGenerateContent`;
  const url = addressOf(provider, (path) => `${versioned(path, "v1beta")}/${method}`);
  // Without it the answer is one JSON array.
  url.searchParams.set("alt", "sse");
  const key = provider.apiKey?.trim();
  return { url: url.href, headers: headersOf(provider, session, key ? { "x-goog-api-key": key } : {}) };
}
