import type { ConfigNotice, HookConfig, LspServer, McpServer } from "../contracts/config.ts";
import { isHookEvent } from "./check.ts";
import { ExpandError, expand } from "./expand.ts";
import type { ConfigFile, LspEntry, McpEntry } from "./schema.ts";

type Env = Record<string, string | undefined>;

// Crush's defaults.
const mcpTimeoutMs = 10_000;
const lspTimeoutMs = 30_000;
const hookTimeoutMs = 30_000;

const milliseconds = (seconds: number | undefined, otherwise: number): number => (seconds ? Math.round(seconds * 1_000) : otherwise);

/** MCP servers that are not disabled, with their values expanded; one whose values cannot be is left out with a notice. */
export const mcpServers = (entries: Record<string, McpEntry>, env: Env, notices: ConfigNotice[]): Promise<McpServer[]> =>
  each("mcp", entries, notices, async (name, entry) => {
    const text = async (value: string | undefined) => (value === undefined ? undefined : await expand(value, env));
    const [command, url, clientId, clientSecret] = await Promise.all(
      [entry.command, entry.url, entry.oauth_client_id, entry.oauth_client_secret].map(text),
    );
    const headers = await expandAll(entry.headers, env);
    return {
      name,
      type: entry.type,
      ...(command === undefined ? {} : { command }),
      args: await expandList(entry.args, env),
      env: await expandAll(entry.env, env),
      ...(url === undefined ? {} : { url }),
      // As with providers: a header that resolves to nothing is not sent.
      headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== "")),
      disabledTools: entry.disabled_tools ?? [],
      enabledTools: entry.enabled_tools ?? [],
      timeoutMs: milliseconds(entry.timeout, mcpTimeoutMs),
      oauth: entry.oauth ?? false,
      ...(clientId === undefined ? {} : { oauthClientId: clientId }),
      ...(clientSecret === undefined ? {} : { oauthClientSecret: clientSecret }),
      ...(entry.oauth_callback_port === undefined ? {} : { oauthCallbackPort: entry.oauth_callback_port }),
    };
  });

/** Language servers that are not disabled, with their values expanded. */
export const lspServers = (entries: Record<string, LspEntry>, env: Env, notices: ConfigNotice[]): Promise<LspServer[]> =>
  each("lsp", entries, notices, async (name, entry) => ({
    name,
    ...(entry.command === undefined ? {} : { command: await expand(entry.command, env) }),
    args: await expandList(entry.args, env),
    env: await expandAll(entry.env, env),
    filetypes: entry.filetypes ?? [],
    rootMarkers: entry.root_markers ?? [],
    ...(entry.init_options === undefined ? {} : { initOptions: entry.init_options }),
    ...(entry.options === undefined ? {} : { options: entry.options }),
    timeoutMs: milliseconds(entry.timeout, lspTimeoutMs),
  }));

/** Hooks in the order of the configuration; one whose matcher is no regular expression is left out with a notice. */
export function hooksOf(entries: ConfigFile["hooks"], notices: ConfigNotice[]): HookConfig[] {
  const hooks: HookConfig[] = [];
  for (const [event, list] of Object.entries(entries ?? {})) {
    if (!isHookEvent(event)) continue;
    for (const [index, { command, name, matcher, timeout }] of list.entries()) {
      try {
        if (matcher) new RegExp(matcher);
      } catch {
        notices.push({ file: "crush.json", key: `hooks.${event}.${index}.matcher`, message: "left out: it is no regular expression" });
        continue;
      }
      hooks.push({
        event: "PreToolUse",
        command,
        ...(name === undefined ? {} : { name }),
        ...(matcher ? { matcher } : {}),
        timeoutMs: milliseconds(timeout, hookTimeoutMs),
      });
    }
  }
  return hooks;
}

async function each<Entry extends { disabled?: boolean | undefined }, Made>(
  key: string,
  entries: Record<string, Entry>,
  notices: ConfigNotice[],
  make: (name: string, entry: Entry) => Promise<Made>,
): Promise<Made[]> {
  const all: Made[] = [];
  for (const [name, entry] of Object.entries(entries)) {
    if (entry.disabled) continue;
    try {
      all.push(await make(name, entry));
    } catch (error) {
      if (!(error instanceof ExpandError)) throw error;
      notices.push({ file: "crush.json", key: `${key}.${name}`, message: `left out: ${error.message}` });
    }
  }
  return all;
}

const expandList = (list: string[] | undefined, env: Env): Promise<string[]> =>
  Promise.all((list ?? []).map((value) => expand(value, env)));

async function expandAll(values: Record<string, string> | undefined, env: Env): Promise<Record<string, string>> {
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries(values ?? {})) all[name] = await expand(value, env);
  return all;
}
