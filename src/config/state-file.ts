import fs from "node:fs";
import path from "node:path";
import type { ModelRef } from "../protocol/index.ts";
import { dataFile } from "./files.ts";
import { isObject, type JsonObject } from "./merge.ts";
import { ConfigError, readSource } from "./read.ts";

// What is entered on a screen (keys, chosen models) goes where Crush writes it: crush.json of its data directory, 0600. The user's own
// files are never touched.

/** Remembered choices of each kind: as many as Crush keeps. */
const recentMax = 5;

export type ProviderChange = { apiKey?: string; baseUrl?: string; type?: string; name?: string };
/** `reasoningEffort`: "default" takes away what was said; undefined leaves it. */
export type ModelChange = ModelRef & { reasoningEffort?: string | undefined };

/** `value` so that `expand` gives it back as it is: a key is never a command. */
export const literal = (value: string): string => value.replace(/[\\$"'`]/g, "\\$&");

/** Adds what is given to a provider's entry. @throws ConfigError when the file is there and is no JSON: it is not replaced */
export function saveProvider(env: Env, id: string, change: ProviderChange): void {
  update(env, (state) => {
    const entry = child(child(state, "providers"), id);
    if (change.apiKey !== undefined) entry.api_key = literal(change.apiKey);
    if (change.baseUrl !== undefined) entry.base_url = literal(change.baseUrl);
    if (change.type !== undefined) entry.type = change.type;
    if (change.name !== undefined) entry.name = change.name;
    // Entered anew, it is wanted.
    delete entry.disable;
  });
}

/** Makes a model the one that answers from the next session on. Settings of the same model stay. @throws as saveProvider */
export function saveModel(env: Env, kind: "large" | "small", { provider, model, reasoningEffort }: ModelChange): void {
  update(env, (state) => {
    const models = child(state, "models");
    const before = models[kind];
    const same = isObject(before) && before.provider === provider && before.model === model;
    const choice: JsonObject = same ? { ...before } : { model, provider };
    if (reasoningEffort === "default") delete choice.reasoning_effort;
    else if (reasoningEffort !== undefined) choice.reasoning_effort = reasoningEffort;
    models[kind] = choice;
    const recent = child(state, "recent_models");
    const others = refsOf(recent[kind]).filter((each) => each.provider !== provider || each.model !== model);
    recent[kind] = [{ model, provider }, ...others].slice(0, recentMax);
  });
}

/** Models chosen before, newest first. A file that cannot be read has none. */
export function recentModels(env: Env): { large: ModelRef[]; small: ModelRef[] } {
  let recent: JsonObject = {};
  try {
    recent = child(read(dataFile(env)), "recent_models");
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
  }
  return { large: refsOf(recent.large), small: refsOf(recent.small) };
}

type Env = Record<string, string | undefined>;

function refsOf(list: unknown): ModelRef[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((each) =>
    isObject(each) && typeof each.provider === "string" && typeof each.model === "string"
      ? [{ provider: each.provider, model: each.model }]
      : [],
  );
}

function child(parent: JsonObject, key: string): JsonObject {
  if (!isObject(parent[key])) parent[key] = {};
  return parent[key] as JsonObject;
}

function read(file: string): JsonObject {
  const source = readSource(file);
  if (source === undefined || source.text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(source.text);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) throw new ConfigError("syntax", file, "is no JSON object, so nothing can be added to it: mend it, or move it away");
  return value;
}

/** Replaced as a whole, so that it is never torn; only its owner may read it, since it holds keys. */
function update(env: Env, change: (state: JsonObject) => void): void {
  const named = dataFile(env);
  // A link to a file kept elsewhere stays a link.
  const file = fs.existsSync(named) ? fs.realpathSync(named) : named;
  const state = read(file);
  change(state);
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.tmp`;
  fs.rmSync(temporary, { force: true });
  fs.writeFileSync(temporary, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  fs.renameSync(temporary, file);
}
