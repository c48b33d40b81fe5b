// Which wire a provider speaks.
import { type ProviderConfig, type WireName, wireOfType } from "../contracts/config.ts";
import type { WireFormat } from "../contracts/wire-format.ts";
import { WasmJsonStrings } from "../kernels/escape.ts";
import type { JsonStrings } from "../kernels/json-string.ts";
import { loadKernel } from "../kernels/load.ts";
import { plainJsonStrings } from "../kernels/reference/escape.ts";
import { plainSse, type SseKernel, WasmSse } from "../kernels/sse.ts";
import type { SseSchema } from "../kernels/sse-schema.ts";
import { type KernelMode, kernelMode } from "../kernels/switch.ts";
import { anthropic } from "./anthropic/index.ts";
import { schema as anthropicSchema } from "./anthropic/schema.ts";
import { bedrock } from "./bedrock/index.ts";
import { google } from "./google/index.ts";
import { schema as googleSchema } from "./google/schema.ts";
import { openAiChat } from "./openai-chat/index.ts";
import { schema as chatSchema } from "./openai-chat/schema.ts";
import { openAiResponses } from "./openai-responses/index.ts";
import { schema as responsesSchema } from "./openai-responses/schema.ts";
import { vertexAnthropic, vertexGemini } from "./vertex/index.ts";

const wires: Record<WireName, { schema: SseSchema; open(sse: SseKernel, strings: () => JsonStrings): WireFormat }> = {
  "openai-chat": { schema: chatSchema, open: openAiChat },
  "openai-responses": { schema: responsesSchema, open: openAiResponses },
  anthropic: { schema: anthropicSchema, open: anthropic },
  bedrock: { schema: anthropicSchema, open: bedrock },
  google: { schema: googleSchema, open: google },
  "vertex-gemini": { schema: googleSchema, open: vertexGemini },
  "vertex-anthropic": { schema: anthropicSchema, open: vertexAnthropic },
};

type Asked = Pick<ProviderConfig, "type"> & Partial<Pick<ProviderConfig, "id" | "baseUrl">>;

/** Models that their provider has over another wire than its others. */
const otherWires: { ids: string[]; model: RegExp; wire: WireName }[] = [
  { ids: ["opencode-zen", "opencode-go"], model: /^qwen3\.7-max$/, wire: "anthropic" },
];

/**
 * OpenAI itself is spoken to over Responses: some of its models know nothing else, and only there does reasoning go back to the
 * model that thought it. Servers at other addresses that call themselves openai seldom have it, so they get Chat Completions. A
 * base_url that ends in /responses or /chat/completions decides it for any address. Azure has Responses for OpenAI's models, and not
 * at addresses of the old kind, with a deployment in them. At Vertex the model says whose it is.
 */
function wireName({ id = "", type, baseUrl = "" }: Asked, model: string): WireName | undefined {
  const other = otherWires.find((one) => one.ids.includes(id) && one.model.test(model));
  if (other) return other.wire;
  if (type === "google-vertex") return /claude/.test(model) ? "vertex-anthropic" : "vertex-gemini";
  if (type !== "openai" && type !== "azure") return wireOfType[type];
  const address = baseUrl.replace(/\/+$/, "");
  if (type === "azure") {
    if (address.endsWith("/responses")) return "openai-responses";
    const isOld = address.endsWith("/chat/completions") || address.includes("/deployments/");
    return !isOld && /^(?:gpt-|o\d|codex|chatgpt|computer-use)/.test(model) ? "openai-responses" : "openai-chat";
  }
  if (address.endsWith("/chat/completions")) return "openai-chat";
  return address.endsWith("/responses") || /^https:\/\/api\.openai\.com(?:[:/]|$)/.test(address) ? "openai-responses" : "openai-chat";
}

/**
 * The wires of one thread; each kernel is instantiated with the first provider that needs it and serves all of its streams.
 * @param kernels  directory of the .wasm files
 * @returns the wire of a provider, undefined for types that are not supported
 */
export function openWireFormats(
  kernels: string,
  mode: KernelMode = kernelMode(),
): (provider: Asked, model?: string) => WireFormat | undefined {
  const open = new Map<WireName, WireFormat>();
  let jsonStrings: JsonStrings | undefined;
  const strings = (): JsonStrings =>
    (jsonStrings ??= mode === "plain" ? plainJsonStrings : new WasmJsonStrings(loadKernel(kernels, "escape")));
  return (provider, model = "") => {
    const name = wireName(provider, model);
    if (name === undefined) return undefined;
    const known = open.get(name);
    if (known) return known;
    const { schema, open: make } = wires[name];
    const wire = make(mode === "plain" ? plainSse(schema) : new WasmSse(loadKernel(kernels, "sse"), schema), strings);
    open.set(name, wire);
    return wire;
  };
}
