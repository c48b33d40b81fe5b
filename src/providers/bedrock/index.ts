// Claude at Amazon Bedrock: InvokeModelWithResponseStream, Anthropic's messages in Amazon's envelope.
//
// Signed in with an API key of Bedrock (`api_key` or AWS_BEARER_TOKEN_BEDROCK, sent as a bearer token), else by a signature with
// Amazon's credentials (access/aws.ts).
import type { ProviderConfig } from "../../contracts/config.ts";
import type { CompletionRequest, Endpoint, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { accessFault } from "../access/fault.ts";
import { headOf, interleaves, items, mark, settings, tailOf } from "../anthropic/encode.ts";
import { interleaved } from "../anthropic/wire.ts";
import { addressOf, bareKey, headersOf } from "../shared/endpoint.ts";
import { httpFault } from "../shared/faults.ts";
import { segments } from "../shared/segments.ts";
import { BedrockDecoder } from "./decode.ts";

/** Of Anthropic's API at Bedrock. */
const apiVersion = "bedrock-2023-05-31";
/** Amazon's first, and what Crush takes. */
const defaultRegion = "us-east-1";
/** Credentials that are refused as expired again so soon are not renewed a second time. */
const expiredAgainMs = 60_000;

/** Providers whose credentials were refused as expired: the next request renews them. */
const expired = new Set<string>();
const expiredAt = new Map<string, number>();

/**
 * @param sse  reads streams of Anthropic's schema
 * @param strings  writes long texts
 */
export function bedrock(sse: SseKernel, strings: () => JsonStrings): WireFormat {
  return {
    id: "bedrock",
    endpoint,
    authorize,
    head,
    tail,
    ...segments(items, strings),
    mark,
    decoder: () => new BedrockDecoder(sse),
    fault,
  };
}

/** base_url is that of the region's runtime: https://bedrock-runtime.<region>.amazonaws.com. @throws TypeError when it is no address */
function endpoint({ provider, model }: CompletionRequest, session: string): Endpoint {
  const url = addressOf(
    provider,
    (path) => `${path}/model/${encodeURIComponent(profile(model.model, regionOf(provider)))}/invoke-with-response-stream`,
  );
  const key = bareKey(provider);
  const own: Record<string, string> = { accept: "application/vnd.amazon.eventstream" };
  if (key) own.authorization = `Bearer ${key}`;
  return { url: url.href, headers: headersOf(provider, session, own) };
}

/** The region that a request is signed for: that of the address, else the environment's. */
export function regionOf({ baseUrl, access }: ProviderConfig): string {
  return /\bbedrock(?:-runtime)?(?:-fips)?\.([a-z0-9-]+)\.amazonaws\.com/.exec(baseUrl)?.[1] ?? access?.AWS_REGION ?? defaultRegion;
}

/** Claude is called by an inference profile: a bare id gets that of the region's part of the world. */
function profile(model: string, region: string): string {
  if (!/^anthropic\./.test(model)) return model;
  const part = /^us-gov-/.test(region) ? "us-gov" : /^(us|eu|ap|jp|au|ca|sa)-/.exec(region)?.[1];
  return `${part === undefined ? "global" : part === "ap" ? "apac" : part === "ca" || part === "sa" ? "us" : part}.${model}`;
}

async function authorize({ provider }: CompletionRequest, { url, headers }: Endpoint, body: readonly Uint8Array[]) {
  if (headers.authorization !== undefined) return { headers };
  // With the first request that needs them: most people have no Bedrock.
  const [{ awsCredentials, renewAwsCredentials }, { signed }] = await Promise.all([
    import("../access/aws.ts"),
    import("../access/sign.ts"),
  ]);
  try {
    if (expired.delete(provider.id)) await renewAwsCredentials(provider);
    return { headers: await signed(await awsCredentials(provider), regionOf(provider), { url, headers, body }) };
  } catch (error) {
    return { fault: accessFault(error, provider.name) };
  }
}

/** Expired credentials are worth one more attempt: with what the user's own tools have by now, or `aws_auth_refresh` gets. */
const fault: WireFormat["fault"] = (status, headers, body, provider) => {
  const found = httpFault(status, headers, body, provider);
  if (!provider.apiKey && (status === 401 || status === 403) && /expired/i.test(`${body} ${String(headers["x-amzn-errortype"] ?? "")}`)) {
    const isFirst = !expired.has(provider.id) && (expiredAt.get(provider.id) ?? 0) + expiredAgainMs < Date.now();
    if (isFirst) {
      expired.add(provider.id);
      expiredAt.set(provider.id, Date.now());
      return { ...found, retryable: true, retryAfterMs: 0 };
    }
  }
  return found;
};

/** The model stands in the address, and what else Anthropic has in headers stands here. */
function head(request: CompletionRequest): string {
  const { front, back } = settings(request);
  const { model: _, ...rest } = front;
  const beta = interleaves(back) ? { anthropic_beta: [interleaved] } : {};
  return headOf({ anthropic_version: apiVersion, ...beta, ...rest });
}

function tail(request: CompletionRequest): string {
  const { stream: _, ...back } = settings(request).back;
  return tailOf(back);
}
