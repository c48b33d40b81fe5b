import fs from "node:fs";
import path from "node:path";
import type { ConfigNotice } from "../contracts/config.ts";
import { isObject, type Json, type JsonObject } from "./merge.ts";
import { isInside } from "./read.ts";

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

/**
 * Keeps the harmless keys. `left` are the others, which count only once the user has said yes to the file; what is refused in any
 * case becomes a notice.
 */
export function harmlessOnly(
  file: string,
  value: JsonObject,
  workspace: string,
): { kept: JsonObject; left: string[]; notices: ConfigNotice[] } {
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
  return { kept, left: [...left], notices };
}

/** Context paths of a project stay inside of it, after links are followed. */
function inside(value: Json, workspace: string, file: string, notices: ConfigNotice[]): Json {
  // Of a wrong type: the check of the file says so.
  if (!Array.isArray(value)) return value;
  const root = realPath(workspace);
  return value.filter((item) => {
    if (typeof item !== "string") return true;
    // Paths are expanded as by a shell later on, commands included.
    const expands = /[$`'"\\]|^~/.test(item);
    const ok = !expands && isInside(realPath(path.resolve(workspace, item)), root);
    const why = expands ? "is more than a path" : "is outside of the project";
    if (!ok) notices.push({ file, key: "options.context_paths", message: `left out: ${JSON.stringify(item)} ${why}` });
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
