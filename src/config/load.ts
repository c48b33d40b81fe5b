import { type Config, type ConfigNotice, type ProviderConfig, type SelectedModel, unknownModel } from "../contracts/config.ts";
import type { ModelInfo } from "../protocol/index.ts";
import { ExpandError, expand } from "./expand.ts";
import { type ConfigPlaces, configSources, scriptSources } from "./files.ts";
import { knownModels } from "./known-providers.ts";
import { type JsonObject, merge } from "./merge.ts";
import { harmlessOnly } from "./project-keys.ts";
import { resolveProviders } from "./providers.ts";
import { ConfigError, lineOf, readConfigFile } from "./read.ts";
import { type ConfigFile, fileSchema, type ModelChoice } from "./schema.ts";

export type LoadRequest = ConfigPlaces & {
  /** Patterns that the user saved with "always" for this workspace (rules.ts). */
  rules?: string[];
  /** Local model servers that were found, in the order to be tried. */
  discovered?: ProviderConfig[];
  /** What providers that list no models in the configuration answered when they were asked, by provider id. */
  models?: Record<string, ModelInfo[]>;
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
 * Reads, merges, expands and checks the configuration of a workspace. Nothing is fetched and no project file can run, redirect
 * or reveal anything: of those only harmless keys count, and a notice names the others.
 * @throws ConfigError when one of the user's own files is wrong; a wrong project file is left out with a notice
 */
export async function loadConfig(request: LoadRequest): Promise<Config> {
  const notices: ConfigNotice[] = [];
  const files: string[] = [];
  let merged: JsonObject = {};
  for (const source of configSources(request)) {
    let value: JsonObject | undefined;
    try {
      value = readConfigFile(source.file);
    } catch (error) {
      if (source.trust === "user" || !(error instanceof ConfigError)) throw error;
      notices.push({ file: source.file, ...(error.line === undefined ? {} : { line: error.line }), message: `left out: ${error.message}` });
      continue;
    }
    if (!value) continue;
    files.push(source.file);
    if (source.trust === "project") {
      const { kept, notices: left } = harmlessOnly(source.file, value, request.workspace);
      notices.push(...left.map((notice) => withLine(notice)));
      value = kept;
    }
    const problem = shapeProblem(value);
    if (problem) {
      const error = new ConfigError("shape", source.file, `${problem.key}: ${problem.message}`, lineOf(source.file, problem.key));
      if (source.trust === "user") throw error;
      notices.push({ file: source.file, key: problem.key, message: `left out: ${problem.message}` });
      continue;
    }
    merged = merge(merged, value);
  }
  for (const file of scriptSources(request))
    notices.push({ file, message: "is a script, which this version does not run: put what it sets into crush.json" });
  const config = merged as ConfigFile;
  // Crush exports CRUSH_X also as X while providers are configured, so that a key can be given to it alone.
  const env: Record<string, string | undefined> = { ...request.env };
  for (const [name, value] of Object.entries(request.env))
    if (name.startsWith("CRUSH_") && value && env[name.slice(6)] === undefined) env[name.slice(6)] = value;

  const resolved = await resolveProviders(config.providers ?? {}, env, notices);
  const providers = resolved.map((p) =>
    p.models.length === 0 && request.models ? { ...p, models: modelsOf(p, request.models[p.id] ?? [], env) } : p,
  );
  const local = (request.discovered ?? []).filter((found) => !providers.some((p) => p.id === found.id));
  const all = [...providers, ...local];
  const large = choose(config.models?.large, all, 0, notices, "large");
  const small = choose(config.models?.small, all, 1, notices, "small") ?? large;
  const options = config.options ?? {};
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
    options: {
      contextPaths: [...new Set([...contextPaths, ...(options.context_paths ?? [])])],
      globalContextPaths: options.global_context_paths ?? [],
      debug: options.debug ?? false,
      disabledTools: options.disabled_tools ?? [],
      disableAutoSummarize: options.disable_auto_summarize ?? false,
      attribution: {
        trailerStyle: options.attribution?.trailer_style ?? "assisted-by",
        generatedWith: options.attribution?.generated_with ?? true,
      },
      initializeAs: options.initialize_as ?? "AGENTS.md",
      notifications: options.notifications ?? "auto",
      tui: {
        compactMode: options.tui?.compact_mode ?? false,
        diffMode: options.tui?.diff_mode ?? "unified",
        completionsMaxDepth: options.tui?.completions?.max_depth ?? 0,
        completionsMaxItems: options.tui?.completions?.max_items ?? 1000,
        transparent: options.tui?.transparent ?? false,
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
    demo: large === undefined,
  };
}

const withLine = (notice: ConfigNotice): ConfigNotice => {
  const line = notice.key === undefined ? undefined : lineOf(notice.file, notice.key);
  return line === undefined ? notice : { ...notice, line };
};

const milliseconds = (nanoseconds: number | undefined, otherwise: number): number =>
  nanoseconds === undefined ? otherwise : Math.round(nanoseconds / 1e6);

function shapeProblem(value: JsonObject): { key: string; message: string } | undefined {
  const checked = fileSchema.safeParse(value);
  if (checked.success) return undefined;
  const issue = checked.error.issues[0]!;
  return { key: issue.path.join("."), message: issue.message };
}

/** A server that answers no list is taken at the word of $OPENAI_MODEL, else to know the models of the provider whose name it bears. */
function modelsOf(provider: ProviderConfig, asked: ModelInfo[], env: Record<string, string | undefined>): ModelInfo[] {
  const known = asked.length > 0 ? asked : knownModels(provider.id, provider.name);
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
