import { z } from "zod";

// Shapes of Crush's crush.json as far as this version uses them. Loose: unknown keys are carried, not refused.

const modelChoice = z.looseObject({
  model: z.string().optional(),
  provider: z.string().optional(),
  reasoning_effort: z.enum(["low", "medium", "high"]).optional(),
  think: z.boolean().optional(),
  max_tokens: z.number().int().nonnegative().optional(),
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  provider_options: z.record(z.string(), z.unknown()).optional(),
});

const model = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  cost_per_1m_in: z.number().optional(),
  cost_per_1m_out: z.number().optional(),
  cost_per_1m_in_cached: z.number().optional(),
  cost_per_1m_out_cached: z.number().optional(),
  context_window: z.number().int().nonnegative().optional(),
  default_max_tokens: z.number().int().nonnegative().optional(),
  can_reason: z.boolean().optional(),
  supports_attachments: z.boolean().optional(),
});

export const providerTypes = [
  "openai",
  "openai-compat",
  "openrouter",
  "vercel",
  "anthropic",
  "google",
  "azure",
  "bedrock",
  "google-vertex",
  "hyper",
  "litellm",
  "llamacpp",
  "lmstudio",
  "ollama",
  "omlx",
] as const;

const provider = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  base_url: z.string().optional(),
  type: z.enum(providerTypes).optional(),
  api_key: z.string().optional(),
  disable: z.boolean().optional(),
  system_prompt_prefix: z.string().optional(),
  extra_headers: z.record(z.string(), z.string()).optional(),
  extra_body: z.record(z.string(), z.unknown()).optional(),
  provider_options: z.record(z.string(), z.unknown()).optional(),
  flat_rate: z.boolean().optional(),
  discover_models: z.boolean().optional(),
  models: z.array(model).optional(),
});

/** Go durations in nanoseconds, as Crush stores timeouts. */
const nanoseconds = z.number().nonnegative();

export const fileSchema = z.looseObject({
  models: z.looseObject({ large: modelChoice.optional(), small: modelChoice.optional() }).optional(),
  providers: z.record(z.string(), provider).optional(),
  options: z
    .looseObject({
      context_paths: z.array(z.string()).optional(),
      global_context_paths: z.array(z.string()).optional(),
      debug: z.boolean().optional(),
      disabled_tools: z.array(z.string()).optional(),
      disable_auto_summarize: z.boolean().optional(),
      attribution: z
        .looseObject({
          trailer_style: z.enum(["none", "co-authored-by", "assisted-by"]).optional(),
          generated_with: z.boolean().optional(),
        })
        .optional(),
      initialize_as: z.string().optional(),
      notifications: z.enum(["auto", "native", "osc", "bell", "disabled"]).optional(),
      tui: z
        .looseObject({
          compact_mode: z.boolean().optional(),
          diff_mode: z.enum(["unified", "split"]).optional(),
          completions: z
            .looseObject({ max_depth: z.number().int().nonnegative().optional(), max_items: z.number().int().nonnegative().optional() })
            .optional(),
          transparent: z.boolean().optional(),
        })
        .optional(),
    })
    .optional(),
  permissions: z.looseObject({ allowed_tools: z.array(z.string()).optional() }).optional(),
  tools: z
    .looseObject({
      ls: z
        .looseObject({ max_depth: z.number().int().nonnegative().optional(), max_items: z.number().int().nonnegative().optional() })
        .optional(),
      grep: z.looseObject({ timeout: nanoseconds.optional() }).optional(),
      glob: z.looseObject({ timeout: nanoseconds.optional() }).optional(),
    })
    .optional(),
  env: z.record(z.string(), z.string()).optional(),
});

export type ConfigFile = z.infer<typeof fileSchema>;
export type ProviderEntry = z.infer<typeof provider>;
export type ModelChoice = z.infer<typeof modelChoice>;
