import {
  type Config,
  type ConfigNotice,
  type KeyBindings,
  type ProviderConfig,
  type SelectedModel,
  unknownModel,
} from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { ExpandError, expand } from "./expand.ts";
import { defaultDataDirectory } from "./files.ts";
import { type GatherRequest, gather } from "./gather.ts";
import { type FetchedModels, knownModels } from "./known-providers.ts";
import { resolveProviders } from "./providers.ts";
import type { ConfigFile, ModelChoice } from "./schema.ts";
import { readTheme } from "./theme.ts";
import { hooksOf, lspServers, mcpServers } from "./servers.ts";

export type LoadRequest = GatherRequest & {
  /** Patterns that the user saved with "always" for this workspace (rules.ts). */
  rules?: string[];
  /** Local model servers that were found, in the order to be tried. */
  discovered?: ProviderConfig[];
  /** What providers that list no models in the configuration answered when they were asked, by provider id. */
  models?: Record<string, ModelInfo[]>;
  /** The catalogue that was fetched last. */
  catalogue?: FetchedModels;
};

/** Where Crush looks for instructions of a project, in a fixed order: a stable prompt keeps the provider's cache. */
const contextPaths = [
  ".github/copilot-instructions.md",
  ".cursorrules",
  ".cursor/rules/",
  "CLAUDE.md",
  "CLAUDE.local.md",
  "GEMINI.md",
  "gemini.md",
  "crush.md",
  "crush.local.md",
  "Crush.md",
  "Crush.local.md",
  "CRUSH.md",
  "CRUSH.local.md",
  "AGENTS.md",
  "agents.md",
  "Agents.md",
];

/**
 * Reads, merges, expands and checks the configuration of a workspace. Nothing is fetched, and nothing that a project's file says can
 * run, redirect or reveal anything before its user has trusted it.
 * @throws ConfigError when one of the user's own files is wrong; a wrong project file is left out with a notice
 */
export async function loadConfig(request: LoadRequest): Promise<Config> {
  const { merged, notices, files, untrusted } = await gather(request);
  const config = merged as ConfigFile;
  // Crush exports CRUSH_X also as X while providers are configured, so that a key can be given to it alone.
  const env: Record<string, string | undefined> = { ...request.env };
  for (const [name, value] of Object.entries(request.env))
    if (name.startsWith("CRUSH_") && value && env[name.slice(6)] === undefined) env[name.slice(6)] = value;

  const fetched = request.catalogue ?? {};
  const isBare = config.options?.disable_default_providers ?? isOn(env.CRUSH_DISABLE_DEFAULT_PROVIDERS);
  const resolved = await resolveProviders(config.providers ?? {}, env, notices, { fetched, defaults: !isBare });
  const providers = resolved.map((p) =>
    p.models.length === 0 && request.models ? { ...p, models: modelsOf(p, request.models[p.id] ?? [], env, fetched) } : p,
  );
  const local = (request.discovered ?? []).filter((found) => !providers.some((p) => p.id === found.id));
  const all = [...providers, ...local];
  const large = choose(config.models?.large, all, 0, notices, "large");
  const small = choose(config.models?.small, all, 1, notices, "small") ?? large;
  const options = config.options ?? {};
  const paths = async (list: string[] | undefined, key: string): Promise<string[]> => {
    const all: string[] = [];
    for (const value of list ?? []) {
      try {
        // A backslash belongs to a path of Windows: only what names a variable or a command is expanded.
        all.push(/[$`]/.test(value) ? await expand(value, env) : value);
      } catch (error) {
        if (!(error instanceof ExpandError)) throw error;
        notices.push({ file: "crush.json", key: `options.${key}`, message: `left out: ${error.message}` });
      }
    }
    return all;
  };
  const theme = options.node?.theme ?? "auto";
  const themeFile = readTheme(request.configDir, theme, notices);
  const childEnv: Record<string, string> = {};
  for (const name of Object.keys(config.env ?? {}).sort()) {
    try {
      childEnv[name] = await expand(config.env![name]!, env);
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      notices.push({ file: "crush.json", key: `env.${name}`, message: `left out: ${error.message}` });
    }
  }
  return {
    providers: all,
    ...(large ? { large } : {}),
    ...(small ? { small } : {}),
    mcp: await mcpServers(config.mcp ?? {}, env, notices),
    lsp: await lspServers(config.lsp ?? {}, env, notices),
    hooks: hooksOf(config.hooks, notices),
    options: {
      contextPaths: [...new Set([...contextPaths, ...(await paths(options.context_paths, "context_paths"))])],
      globalContextPaths: await paths(options.global_context_paths, "global_context_paths"),
      skillsPaths: await paths(options.skills_paths, "skills_paths"),
      debug: options.debug ?? false,
      debugLsp: options.debug_lsp ?? false,
      dataDirectory: options.data_directory ?? defaultDataDirectory,
      disabledTools: options.disabled_tools ?? [],
      disabledSkills: options.disabled_skills ?? [],
      disableProviderAutoUpdate: options.disable_provider_auto_update ?? isOn(env.CRUSH_DISABLE_PROVIDER_AUTO_UPDATE),
      disableDefaultProviders: isBare,
      disableMetrics: options.disable_metrics ?? (isOn(env.CRUSH_DISABLE_METRICS) || isOn(env.DO_NOT_TRACK)),
      autoLsp: options.auto_lsp ?? true,
      progress: options.progress ?? true,
      disableAutoSummarize: options.disable_auto_summarize ?? false,
      attribution: {
        trailerStyle: trailerStyle(options.attribution),
        generatedWith: options.attribution?.generated_with ?? true,
      },
      initializeAs: options.initialize_as ?? "AGENTS.md",
      notifications: options.notifications ?? (options.disable_notifications ? "disabled" : (options.notification_style ?? "auto")),
      tui: {
        compactMode: options.tui?.compact_mode ?? false,
        diffMode: options.tui?.diff_mode ?? "unified",
        completionsMaxDepth: options.tui?.completions?.max_depth ?? 0,
        completionsMaxItems: options.tui?.completions?.max_items ?? 1000,
        transparent: options.tui?.transparent ?? env.TERM_PROGRAM === "Apple_Terminal",
        scrollbar: options.tui?.scrollbar ?? "default",
      },
      node: {
        theme,
        ...(themeFile && { themeFile }),
        keys: bindings(options.node?.keys),
        ...(options.node?.compact_at !== undefined && { compactAt: options.node.compact_at }),
        ...(options.node?.compact_keep !== undefined && { compactKeep: options.node.compact_keep }),
        ...(options.node?.budget !== undefined && { budget: budgetOf(options.node.budget) }),
      },
    },
    permissions: { allowedTools: config.permissions?.allowed_tools ?? [], rules: request.rules ?? [] },
    tools: {
      lsMaxDepth: config.tools?.ls?.max_depth ?? 0,
      lsMaxItems: config.tools?.ls?.max_items ?? 1000,
      grepTimeoutMs: milliseconds(config.tools?.grep?.timeout, 5_000),
      globTimeoutMs: milliseconds(config.tools?.glob?.timeout, 30_000),
    },
    env: childEnv,
    notices,
    files,
    untrusted,
    demo: large === undefined,
  };
}

const isOn = (value: string | undefined): boolean => value !== undefined && /^(1|true|yes)$/i.test(value);

function trailerStyle(attribution: NonNullable<ConfigFile["options"]>["attribution"]): Config["options"]["attribution"]["trailerStyle"] {
  if (attribution?.trailer_style) return attribution.trailer_style;
  if (attribution?.co_authored_by === undefined) return "assisted-by";
  return attribution.co_authored_by ? "co-authored-by" : "none";
}

function bindings(keys: Record<string, Record<string, string | string[]>> | undefined): KeyBindings {
  const all: KeyBindings = {};
  for (const [scope, actions] of Object.entries(keys ?? {}))
    all[scope] = Object.fromEntries(Object.entries(actions).map(([action, strokes]) => [action, [strokes].flat()]));
  return all;
}

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds === undefined ? otherwise : Math.round(nanoseconds / 1e6);

/** A server that answers no list is taken at the word of $OPENAI_MODEL, else to know the models of the provider whose name it bears. */
function modelsOf(
  provider: ProviderConfig,
  asked: ModelInfo[],
  env: Record<string, string | undefined>,
  fetched: FetchedModels,
): ModelInfo[] {
  const own = knownModels(provider.id, provider.name, provider.id, fetched);
  // A list seldom tells sizes, and prices hardly ever.
  const known = asked.length > 0 ? asked.map((one) => own.find(({ model }) => model === one.model) ?? one) : own;
  const named = provider.id === "openai" ? env.OPENAI_MODEL : undefined;
  if (!named) return known;
  const first = known.find((m) => m.model === named) ?? {
    ...unknownModel,
    provider: provider.id,
    providerName: provider.name,
    model: named,
    name: named,
  };
  return [first, ...known.filter((m) => m.model !== named)];
}

/** The configured choice if a provider has it, else the `nth` model of the first provider (or its first). */
function choose(
  choice: ModelChoice | undefined,
  providers: ProviderConfig[],
  nth: number,
  notices: ConfigNotice[],
  kind: string,
): SelectedModel | undefined {
  const wanted = choice?.model;
  let found: SelectedModel | undefined;
  if (wanted) {
    const provider = providers.find((p) => (choice.provider ? p.id === choice.provider : p.models.some((m) => m.model === wanted)));
    // A provider of a Chat Completions type may know models that no list names; it will say so if not.
    if (provider) found = { provider: provider.id, model: wanted };
    else
      notices.push({
        file: "crush.json",
        key: `models.${kind}`,
        message: `no usable provider offers ${choice.provider ? `${choice.provider}/` : ""}${wanted}; the default is used`,
      });
  }
  const first = providers.find((p) => p.models.length > 0);
  if (!found && first) found = { provider: first.id, model: (first.models[nth] ?? first.models[0]!).model };
  if (!found) return undefined;
  return {
    ...found,
    ...(choice?.reasoning_effort ? { reasoningEffort: choice.reasoning_effort } : {}),
    ...(choice?.think === undefined ? {} : { think: choice.think }),
    ...(choice?.max_tokens ? { maxTokens: choice.max_tokens } : {}),
    ...(choice?.temperature === undefined ? {} : { temperature: choice.temperature }),
    ...(choice?.top_p === undefined ? {} : { topP: choice.top_p }),
    ...(choice?.top_k === undefined ? {} : { topK: choice.top_k }),
    ...(choice?.frequency_penalty === undefined ? {} : { frequencyPenalty: choice.frequency_penalty }),
    ...(choice?.presence_penalty === undefined ? {} : { presencePenalty: choice.presence_penalty }),
    ...(choice?.provider_options ? { providerOptions: choice.provider_options } : {}),
  };
}

const budgetOf = ({ turn, session }: { turn?: number | undefined; session?: number | undefined }): { turn?: number; session?: number } => ({
  ...(turn !== undefined && { turn }),
  ...(session !== undefined && { session }),
});
