import { z } from "zod";

// Models and providers of crush.json. Loose: unknown keys are carried and named in a warning, not refused.

export const count = z.number().int().nonnegative();
export const strings = z.array(z.string());
const values = z.record(z.string(), z.unknown());
const effort = z.enum(["low", "medium", "high"]);

const sampling = {
  temperature: z.number().optional(),
  top_p: z.number().optional(),
  top_k: z.number().optional(),
  frequency_penalty: z.number().optional(),
  presence_penalty: z.number().optional(),
  provider_options: values.optional(),
};

export const modelChoice = z.looseObject({
  model: z.string().optional().describe("Id of the model, as the provider names it"),
  provider: z.string().optional().describe("Id of the provider that offers it"),
  reasoning_effort: effort.optional(),
  think: z.boolean().optional(),
  max_tokens: count.optional(),
  ...sampling,
});

const model = z.looseObject({
  id: z.string(),
  name: z.string().optional(),
  cost_per_1m_in: z.number().optional().describe("US dollars for a million tokens"),
  cost_per_1m_out: z.number().optional(),
  cost_per_1m_in_cached: z.number().optional(),
  cost_per_1m_out_cached: z.number().optional(),
  context_window: count.optional(),
  default_max_tokens: count.optional(),
  can_reason: z.boolean().optional(),
  reasoning_levels: strings.optional(),
  default_reasoning_effort: z.string().optional(),
  supports_attachments: z.boolean().optional(),
  options: z.looseObject(sampling).optional(),
});

const providerTypes = [
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

export const provider = z.looseObject({
  id: z.string().optional(),
  name: z.string().optional(),
  base_url: z.string().optional().describe("Address; $VAR and $(command) are expanded"),
  type: z.enum(providerTypes).optional(),
  api_key: z.string().optional().describe("$VAR and $(command) are expanded"),
  oauth: z
    .looseObject({
      access_token: z.string().optional(),
      refresh_token: z.string().optional(),
      expires_in: z.number().optional(),
      expires_at: z.number().optional(),
      client: z.string().optional(),
    })
    .optional(),
  disable: z.boolean().optional(),
  system_prompt_prefix: z.string().optional(),
  extra_headers: z.record(z.string(), z.string()).optional(),
  extra_body: values.optional().describe("Merged into each request of an openai-compat provider; not expanded"),
  provider_options: values.optional(),
  aws_auth_refresh: z.string().optional().describe("Command that renews credentials of Bedrock"),
  flat_rate: z.boolean().optional(),
  discover_models: z.boolean().optional(),
  models: z.array(model).optional(),
});
