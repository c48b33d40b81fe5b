// The account of a scripted day: four providers, one of each wire, what a request to them costs, and what they tell of it.
import type { Usage } from "../../src/protocol/index.ts";
import type { Script, Seen } from "./simulator.ts";

type Price = { input: number; output: number; cacheRead: number; cacheWrite: number };
export type Provider = { id: string; type: string; base: string; prices: { large: Price; small: Price } };

const price = (input: number, output: number, cacheRead: number, cacheWrite: number): Price => ({ input, output, cacheRead, cacheWrite });
/** One of each wire; no two prices are alike, so that none can stand for another. */
export const providers: readonly Provider[] = [
  { id: "chat", type: "openai-compat", base: "/v1", prices: { large: price(2.5, 10, 1.25, 2.6), small: price(0.15, 0.6, 0.07, 0.16) } },
  {
    id: "responses",
    type: "openai",
    base: "/v1/responses",
    prices: { large: price(1.75, 14, 0.175, 1.8), small: price(0.25, 2, 0.025, 0.26) },
  },
  { id: "anthropic", type: "anthropic", base: "", prices: { large: price(3, 15, 0.3, 3.75), small: price(0.8, 4, 0.08, 1) } },
  { id: "google", type: "google", base: "", prices: { large: price(1.2, 12, 0.31, 1.3), small: price(0.3, 2.4, 0.03, 0.31) } },
];
export const wireOf = (where: string): string =>
  where.includes("/chat/completions")
    ? "chat"
    : where.includes("/responses")
      ? "responses"
      : where.includes("/messages")
        ? "anthropic"
        : "google";

/** What the provider tells of a request, and what it has cost by the prices of its model. Part of the prompt came from a cache. */
export function bill(asked: Seen, below: (below: number) => number): { usage: Usage; told: NonNullable<Script["usage"]> } {
  const model = typeof asked.body.model === "string" ? asked.body.model : (/models\/([^:]+):/.exec(asked.path)?.[1] ?? "");
  const [id, size] = model.split("-") as [string, "large" | "small"];
  const { prices } = providers.find((provider) => provider.id === id)!;
  const prompt = Math.max(1, Math.ceil(asked.raw.length / 4));
  const cached = below(prompt);
  const written = id === "anthropic" ? below(prompt - cached) : 0;
  const output = 10 + below(400);
  const of = prices[size];
  const input = prompt - cached - written;
  const cost = (input * of.input + output * of.output + cached * of.cacheRead + written * of.cacheWrite) / 1e6;
  const usage: Usage = { input, output, cacheRead: cached, cacheWrite: written, reasoning: 0, cost };
  const told = { prompt_tokens: prompt, completion_tokens: output, cached, written, prompt_tokens_details: { cached_tokens: cached } };
  return { usage, told };
}

/** The configuration of the day. @param window  of all models, in tokens */
export function dayConfig(url: string, window: number): Record<string, unknown> {
  const models = ({ id, prices }: Provider) =>
    (["large", "small"] as const).map((size) => ({
      id: `${id}-${size}`,
      name: `${id}-${size}`,
      context_window: window,
      default_max_tokens: 4_000,
      cost_per_1m_in: prices[size].input,
      cost_per_1m_out: prices[size].output,
      cost_per_1m_in_cached: prices[size].cacheWrite,
      cost_per_1m_out_cached: prices[size].cacheRead,
    }));
  return {
    providers: Object.fromEntries(
      providers.map((one) => [one.id, { type: one.type, base_url: `${url}${one.base}`, api_key: "$SIM_API_KEY", models: models(one) }]),
    ),
    models: { large: { provider: "chat", model: "chat-large" }, small: { provider: "anthropic", model: "anthropic-small" } },
  };
}

/** Two sums of the same doubles in another order. */
const costTolerance = 1e-9;
export const counts = ["input", "output", "cacheRead", "cacheWrite"] as const;
export const near = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < costTolerance;
export const plus = (a: Usage, b: Usage): Usage => ({
  input: a.input + b.input,
  output: a.output + b.output,
  cacheRead: a.cacheRead + b.cacheRead,
  cacheWrite: a.cacheWrite + b.cacheWrite,
  reasoning: a.reasoning + b.reasoning,
  cost: a.cost + b.cost,
});
