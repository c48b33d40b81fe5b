import fs from "node:fs";
import path from "node:path";
import type { ConfigNotice } from "../contracts/config.ts";
import { isObject, type Json, type JsonObject } from "./merge.ts";

/**
 * Keys that a directory's own file may set before anybody has said that it is trusted: none of them can run a program, send
 * anything to another place, or show the model something that it could not read anyway. `*` stands for one name.
 */
const harmless = new Set([
  "$schema",
  ...["large", "small"].flatMap((kind) =>
    [
      "model",
      "provider",
      "reasoning_effort",
      "think",
      "max_tokens",
      "temperature",
      "top_p",
      "top_k",
      "frequency_penalty",
      "presence_penalty",
    ].map((key) => `models.${kind}.${key}`),
  ),
  "options.tui.compact_mode",
  "options.tui.diff_mode",
  "options.tui.completions.max_depth",
  "options.tui.completions.max_items",
  "options.tui.transparent",
  "options.tui.scrollbar",
  "options.context_paths",
  "options.disabled_tools",
  "options.disabled_skills",
  "options.disable_auto_summarize",
  "options.initialize_as",
  "options.attribution.trailer_style",
  "options.attribution.generated_with",
  "options.attribution.co_authored_by",
  "options.progress",
  "options.notifications",
  "tools.ls.max_depth",
  "tools.ls.max_items",
  "tools.grep.timeout",
  "tools.glob.timeout",
]);

/** Keeps the harmless keys; each key left out becomes a notice, so that nobody wonders why it has no effect. */
export function harmlessOnly(file: string, value: JsonObject, workspace: string): { kept: JsonObject; notices: ConfigNotice[] } {
  const left = new Set<string>();
  const notices: ConfigNotice[] = [];
  const keep = (object: JsonObject, prefix: string): JsonObject => {
    const out: JsonObject = {};
    for (const [key, item] of Object.entries(object)) {
      const name = prefix + key;
      if (harmless.has(name)) {
        if (name === "options.context_paths") out[key] = inside(item, workspace, file, notices);
        else if (name === "options.initialize_as" && (typeof item !== "string" || item !== path.basename(item)))
          notices.push({ file, key: name, message: "must be a plain file name" });
        else out[key] = item;
      } else if (isObject(item) && [...harmless].some((h) => h.startsWith(`${name}.`))) out[key] = keep(item, `${name}.`);
      else left.add(prefix === "" ? key : name);
    }
    return out;
  };
  const kept = keep(value, "");
  for (const key of left)
    notices.push({ file, key, message: "left out: a project's own file may not set this; put it into your own crush.json" });
  return { kept, notices };
}

/** Context paths of a project stay inside of it, after links are followed. */
function inside(value: Json, workspace: string, file: string, notices: ConfigNotice[]): Json {
  if (!Array.isArray(value)) return [];
  const root = realPath(workspace);
  return value.filter((item) => {
    if (typeof item !== "string") return false;
    const real = realPath(path.resolve(workspace, item));
    const ok = real === root || real.startsWith(root + path.sep);
    if (!ok) notices.push({ file, key: "options.context_paths", message: `left out: ${JSON.stringify(item)} is outside of the project` });
    return ok;
  });
}

function realPath(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    const parent = path.dirname(file);
    return parent === file ? file : path.join(realPath(parent), path.basename(file));
  }
}
