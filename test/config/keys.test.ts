// Every key of crush.json: what is written there comes out as configured. A key of the schema without a row here fails the last test.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkText } from "../../src/config/check.ts";
import { configJsonSchema } from "../../src/config/index.ts";
import type { Config } from "../../src/contracts/config.ts";
import { openPlaces, type Places, sim } from "./support/places.ts";

let places: Places;
beforeEach(() => {
  places = openPlaces();
});
afterEach(() => places.dispose());

type Row = [key: string, value: unknown, read: (config: Config) => unknown, expected: unknown];

const provider = (config: Config) => config.providers.find(({ id }) => id === "sim");
const model = (config: Config) => provider(config)?.models[0];
const mcp = (config: Config) => config.mcp.find(({ name }) => name === "one");
const lsp = (config: Config) => config.lsp.find(({ name }) => name === "one");
const choice = (kind: "large" | "small"): Row[] => [
  [`models.${kind}.model`, "sim", (c) => c[kind]?.model, "sim"],
  [`models.${kind}.provider`, "sim", (c) => c[kind]?.provider, "sim"],
  [`models.${kind}.reasoning_effort`, "high", (c) => c[kind]?.reasoningEffort, "high"],
  [`models.${kind}.think`, true, (c) => c[kind]?.think, true],
  [`models.${kind}.max_tokens`, 77, (c) => c[kind]?.maxTokens, 77],
  [`models.${kind}.temperature`, 0, (c) => c[kind]?.temperature, 0],
  [`models.${kind}.top_p`, 0.5, (c) => c[kind]?.topP, 0.5],
  [`models.${kind}.top_k`, 40, (c) => c[kind]?.topK, 40],
  [`models.${kind}.frequency_penalty`, 1.5, (c) => c[kind]?.frequencyPenalty, 1.5],
  [`models.${kind}.presence_penalty`, -1, (c) => c[kind]?.presencePenalty, -1],
  [`models.${kind}.provider_options`, { a: 1 }, (c) => c[kind]?.providerOptions, { a: 1 }],
];

/** What the rows of a section need beside the key itself. */
const beside: Record<string, object> = {
  "mcp.one": { type: "stdio" },
  "providers.sim": sim,
};

const rows: Row[] = [
  ["$schema", "https://charm.land/crush.json", (c) => c.notices, []],
  ...choice("large"),
  ...choice("small"),
  ["providers.sim.id", "sim", (c) => provider(c)?.id, "sim"],
  ["providers.sim.name", "Mine", (c) => provider(c)?.name, "Mine"],
  ["providers.sim.base_url", "http://$HOST/v1/", (c) => provider(c)?.baseUrl, "http://local/v1"],
  ["providers.sim.type", "anthropic", (c) => provider(c)?.type, "anthropic"],
  ["providers.sim.api_key", "${KEY:-k}", (c) => provider(c)?.apiKey, "k"],
  ["providers.sim.disable", true, (c) => provider(c), undefined],
  ["providers.sim.system_prompt_prefix", "Say yes.", (c) => provider(c)?.systemPromptPrefix, "Say yes."],
  ["providers.sim.extra_headers", { a: "$HOST", b: "$NONE" }, (c) => provider(c)?.extraHeaders, { a: "local" }],
  ["providers.sim.extra_body", { a: "$HOST" }, (c) => provider(c)?.extraBody, { a: "$HOST" }],
  ["providers.sim.provider_options", { a: [1] }, (c) => provider(c)?.providerOptions, { a: [1] }],
  ["providers.sim.aws_auth_refresh", "aws sso login", (c) => provider(c)?.awsAuthRefresh, "aws sso login"],
  ["providers.sim.flat_rate", true, (c) => provider(c)?.flatRate, true],
  ["providers.sim.discover_models", false, (c) => provider(c)?.discoverModels, false],
  ["providers.sim.models.0.id", "other", (c) => model(c)?.model, "other"],
  ["providers.sim.models.0.name", "Other", (c) => model(c)?.name, "Other"],
  ["providers.sim.models.0.cost_per_1m_in", 1, (c) => model(c)?.price.input, 1],
  ["providers.sim.models.0.cost_per_1m_out", 2, (c) => model(c)?.price.output, 2],
  // What goes into the cache and what comes out of it, as Crush's `--price-cache-create` and `--price-cache-hit` say.
  ["providers.sim.models.0.cost_per_1m_in_cached", 3.75, (c) => model(c)?.price.cacheWrite, 3.75],
  ["providers.sim.models.0.cost_per_1m_out_cached", 0.3, (c) => model(c)?.price.cacheRead, 0.3],
  ["providers.sim.models.0.context_window", 1000, (c) => model(c)?.contextWindow, 1000],
  ["providers.sim.models.0.default_max_tokens", 100, (c) => model(c)?.maxTokens, 100],
  ["providers.sim.models.0.can_reason", true, (c) => model(c)?.canReason, true],
  ["providers.sim.models.0.supports_attachments", true, (c) => model(c)?.supportsImages, true],
  ["mcp.one.type", "http", (c) => mcp(c)?.type, "http"],
  ["mcp.one.command", "$HOST/bin", (c) => mcp(c)?.command, "local/bin"],
  ["mcp.one.args", ["-x", "$HOST"], (c) => mcp(c)?.args, ["-x", "local"]],
  ["mcp.one.env", { A: "$(printf b)" }, (c) => mcp(c)?.env, { A: "b" }],
  ["mcp.one.url", "http://$HOST", (c) => mcp(c)?.url, "http://local"],
  ["mcp.one.headers", { A: "Bearer $HOST", B: "$NONE" }, (c) => mcp(c)?.headers, { A: "Bearer local" }],
  ["mcp.one.disabled", true, (c) => c.mcp, []],
  ["mcp.one.disabled_tools", ["a"], (c) => mcp(c)?.disabledTools, ["a"]],
  ["mcp.one.enabled_tools", ["b"], (c) => mcp(c)?.enabledTools, ["b"]],
  ["mcp.one.timeout", 7, (c) => mcp(c)?.timeoutMs, 7_000],
  ["mcp.one.oauth", true, (c) => mcp(c)?.oauth, true],
  ["mcp.one.oauth_client_id", "$HOST", (c) => mcp(c)?.oauthClientId, "local"],
  ["mcp.one.oauth_client_secret", "$HOST", (c) => mcp(c)?.oauthClientSecret, "local"],
  ["mcp.one.oauth_callback_port", 40_704, (c) => mcp(c)?.oauthCallbackPort, 40_704],
  ["lsp.one.command", "gopls", (c) => lsp(c)?.command, "gopls"],
  ["lsp.one.args", ["$HOST"], (c) => lsp(c)?.args, ["local"]],
  ["lsp.one.env", { A: "$HOST" }, (c) => lsp(c)?.env, { A: "local" }],
  ["lsp.one.filetypes", ["go"], (c) => lsp(c)?.filetypes, ["go"]],
  ["lsp.one.root_markers", ["go.mod"], (c) => lsp(c)?.rootMarkers, ["go.mod"]],
  ["lsp.one.init_options", { a: 1 }, (c) => lsp(c)?.initOptions, { a: 1 }],
  ["lsp.one.options", { b: 2 }, (c) => lsp(c)?.options, { b: 2 }],
  ["lsp.one.disabled", true, (c) => c.lsp, []],
  ["lsp.one.timeout", 3, (c) => lsp(c)?.timeoutMs, 3_000],
  ["options.context_paths", ["NOTES.md"], (c) => c.options.contextPaths.at(-1), "NOTES.md"],
  ["options.global_context_paths", ["$HOST/X.md"], (c) => c.options.globalContextPaths, ["local/X.md"]],
  ["options.skills_paths", ["~/skills"], (c) => c.options.skillsPaths, ["~/skills"]],
  ["options.tui.compact_mode", true, (c) => c.options.tui.compactMode, true],
  ["options.tui.diff_mode", "split", (c) => c.options.tui.diffMode, "split"],
  ["options.tui.completions.max_depth", 4, (c) => c.options.tui.completionsMaxDepth, 4],
  ["options.tui.completions.max_items", 9, (c) => c.options.tui.completionsMaxItems, 9],
  ["options.tui.transparent", true, (c) => c.options.tui.transparent, true],
  ["options.tui.scrollbar", "never", (c) => c.options.tui.scrollbar, "never"],
  ["options.debug", true, (c) => c.options.debug, true],
  ["options.debug_lsp", true, (c) => c.options.debugLsp, true],
  ["options.disable_auto_summarize", true, (c) => c.options.disableAutoSummarize, true],
  ["options.data_directory", ".mine", (c) => c.options.dataDirectory, ".mine"],
  ["options.disabled_tools", ["bash"], (c) => c.options.disabledTools, ["bash"]],
  ["options.disabled_skills", ["jq"], (c) => c.options.disabledSkills, ["jq"]],
  ["options.disable_provider_auto_update", true, (c) => c.options.disableProviderAutoUpdate, true],
  ["options.disable_default_providers", true, (c) => c.options.disableDefaultProviders, true],
  ["options.attribution.trailer_style", "none", (c) => c.options.attribution.trailerStyle, "none"],
  ["options.attribution.generated_with", false, (c) => c.options.attribution.generatedWith, false],
  ["options.attribution.co_authored_by", true, (c) => c.options.attribution.trailerStyle, "co-authored-by"],
  ["options.disable_metrics", true, (c) => c.options.disableMetrics, true],
  ["options.initialize_as", "CRUSH.md", (c) => c.options.initializeAs, "CRUSH.md"],
  ["options.auto_lsp", false, (c) => c.options.autoLsp, false],
  ["options.progress", false, (c) => c.options.progress, false],
  ["options.notifications", "bell", (c) => c.options.notifications, "bell"],
  ["options.disable_notifications", true, (c) => c.options.notifications, "disabled"],
  ["options.notification_style", "osc", (c) => c.options.notifications, "osc"],
  ["options.node.theme", "ansi", (c) => c.options.node.theme, "ansi"],
  ["options.node.keys", { global: { help: "f1" } }, (c) => c.options.node.keys, { global: { help: ["f1"] } }],
  ["options.node.compact_at", 0.5, (c) => c.options.node.compactAt, 0.5],
  ["options.node.compact_keep", 900, (c) => c.options.node.compactKeep, 900],
  ["options.node.budget.turn", 0.5, (c) => c.options.node.budget, { turn: 0.5 }],
  ["options.node.budget.session", 2, (c) => c.options.node.budget, { session: 2 }],
  ["permissions.allowed_tools", ["view", "edit:write"], (c) => c.permissions.allowedTools, ["view", "edit:write"]],
  ["tools.ls.max_depth", 3, (c) => c.tools.lsMaxDepth, 3],
  ["tools.ls.max_items", 5, (c) => c.tools.lsMaxItems, 5],
  ["tools.grep.timeout", 2_000_000_000, (c) => c.tools.grepTimeoutMs, 2_000],
  ["tools.glob.timeout", 1_500_000_000, (c) => c.tools.globTimeoutMs, 1_500],
  [
    "hooks",
    { pre_tool_use: [{ command: "x", name: "n", matcher: "^bash$", timeout: 2 }], PreToolUse: [{ command: "y" }] },
    (c) => c.hooks,
    [
      { event: "PreToolUse", command: "x", name: "n", matcher: "^bash$", timeoutMs: 2_000 },
      { event: "PreToolUse", command: "y", timeoutMs: 30_000 },
    ],
  ],
  [
    "env",
    { B: "$HOST", A: "$(printf 1)" },
    (c) => Object.entries(c.env),
    [
      ["A", "1"],
      ["B", "local"],
    ],
  ],
];

/** Keys that Crush writes itself, or that only a provider of a later version uses: accepted without a word, and carried. */
const carried: [key: string, value: unknown][] = [
  ["recent_models.large", [{ provider: "sim", model: "sim" }]],
  ["recent_models.small", [{ provider: "sim", model: "sim" }]],
  ["providers.sim.oauth", { access_token: "a", refresh_token: "r", expires_in: 1, expires_at: 2, client: "c" }],
  ["providers.sim.models.0.reasoning_levels", ["low", "high"]],
  ["providers.sim.models.0.default_reasoning_effort", "low"],
  [
    "providers.sim.models.0.options",
    { temperature: 1, top_p: 1, top_k: 1, frequency_penalty: 1, presence_penalty: 1, provider_options: {} },
  ],
  ["mcp.one.oauth_token", { access_token: "t" }],
];

function document(key: string, value: unknown): unknown {
  const out: Record<string, unknown> = { providers: { sim: structuredClone(sim) } };
  let at = out as Record<string, unknown>;
  const parts = key.split(".");
  parts.forEach((part, index) => {
    if (index === parts.length - 1) at[part] = value;
    else {
      at[part] ??= structuredClone(beside[parts.slice(0, index + 1).join(".")] ?? {});
      at = at[part] as Record<string, unknown>;
    }
  });
  return out;
}

describe("in crush.json", () => {
  test.each(rows)("%s is taken", async (key, value, read, expected) => {
    places.user(document(key, value));
    const config = await places.load({ HOST: "local" });
    expect(read(config)).toEqual(expected);
    expect(config.notices.filter(({ message }) => !message.includes("is not spoken"))).toEqual([]);
  });

  test.each(carried)("%s is accepted", (key, value) => {
    expect(checkText("crush.json", JSON.stringify(document(key, value))).problems).toEqual([]);
  });

  test("every key of the schema stands in one of the tables above", () => {
    const covered = [...rows, ...carried].map(([key]) =>
      key.replace(/^(providers|mcp|lsp)\.\w+/, "$1.*").replace(".models.0.", ".models."),
    );
    const isCovered = (key: string) => covered.some((each) => each === key || key.startsWith(`${each}.`));
    const all = schemaKeys(configJsonSchema() as Schema);
    expect(all.length).toBeGreaterThan(90);
    expect(all.filter((key) => !isCovered(key))).toEqual([]);
  });
});

type Schema = { properties?: Record<string, Schema>; additionalProperties?: Schema | boolean; items?: Schema };
/** Names of all keys that hold a value; `*` stands for a name of the user's. */
function schemaKeys(schema: Schema, path: string[] = []): string[] {
  if (schema.items) return schemaKeys(schema.items, path);
  const inner = Object.entries(schema.properties ?? {}).map(([key, value]): [string, Schema] => [key, value]);
  const free = schema.additionalProperties;
  if (inner.length === 0 && typeof free === "object" && Object.keys(free).length > 0) inner.push(["*", free]);
  if (inner.length === 0) return [path.join(".")];
  return inner.flatMap(([key, value]) => schemaKeys(value, [...path, key]));
}
