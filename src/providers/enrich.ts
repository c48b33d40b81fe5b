// What servers tell of their models beyond OpenAI's list: sizes, pictures, thinking, prices. Each kind has its own address for it, and
// none of them must answer.
import type { ProviderConfig, ProviderType } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { inside, isObject, type Json, textOf } from "./shared/json.ts";

/** JSON at a path of the server's root; undefined when there is none. */
export type Ask = (path: string, body?: Json) => Promise<unknown>;
type Found = Partial<Omit<ModelInfo, "provider" | "model" | "providerName">>;

/** Ollama is asked about each model by itself: somebody who keeps more than this does not use them all. */
const shownMax = 24;

type Enricher = (ask: Ask, models: readonly ModelInfo[]) => Promise<Map<string, Found>>;

const enrichers: Partial<Record<ProviderType, Enricher>> = {
  async ollama(ask, models) {
    const found = new Map<string, Found>();
    const about = async ({ model }: ModelInfo): Promise<void> => {
      const answer = inside(await ask("/api/show", { model }));
      const can = strings(answer.capabilities);
      // `num_ctx` is what it is run with; without it Ollama takes less than the model could.
      const set = /^num_ctx\s+(\d+)/m.exec(textOf(answer.parameters))?.[1];
      const size = Number(set) || Object.entries(inside(answer.model_info)).find(([key]) => key.endsWith(".context_length"))?.[1];
      found.set(model, { ...sized(size), canReason: can.includes("thinking"), supportsImages: can.includes("vision") });
    };
    await Promise.all(models.slice(0, shownMax).map(about));
    return found;
  },
  async lmstudio(ask) {
    const entries = list(inside(await ask("/api/v0/models")).data);
    return new Map(
      entries.map((entry) => [
        textOf(entry.id),
        { ...sized(entry.loaded_context_length ?? entry.max_context_length), supportsImages: entry.type === "vlm" },
      ]),
    );
  },
  async llamacpp(ask, models) {
    const props = inside(await ask("/props"));
    const size = inside(props.default_generation_settings).n_ctx;
    const found: Found = { ...sized(size), supportsImages: inside(props.modalities).vision === true };
    return new Map(isObject(props.default_generation_settings) ? models.map(({ model }) => [model, found]) : []);
  },
  async litellm(ask) {
    const entries = list(inside(await ask("/model/info")).data);
    return new Map(
      entries.map((entry) => {
        const info = inside(entry.model_info);
        const input = perMillion(info.input_cost_per_token) ?? 0;
        return [
          textOf(entry.model_name),
          {
            ...sized(info.max_input_tokens ?? info.max_tokens),
            ...(typeof info.max_output_tokens === "number" ? { maxTokens: info.max_output_tokens } : {}),
            canReason: info.supports_reasoning === true,
            supportsImages: info.supports_vision === true,
            price: {
              input,
              output: perMillion(info.output_cost_per_token) ?? 0,
              cacheRead: perMillion(info.cache_read_input_token_cost) ?? input,
              cacheWrite: perMillion(info.cache_creation_input_token_cost) ?? input,
            },
          },
        ];
      }),
    );
  },
};

/** The models with what their server tells of them; as they were where it tells nothing. */
export async function enrich({ type }: Pick<ProviderConfig, "type">, models: ModelInfo[], ask: Ask): Promise<ModelInfo[]> {
  const enricher = enrichers[type];
  if (enricher === undefined || models.length === 0) return models;
  try {
    const found = await enricher(ask, models);
    return models.map((model) => ({ ...model, ...found.get(model.model) }));
  } catch {
    return models;
  }
}

/** Of an entry of OpenRouter's or Vercel's list: prices for one token as text, what the model takes and can. */
export function gatewayFields(entry: Json): Found {
  const pricing = inside(entry.pricing);
  const input = perMillion(pricing.prompt ?? pricing.input);
  const output = perMillion(pricing.completion ?? pricing.output);
  if (input === undefined || output === undefined) return {};
  const takes = strings(inside(entry.architecture).input_modalities);
  const can = [...strings(entry.supported_parameters), ...strings(entry.tags)];
  const longest = inside(entry.top_provider).max_completion_tokens ?? entry.max_tokens;
  return {
    ...(typeof longest === "number" && longest > 0 ? { maxTokens: longest } : {}),
    canReason: can.includes("reasoning"),
    supportsImages: takes.includes("image") || can.includes("vision"),
    price: {
      input,
      output,
      cacheRead: perMillion(pricing.input_cache_read) ?? input,
      cacheWrite: perMillion(pricing.input_cache_write) ?? input,
    },
  };
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(inside) : []);
const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
const sized = (size: unknown): Found => (typeof size === "number" && size > 0 ? { contextWindow: size } : {});

/** Twelve digits are more than any price has, and hide what is not exact in binary. */
function perMillion(price: unknown): number | undefined {
  const one = typeof price === "string" && price !== "" ? Number(price) : price;
  return typeof one === "number" && one >= 0 && Number.isFinite(one) ? Number((one * 1e6).toPrecision(12)) : undefined;
}
