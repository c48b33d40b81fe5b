import { isObject, type Json, type JsonObject } from "../merge.ts";
import { nearest } from "../nearest.ts";

/** A builtin was called with words that it does not understand. */
export class BuiltinError extends Error {
  override readonly name = "BuiltinError";
}

/** one of: word, yes/no, a bare switch, whole number, number, `key value`, JSON object, words to be gathered. */
type Kind = "string" | "boolean" | "switch" | "integer" | "number" | "pair" | "object" | "list";
type Flags = Readonly<Record<string, { kind: Kind; key: string }>>;

const flag = (kind: Kind, key: string) => ({ kind, key });

const providerFlags: Flags = {
  name: flag("string", "name"),
  type: flag("string", "type"),
  "api-key": flag("string", "api_key"),
  "base-url": flag("string", "base_url"),
  disable: flag("boolean", "disable"),
  "flat-rate": flag("boolean", "flat_rate"),
  "discover-models": flag("boolean", "discover_models"),
  "system-prompt-prefix": flag("string", "system_prompt_prefix"),
  "extra-header": flag("pair", "extra_headers"),
  "extra-body": flag("object", "extra_body"),
  "provider-options": flag("object", "provider_options"),
};
const modelFlags: Flags = {
  name: flag("string", "name"),
  "context-window": flag("integer", "context_window"),
  "default-max-tokens": flag("integer", "default_max_tokens"),
  "can-reason": flag("boolean", "can_reason"),
  "supports-images": flag("boolean", "supports_attachments"),
  "price-input": flag("number", "cost_per_1m_in"),
  "price-output": flag("number", "cost_per_1m_out"),
  "price-cache-create": flag("number", "cost_per_1m_in_cached"),
  "price-cache-hit": flag("number", "cost_per_1m_out_cached"),
  "reasoning-effort": flag("string", "default_reasoning_effort"),
  "reasoning-level": flag("list", "reasoning_levels"),
};
const choiceFlags: Flags = {
  think: flag("switch", "think"),
  "reasoning-effort": flag("string", "reasoning_effort"),
  "max-tokens": flag("integer", "max_tokens"),
  temperature: flag("number", "temperature"),
  "top-p": flag("number", "top_p"),
  "top-k": flag("integer", "top_k"),
  "frequency-penalty": flag("number", "frequency_penalty"),
  "presence-penalty": flag("number", "presence_penalty"),
  "provider-options": flag("object", "provider_options"),
};
const mcpFlags: Flags = {
  type: flag("string", "type"),
  command: flag("string", "command"),
  args: flag("list", "args"),
  env: flag("pair", "env"),
  url: flag("string", "url"),
  header: flag("pair", "headers"),
  timeout: flag("integer", "timeout"),
  disabled: flag("boolean", "disabled"),
  "disabled-tools": flag("list", "disabled_tools"),
  "enabled-tools": flag("list", "enabled_tools"),
  oauth: flag("boolean", "oauth"),
  "oauth-client-id": flag("string", "oauth_client_id"),
  "oauth-client-secret": flag("string", "oauth_client_secret"),
  "oauth-callback-port": flag("integer", "oauth_callback_port"),
};
const lspFlags: Flags = {
  command: flag("string", "command"),
  args: flag("list", "args"),
  env: flag("pair", "env"),
  filetypes: flag("list", "filetypes"),
  "root-markers": flag("list", "root_markers"),
  timeout: flag("integer", "timeout"),
  disabled: flag("boolean", "disabled"),
  "init-options": flag("object", "init_options"),
  options: flag("object", "options"),
};
const hookFlags: Flags = {
  command: flag("string", "command"),
  name: flag("string", "name"),
  matcher: flag("string", "matcher"),
  timeout: flag("integer", "timeout"),
};

/** `negative`: said positively by the script, stored as its opposite. */
const optionKeys: Readonly<Record<string, { kind: "boolean" | "negative" | "string" | "list"; path: string[] }>> = {
  debug: { kind: "boolean", path: ["debug"] },
  "debug-lsp": { kind: "boolean", path: ["debug_lsp"] },
  "auto-lsp": { kind: "boolean", path: ["auto_lsp"] },
  progress: { kind: "boolean", path: ["progress"] },
  metrics: { kind: "negative", path: ["disable_metrics"] },
  "auto-summarize": { kind: "negative", path: ["disable_auto_summarize"] },
  "provider-auto-update": { kind: "negative", path: ["disable_provider_auto_update"] },
  "default-providers": { kind: "negative", path: ["disable_default_providers"] },
  "attribution-generated-with": { kind: "boolean", path: ["attribution", "generated_with"] },
  "data-directory": { kind: "string", path: ["data_directory"] },
  "initialize-as": { kind: "string", path: ["initialize_as"] },
  notifications: { kind: "string", path: ["notifications"] },
  "attribution-trailer-style": { kind: "string", path: ["attribution", "trailer_style"] },
  "context-path": { kind: "list", path: ["context_paths"] },
  "global-context-path": { kind: "list", path: ["global_context_paths"] },
  "skill-path": { kind: "list", path: ["skills_paths"] },
  "disable-skill": { kind: "list", path: ["disabled_skills"] },
};
const uiKeys: Readonly<Record<string, { kind: Kind; path: string[] }>> = {
  compact: { kind: "boolean", path: ["compact_mode"] },
  diff: { kind: "string", path: ["diff_mode"] },
  transparent: { kind: "boolean", path: ["transparent"] },
  scrollbar: { kind: "string", path: ["scrollbar"] },
  "completions-max-depth": { kind: "integer", path: ["completions", "max_depth"] },
  "completions-max-items": { kind: "integer", path: ["completions", "max_items"] },
};

/**
 * Applies one call to what the script has set so far, as Crush's interpreter does: in order, later calls over earlier ones, removals
 * of what this script itself had set.
 * @throws BuiltinError in words for a person; never with a value that might be a key
 */
export function applyBuiltin(config: JsonObject, words: readonly string[]): void {
  const [name = "", ...rest] = words;
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (!builtin) throw new BuiltinError(`${name} is no command of a configuration`);
  builtin(config, rest);
}

const builtins: Readonly<Record<string, (config: JsonObject, words: string[]) => void>> = {
  provider: (config, words) => entity(config, "provider", "providers", providerFlags, words),
  mcp: (config, words) => {
    entity(config, "mcp", "mcp", mcpFlags, words);
    const server = words[0] === "add" ? child(config, "mcp")[words[1]!] : undefined;
    if (isObject(server)) server.type ??= "stdio";
  },
  lsp: (config, words) => {
    entity(config, "lsp", "lsp", lspFlags, words);
    const server = words[0] === "add" ? child(config, "lsp")[words[1]!] : undefined;
    if (isObject(server) && server.command === undefined) throw new BuiltinError("lsp add needs --command");
  },
  model,
  hook,
  permissions,
  option,
};

function entity(config: JsonObject, command: string, key: string, flags: Flags, [verb, id, ...rest]: string[]): void {
  if (!id) throw new BuiltinError(`${command}: ${command} add NAME [flags] or ${command} remove NAME is expected`);
  const all = child(config, key);
  if (verb === "add") applyFlags(child(all, id), flags, rest, `${command} add`);
  else if (verb === "remove" || verb === "rm") delete all[id];
  else throw unknown(`${command}: there is no`, verb ?? "", ["add", "remove"]);
}

function model(config: JsonObject, [verb = "", reference = "", ...rest]: string[]): void {
  const slash = reference.indexOf("/");
  const [provider, id] = [reference.slice(0, slash), reference.slice(slash + 1)];
  if (!["add", "remove", "rm", "large", "small"].includes(verb))
    throw unknown("model: there is no", verb, ["add", "remove", "large", "small"]);
  if (slash < 1 || id === "") throw new BuiltinError(`model ${verb}: PROVIDER/MODEL is expected, not "${reference}"`);
  if (verb === "large" || verb === "small") {
    const choice = child(child(config, "models"), verb);
    choice.provider = provider;
    choice.model = id;
    applyFlags(choice, choiceFlags, rest, `model ${verb}`);
    return;
  }
  const owner = child(config, "providers")[provider];
  if (verb === "add" && !isObject(owner))
    throw new BuiltinError(`model add: there is no provider "${provider}" yet; say provider add ${provider} before`);
  if (!isObject(owner)) return;
  const others = (Array.isArray(owner.models) ? owner.models : []).filter((each) => !isObject(each) || each.id !== id);
  if (verb !== "add") {
    owner.models = others;
    return;
  }
  const made: JsonObject = { id };
  applyFlags(made, modelFlags, rest, "model add");
  // Whoever names efforts means a model that reasons.
  const levels = Array.isArray(made.reasoning_levels) ? made.reasoning_levels : [];
  const effort = made.default_reasoning_effort;
  if (typeof effort === "string" && !levels.includes(effort)) levels.push(effort);
  if (levels.length > 0) {
    made.reasoning_levels = [...new Set(levels)];
    made.can_reason ??= true;
  }
  owner.models = [...others, made];
}

function hook(config: JsonObject, [verb, event, ...rest]: string[]): void {
  if (!event) throw new BuiltinError("hook: hook add EVENT --command COMMAND or hook remove EVENT [--name NAME] is expected");
  const all = child(config, "hooks");
  const given: JsonObject = {};
  applyFlags(given, hookFlags, rest, `hook ${verb}`);
  const before = Array.isArray(all[event]) ? all[event] : [];
  if (verb === "add") {
    if (typeof given.command !== "string") throw new BuiltinError("hook add needs --command");
    all[event] = [...before, given];
  } else if (verb === "remove" || verb === "rm") {
    all[event] = given.name === undefined ? [] : before.filter((each) => !isObject(each) || each.name !== given.name);
  } else throw unknown("hook: there is no", verb ?? "", ["add", "remove"]);
}

function permissions(config: JsonObject, [verb = "", ...tools]: string[]): void {
  if (verb !== "allow" && verb !== "deny") throw unknown("permissions: there is no", verb, ["allow", "deny"]);
  if (tools.length === 0) throw new BuiltinError(`permissions ${verb}: which tools?`);
  if (verb === "allow") append(child(config, "permissions"), "allowed_tools", tools);
  else append(child(config, "options"), "disabled_tools", tools);
}

function option(config: JsonObject, [key = "", ...rest]: string[]): void {
  const options = child(config, "options");
  if (key === "ui") {
    const [name = "", value, more] = rest;
    const spec = Object.hasOwn(uiKeys, name) ? uiKeys[name] : undefined;
    if (!spec) throw unknown("option ui: there is no", name, Object.keys(uiKeys));
    if (value === undefined || more !== undefined) throw new BuiltinError(`option ui ${name} takes one value`);
    put(child(options, "tui"), spec.path, convert(spec.kind, value, `option ui ${name}`));
    return;
  }
  if (key === "reset") {
    const [name = ""] = rest;
    const lists = Object.keys(optionKeys).filter((each) => optionKeys[each]!.kind === "list");
    if (!lists.includes(name)) throw unknown("option reset: there is no list", name, lists);
    put(options, optionKeys[name]!.path, []);
    return;
  }
  const spec = Object.hasOwn(optionKeys, key) ? optionKeys[key] : undefined;
  if (!spec) throw unknown("option: there is no", key, Object.keys(optionKeys));
  const [value] = rest;
  if (spec.kind === "boolean" || spec.kind === "negative") {
    const on = value === undefined || value === "" ? true : (convert("boolean", value, `option ${key}`) as boolean);
    put(options, spec.path, spec.kind === "negative" ? !on : on);
  } else if (!value) throw new BuiltinError(`option ${key} takes a value`);
  else if (spec.kind === "list") append(options, spec.path[0]!, [value], true);
  else put(options, spec.path, value);
}

function applyFlags(target: JsonObject, flags: Flags, words: readonly string[], command: string): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    const name = word.replace(/^--/, "");
    const spec = word.startsWith("--") && Object.hasOwn(flags, name) ? flags[name] : undefined;
    // What is no flag may be a key that lost its quotes: it is not repeated.
    if (!spec) {
      if (!word.startsWith("--")) throw new BuiltinError(`${command}: a flag is expected as word ${at + 1} after the name`);
      throw unknown(`${command}: there is no flag --`, name, Object.keys(flags), "");
    }
    if (spec.kind === "switch") {
      target[spec.key] = true;
      continue;
    }
    const value = words[++at];
    if (value === undefined) throw new BuiltinError(`${command}: --${name} takes a value`);
    if (spec.kind === "pair") {
      const second = words[++at];
      if (second === undefined) throw new BuiltinError(`${command}: --${name} takes a name and a value`);
      child(target, spec.key)[value] = second;
    } else if (spec.kind === "list") append(target, spec.key, [value], true);
    else if (spec.kind === "object") Object.assign(child(target, spec.key), convert("object", value, `${command} --${name}`));
    else target[spec.key] = convert(spec.kind, value, `${command} --${name}`);
  }
}

function convert(kind: Kind, value: string, where: string): Json {
  switch (kind) {
    case "boolean": {
      const word = value.toLowerCase();
      if (["true", "1", "yes"].includes(word)) return true;
      if (["false", "0", "no"].includes(word)) return false;
      throw new BuiltinError(`${where} takes true or false`);
    }
    case "integer":
      if (!/^[-+]?\d{1,15}$/.test(value)) throw new BuiltinError(`${where} takes a whole number`);
      return Number(value);
    case "number":
      if (value.trim() === "" || !Number.isFinite(Number(value))) throw new BuiltinError(`${where} takes a number`);
      return Number(value);
    case "object": {
      let parsed: unknown;
      try {
        parsed = JSON.parse(value);
      } catch {
        // Said below.
      }
      if (!isObject(parsed)) throw new BuiltinError(`${where} takes a JSON object`);
      return parsed;
    }
    default:
      return value;
  }
}

function append(target: JsonObject, key: string, values: string[], twice = false): void {
  const before = Array.isArray(target[key]) ? target[key] : [];
  target[key] = [...before, ...values.filter((value) => twice || !before.includes(value))];
}

function child(parent: JsonObject, key: string): JsonObject {
  const known = Object.hasOwn(parent, key) ? parent[key] : undefined;
  if (isObject(known)) return known;
  const made: JsonObject = {};
  // A name like __proto__ is a name.
  Object.defineProperty(parent, key, { value: made, enumerable: true, configurable: true, writable: true });
  return made;
}

function put(target: JsonObject, path: readonly string[], value: Json): void {
  const [key = "", ...rest] = path;
  if (rest.length === 0) target[key] = value;
  else put(child(target, key), rest, value);
}

function unknown(says: string, word: string, candidates: string[], space = " "): BuiltinError {
  const near = nearest(word, candidates);
  return new BuiltinError(
    `${says}${space}${word}${near === undefined ? `; known are ${candidates.join(", ")}` : `; did you mean ${near}?`}`,
  );
}
