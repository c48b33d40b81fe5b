import type { StreamRecord } from "../../contracts/wire-format.ts";
import { count, inside } from "../shared/json.ts";

/** `input_tokens` counts what came from the cache too; ours are apart. Undefined when it counts nothing. */
export function readUsage(value: unknown): Extract<StreamRecord, { kind: "usage" }> | undefined {
  const usage = inside(value);
  const total = count(usage.input_tokens);
  const output = count(usage.output_tokens);
  if (total + output === 0) return undefined;
  const details = inside(usage.input_tokens_details);
  const cacheRead = Math.min(count(details.cached_tokens), total);
  const cacheWrite = Math.min(count(details.cache_write_tokens), total - cacheRead);
  const reasoning = count(inside(usage.output_tokens_details).reasoning_tokens);
  return { kind: "usage", usage: { input: total - cacheRead - cacheWrite, output, cacheRead, cacheWrite, reasoning } };
}
