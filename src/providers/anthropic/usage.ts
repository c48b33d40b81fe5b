import type { StreamRecord } from "../../contracts/wire-format.ts";
import { count, inside, type Json } from "../shared/json.ts";

/** Anthropic counts input, cache reads and cache writes apart, as we do. Undefined when it counts nothing. */
export function readUsage(usage: Json): Extract<StreamRecord, { kind: "usage" }> | undefined {
  const input = count(usage.input_tokens);
  const output = count(usage.output_tokens);
  const cacheRead = count(usage.cache_read_input_tokens);
  const cacheWrite = count(usage.cache_creation_input_tokens);
  if (input + output + cacheRead + cacheWrite === 0) return undefined;
  const reasoning = count(inside(usage.output_tokens_details).thinking_tokens);
  return { kind: "usage", usage: { input, output, cacheRead, cacheWrite, reasoning } };
}
