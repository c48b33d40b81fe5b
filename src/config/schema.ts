import { z } from "zod";
import { options } from "./schema-options.ts";
import { count, modelChoice, provider, strings } from "./schema-providers.ts";

// The shape of Crush's crush.json, every key of it. Loose: unknown keys are carried and named in a warning, not refused.

const environment = z.record(z.string(), z.string());
/** Whole seconds, as Crush stores them for servers and hooks. */
const seconds = z.number().nonnegative().describe("Seconds");
/** Go durations in nanoseconds, as Crush stores timeouts of tools. */
const nanoseconds = z.number().nonnegative().describe("Nanoseconds");

const mcpServer = z.looseObject({
  type: z.enum(["stdio", "sse", "http"]),
  command: z.string().optional(),
  args: strings.optional(),
  env: environment.optional(),
  url: z.string().optional(),
  headers: environment.optional(),
  disabled: z.boolean().optional(),
  disabled_tools: strings.optional(),
  enabled_tools: strings.optional(),
  timeout: seconds.optional(),
  oauth: z.boolean().optional(),
  oauth_client_id: z.string().optional(),
  oauth_client_secret: z.string().optional(),
  oauth_callback_port: count.max(65_535).optional(),
  oauth_token: z.unknown().optional(),
});

const lspServer = z.looseObject({
  command: z.string().optional(),
  args: strings.optional(),
  env: environment.optional(),
  filetypes: strings.optional(),
  root_markers: strings.optional(),
  init_options: z.record(z.string(), z.unknown()).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  disabled: z.boolean().optional(),
  timeout: seconds.optional(),
});

const hook = z.looseObject({
  command: z.string(),
  name: z.string().optional(),
  matcher: z.string().optional().describe("Regular expression on the tool's name"),
  timeout: seconds.optional(),
});

export const fileSchema = z.looseObject({
  $schema: z.string().optional(),
  models: z.looseObject({ large: modelChoice.optional(), small: modelChoice.optional() }).optional(),
  recent_models: z.looseObject({ large: z.array(modelChoice).optional(), small: z.array(modelChoice).optional() }).optional(),
  providers: z.record(z.string(), provider).optional(),
  mcp: z.record(z.string(), mcpServer).optional(),
  lsp: z.record(z.string(), lspServer).optional(),
  options: options.optional(),
  permissions: z.looseObject({ allowed_tools: strings.optional() }).optional(),
  tools: z
    .looseObject({
      ls: z.looseObject({ max_depth: count.optional(), max_items: count.optional() }).optional(),
      grep: z.looseObject({ timeout: nanoseconds.optional() }).optional(),
      glob: z.looseObject({ timeout: nanoseconds.optional() }).optional(),
    })
    .optional(),
  hooks: z.record(z.string(), z.array(hook)).optional(),
  env: environment.optional(),
});

export type ConfigFile = z.infer<typeof fileSchema>;
export type ProviderEntry = z.infer<typeof provider>;
export type ModelChoice = z.infer<typeof modelChoice>;
export type McpEntry = z.infer<typeof mcpServer>;
export type LspEntry = z.infer<typeof lspServer>;

/** JSON Schema (2020-12) of crush.json as this program reads it, for editors. */
export function configJsonSchema(): object {
  return { ...z.toJSONSchema(fileSchema, { io: "input" }), title: "crush.json", $id: "https://charm.land/crush.json" };
}
