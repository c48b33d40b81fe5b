// For `node ../shared/data/streams/check.mjs --adapter test/support/streams-adapter.ts
//   --formats openai-chat,openai-responses,anthropic,google,bedrock-eventstream,mistral,perplexity`
import path from "node:path";
import { openWireFormats } from "../../src/providers/index.ts";

const wireOf = openWireFormats(path.join(import.meta.dirname, "../../dist/kernels"));
const providers = {
  "openai-chat": { type: "openai-compat" },
  "openai-responses": { type: "openai", baseUrl: "https://api.openai.com/v1" },
  anthropic: { type: "anthropic" },
  google: { type: "google" },
  "bedrock-eventstream": { type: "bedrock" },
  // Dialects of Chat Completions.
  mistral: { type: "openai-compat" },
  perplexity: { type: "openai-compat" },
} as const;
const unified: Record<string, string> = {
  end_turn: "stop",
  tool_use: "tool-calls",
  pause: "stop",
  max_tokens: "length",
  content_filter: "content-filter",
  error: "error",
};

type Call = { id?: string; name: string; arguments: string };

export async function parse(format: string, stream: AsyncIterable<Uint8Array>) {
  if (!Object.hasOwn(providers, format)) throw new Error(`no adapter for ${format}`);
  const decoder = wireOf(providers[format as keyof typeof providers])!.decoder();
  const seen = { text: "", reasoning: "", calls: [] as Call[], finish: undefined as string | undefined, errors: [] as string[] };
  let usage: { input: number; output: number } | undefined;
  const take = (records: ReturnType<typeof decoder.feed>) => {
    for (const record of records) {
      if (record.kind === "text") seen.text += record.text;
      else if (record.kind === "reasoning") seen.reasoning += record.text;
      else if (record.kind === "finish") seen.finish = unified[record.reason] ?? "other";
      else if (record.kind === "error") seen.errors.push(record.error.message);
      else if (record.kind === "usage")
        usage = { input: record.usage.input + record.usage.cacheRead + record.usage.cacheWrite, output: record.usage.output };
      else if (record.kind === "tool") {
        seen.calls[record.index] ??= { name: "", arguments: "" };
        const call = seen.calls[record.index]!;
        if (record.id !== undefined) call.id = record.id;
        if (record.name !== undefined) call.name = record.name;
        call.arguments += record.arguments;
      }
    }
  };
  for await (const bytes of stream) take(decoder.feed(bytes));
  take(decoder.end());
  decoder.close();
  const finish = seen.finish === undefined ? {} : { finish: { unified: seen.finish } };
  return { text: seen.text, reasoning: seen.reasoning, toolCalls: seen.calls, errors: seen.errors, ...finish, ...(usage ? { usage } : {}) };
}
