// Claude at Amazon Bedrock: InvokeModelWithResponseStream, Anthropic's messages in Amazon's envelope.
//
// Signed in with an API key of Bedrock (`api_key`, sent as a bearer token). Requests signed with access keys are not made here: a
// signature covers the body, and the body is not known when the address and headers are.
import type { CompletionRequest, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { items, mark, settings } from "../anthropic/encode.ts";
import { interleaved } from "../anthropic/wire.ts";
import { addressOf, headersOf } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { BedrockDecoder } from "./decode.ts";

/** Of Anthropic's API at Bedrock. */
const apiVersion = "bedrock-2023-05-31";

/**
 * @param sse  reads streams of Anthropic's schema
 * @param strings  writes long texts
 */
export function bedrock(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: "bedrock",
    endpoint,
    head,
    tail,
    ...segments(items, strings),
    mark,
    decoder: () => new BedrockDecoder(sse),
    fault: httpFault,
  };
}

/** base_url is that of the region's runtime: https://bedrock-runtime.<region>.amazonaws.com. @throws TypeError when it is no address */
function endpoint({ provider, model }: CompletionRequest, session: string): { url: string; headers: Record<string, string> } {
  const url = addressOf(provider, (path) => `${path}/model/${encodeURIComponent(model.model)}/invoke-with-response-stream`);
  const key = provider.apiKey?.trim().replace(/^Bearer /, "");
  const own: Record<string, string> = { accept: "application/vnd.amazon.eventstream" };
  if (key) own.authorization = `Bearer ${key}`;
  return { url: url.href, headers: headersOf(provider, session, own) };
}

/** The model stands in the address, and what else Anthropic has in headers stands here. */
function head(request: CompletionRequest): string {
  const { front, back } = settings(request);
  const { model: _, ...rest } = front;
  const thinking = back.thinking as { type?: string } | undefined;
  const beta = thinking?.type === "enabled" ? { anthropic_beta: [interleaved] } : {};
  return `${JSON.stringify({ anthropic_version: apiVersion, ...beta, ...rest }).slice(0, -1)},"messages":[`;
}

function tail(request: CompletionRequest): string {
  const { stream: _, ...back } = settings(request).back;
  return `],${JSON.stringify(back).slice(1)}`;
}
