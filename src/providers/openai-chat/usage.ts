import type { StreamRecord } from "../../contracts/wire-format.ts";
import { count, inside } from "../shared/json.ts";

type UsageRecord = Extract<StreamRecord, { kind: "usage" }>;

/**
 * The usage object of Chat Completions and its dialects. `prompt_tokens` counts what came from the cache too; ours are apart,
 * because each has its price: prompt_tokens = input + cacheRead + cacheWrite. Undefined when it counts nothing.
 */
export function readUsage(value: unknown): UsageRecord | undefined {
  const usage = inside(value);
  const prompt = inside(usage.prompt_tokens_details);
  const completion = inside(usage.completion_tokens_details);
  const total = count(usage.prompt_tokens ?? usage.input_tokens);
  const completed = count(usage.completion_tokens ?? usage.output_tokens);
  const cacheRead = count(prompt.cached_tokens ?? usage.prompt_cache_hit_tokens ?? usage.cached_tokens);
  const cacheWrite = count(prompt.cache_write_tokens ?? usage.cache_creation_input_tokens);
  const reasoning = count(completion.reasoning_tokens ?? usage.reasoning_tokens);
  // Perplexity counts thoughts apart from what is said: beside it, and more than all of it.
  const output = count(usage.reasoning_tokens) > completed ? completed + reasoning : completed;
  if (total === 0 && output === 0) return undefined;
  // A gateway that counts them apart reports more from the cache than in all.
  const cached = cacheRead + cacheWrite;
  const input = total >= cached ? total - cached : total;
  const record: UsageRecord = { kind: "usage", usage: { input, output, cacheRead, cacheWrite, reasoning } };
  const cost = typeof usage.cost === "number" ? usage.cost : inside(usage.cost).usd;
  if (typeof cost === "number" && Number.isFinite(cost) && cost >= 0) record.cost = cost;
  return record;
}
