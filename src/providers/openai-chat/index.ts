// The Chat Completions wire: OpenAI, and most of what calls itself compatible.
import { createHash } from "node:crypto";
import type { CompletionRequest, WireFormat } from "../../contracts/wire-format.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import { OpenAiChatDecoder } from "./decode.ts";
import { head, segment, tail } from "./encode.ts";
import { httpFault } from "./faults.ts";

/** @param sse  reads streams of the schema in schema.ts */
export function openAiChat(sse: SseKernel): WireFormat {
  return { id: "openai-chat", endpoint, head, segment, tail, decoder: () => new OpenAiChatDecoder(sse), fault: httpFault };
}

/** Configured headers win, whatever their case. @throws TypeError when base_url is no address. */
function endpoint({ provider }: CompletionRequest, session: string): { url: string; headers: Record<string, string> } {
  let url: URL;
  try {
    url = new URL(provider.baseUrl);
  } catch {
    throw new TypeError(`base_url of provider ${provider.id} is no address: ${JSON.stringify(provider.baseUrl)}`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = path.endsWith("/chat/completions") ? path : `${path}/chat/completions`;
  const headers: Record<string, string> = { "content-type": "application/json", accept: "text/event-stream", "user-agent": "crush-node" };
  const key = provider.apiKey?.trim();
  if (key) headers.authorization = `Bearer ${key}`;
  // Providers with many machines send a session to where its prompt is cached.
  headers["x-session-id"] = session;
  headers["x-session-affinity"] = createHash("sha256").update(session).digest("hex").slice(0, 16);
  for (const [name, value] of Object.entries(provider.extraHeaders)) headers[name.toLowerCase()] = value;
  return { url: url.href, headers };
}
