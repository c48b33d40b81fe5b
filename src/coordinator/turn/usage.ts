import type { ModelInfo, Usage } from "../../protocol/index.ts";

export const noUsage = (): Usage => ({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 0 });

export function addUsage(a: Usage, b: Usage): Usage {
  return {
    input: a.input + b.input,
    output: a.output + b.output,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    reasoning: a.reasoning + b.reasoning,
    cost: a.cost + b.cost,
  };
}

/**
 * Usage with its cost in US dollars: what the provider reported, else by the model's prices for a million tokens. `input` counts
 * tokens that were not read from or written to the provider's cache.
 */
export function priced(usage: Omit<Usage, "cost">, model: ModelInfo, options: { reported?: number | undefined; flatRate: boolean }): Usage {
  const { price } = model;
  const byPrice =
    (usage.input * price.input + usage.output * price.output + usage.cacheRead * price.cacheRead + usage.cacheWrite * price.cacheWrite) /
    1e6;
  return { ...usage, cost: options.flatRate ? 0 : (options.reported ?? byPrice) };
}

/** What the context window holds after a completion: its whole prompt and its answer. */
export const contextTokens = (usage: Usage): number => usage.input + usage.cacheRead + usage.cacheWrite + usage.output;

/** The most that a request can cost: nothing of its prompt comes from a cache, all of it is written to one if that is dearer, and the answer is as long as it may be. */
export function worstCost(input: number, output: number, { price }: ModelInfo): number {
  return (input * Math.max(price.input, price.cacheWrite, price.cacheRead) + output * price.output) / 1e6;
}
