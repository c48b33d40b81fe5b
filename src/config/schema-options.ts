import { z } from "zod";
import { count, strings } from "./schema-providers.ts";

// `options` of crush.json. `node` is ours: Crush carries it and does not look inside.

const strokes = z.union([z.string(), strings]).describe('A key ("ctrl+k") or several; an empty list binds none');

export const nodeOptions = z.looseObject({
  theme: z.string().optional().describe("auto, dark, light, ansi, or the name of a file in the themes directory beside this one"),
  keys: z.record(z.string(), z.record(z.string(), strokes)).optional().describe("Key bindings: scope, then action, then keys"),
  compact_at: z
    .number()
    .gt(0)
    .lt(1)
    .optional()
    .describe(
      "Share of the context window at which a conversation is summarized; by default when 20 % are left, of large windows 20,000 tokens",
    ),
  compact_keep: count.optional().describe("Tokens of recent turns that are kept word by word then, at most"),
  budget: z
    .looseObject({ turn: z.number().gt(0).optional(), session: z.number().gt(0).optional() })
    .optional()
    .describe("US dollars that a turn and a session may cost: a turn stops before a request that could take it beyond"),
});

export const options = z.looseObject({
  context_paths: strings.optional(),
  global_context_paths: strings.optional(),
  skills_paths: strings.optional(),
  tui: z
    .looseObject({
      compact_mode: z.boolean().optional(),
      diff_mode: z.enum(["unified", "split"]).optional(),
      completions: z.looseObject({ max_depth: count.optional(), max_items: count.optional() }).optional(),
      transparent: z.boolean().optional(),
      scrollbar: z.enum(["default", "always", "never"]).optional(),
    })
    .optional(),
  debug: z.boolean().optional(),
  debug_lsp: z.boolean().optional(),
  disable_auto_summarize: z.boolean().optional(),
  data_directory: z.string().optional(),
  disabled_tools: strings.optional(),
  disabled_skills: strings.optional(),
  disable_provider_auto_update: z.boolean().optional(),
  disable_default_providers: z.boolean().optional(),
  attribution: z
    .looseObject({
      trailer_style: z.enum(["none", "co-authored-by", "assisted-by"]).optional(),
      generated_with: z.boolean().optional(),
      co_authored_by: z.boolean().optional().meta({ deprecated: true, description: "Say trailer_style instead" }),
    })
    .optional(),
  disable_metrics: z.boolean().optional(),
  initialize_as: z.string().optional(),
  auto_lsp: z.boolean().optional(),
  progress: z.boolean().optional(),
  notifications: z.enum(["auto", "native", "osc", "bell", "disabled"]).optional(),
  disable_notifications: z.boolean().optional().meta({ deprecated: true, description: "Say notifications: disabled instead" }),
  notification_style: z
    .enum(["auto", "native", "osc", "bell", "disabled"])
    .optional()
    .meta({ deprecated: true, description: "Say notifications instead" }),
  node: nodeOptions.optional().describe("Keys of Crush for Node alone"),
});
