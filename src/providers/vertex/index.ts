// Gemini and Claude at Google Vertex AI: the wires of Google and of Anthropic at other addresses, with access tokens of Google Cloud.
//
// base_url is that of the region; project and location stand in the path, from VERTEXAI_PROJECT and VERTEXAI_LOCATION unless base_url
// has them.
import type { ProviderConfig } from "../../contracts/config.ts";
import type { CompletionRequest, Endpoint, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { accessFault } from "../access/fault.ts";
import { forgetGoogleToken, googleHeaders } from "../access/google.ts";
import { AnthropicDecoder } from "../anthropic/decode.ts";
import * as claude from "../anthropic/encode.ts";
import { interleaved } from "../anthropic/wire.ts";
import { GoogleDecoder } from "../google/decode.ts";
import * as gemini from "../google/encode.ts";
import { addressOf, headersOf } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";

/** Of Anthropic's API at Vertex. */
const apiVersion = "vertex-2023-10-16";

export function vertexGemini(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: "vertex-gemini",
    endpoint({ provider, model }, session) {
      const url = addressOf(
        provider,
        (path) => `${place(path, provider)}/publishers/google/models/${name(model.model)}:streamGenerateContent`,
      );
      // Without it the answer is one JSON array.
      url.searchParams.set("alt", "sse");
      return { url: url.href, headers: headersOf(provider, session, {}) };
    },
    authorize,
    head: gemini.head,
    tail: gemini.tail,
    ...segments(gemini.items, strings),
    decoder: () => new GoogleDecoder(sse),
    fault,
  };
}

export function vertexAnthropic(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: "vertex-anthropic",
    endpoint(request, session) {
      const { provider, model } = request;
      const url = addressOf(
        provider,
        (path) => `${place(path, provider)}/publishers/anthropic/models/${name(model.model)}:streamRawPredict`,
      );
      const beta: Record<string, string> = claude.interleaves(claude.settings(request).back) ? { "anthropic-beta": interleaved } : {};
      return { url: url.href, headers: headersOf(provider, session, beta) };
    },
    authorize,
    head(request) {
      // The model stands in the address.
      const { model: _, ...rest } = claude.settings(request).front;
      return claude.headOf({ anthropic_version: apiVersion, ...rest });
    },
    tail: claude.tail,
    ...segments(claude.items, strings),
    mark: claude.mark,
    decoder: () => new AnthropicDecoder(sse),
    fault,
  };
}

/** Ids with a version behind @ stand so in the address. */
const name = (model: string): string => encodeURIComponent(model.replace(/^.*\//, "")).replace("%40", "@");

/** `/v1/projects/<project>/locations/<location>`. @throws TypeError when nothing says which project */
function place(path: string, { id, access }: ProviderConfig): string {
  if (/\/projects\/[^/]+\/locations\/[^/]+$/.test(path)) return path;
  const project = access?.VERTEXAI_PROJECT;
  if (!project) throw new TypeError(`provider ${id} has no project: set VERTEXAI_PROJECT`);
  return `${path.replace(/\/v\d\w*$/, "")}/v1/projects/${encodeURIComponent(project)}/locations/${encodeURIComponent(access.VERTEXAI_LOCATION || "global")}`;
}

async function authorize({ provider }: CompletionRequest, { headers }: Endpoint) {
  if (headers.authorization !== undefined) return { headers };
  try {
    return { headers: { ...headers, ...(await googleHeaders(provider)) } };
  } catch (error) {
    return { fault: accessFault(error, provider.name) };
  }
}

const fault: WireFormat["fault"] = (status, headers, body, provider) => {
  if (status === 401) forgetGoogleToken(provider);
  return httpFault(status, headers, body, provider);
};
