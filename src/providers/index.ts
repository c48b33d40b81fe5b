// Which wire a provider speaks.
import type { ProviderConfig, ProviderType } from "../contracts/config.ts";
import type { WireFormat } from "../contracts/wire-format.ts";
import { loadKernel } from "../kernels/load.ts";
import { plainSse, WasmSse } from "../kernels/sse.ts";
import { type KernelMode, kernelMode } from "../kernels/switch.ts";
import { openAiChat } from "./openai-chat/index.ts";
import { schema } from "./openai-chat/schema.ts";

/** Types whose wire is Chat Completions; the others have none yet. */
const chatTypes: ReadonlySet<ProviderType> = new Set<ProviderType>([
  "openai",
  "openai-compat",
  "openrouter",
  "vercel",
  "hyper",
  "litellm",
  "llamacpp",
  "lmstudio",
  "ollama",
  "omlx",
]);

/**
 * The wires of one thread; each kernel is instantiated with the first provider that needs it and serves all of its streams.
 * @param kernels  directory of the .wasm files
 * @returns the wire of a provider, undefined for types that are not supported
 */
export function openWireFormats(
  kernels: string,
  mode: KernelMode = kernelMode(),
): (provider: Pick<ProviderConfig, "type">) => WireFormat | undefined {
  let chat: WireFormat | undefined;
  return ({ type }) => {
    if (!chatTypes.has(type)) return undefined;
    chat ??= openAiChat(mode === "plain" ? plainSse(schema) : new WasmSse(loadKernel(kernels, "sse"), schema));
    return chat;
  };
}
