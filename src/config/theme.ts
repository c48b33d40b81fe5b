import path from "node:path";
import type { ConfigNotice, ThemeFile } from "../contracts/config.ts";
import { isObject } from "./merge.ts";
import { positionsOf } from "./positions.ts";
import { ConfigError, readSource } from "./read.ts";

const builtIn = ["auto", "dark", "light", "ansi"];

export const themesDirectory = (configDir: string): string => path.join(configDir, "themes");

/** Where a user's theme of this name is; undefined for those that are built in and for names that are no file's. */
export function themePath(configDir: string, name: string): string | undefined {
  if (builtIn.includes(name) || name === "" || name !== path.basename(name) || name.startsWith(".")) return undefined;
  return path.join(themesDirectory(configDir), `${name}.json`);
}

/** A user's theme: `{"base": "dark", "primary": "#a78bfa", "diff.add": "green on default"}`. A mistake is a notice, never an error. */
export function readTheme(configDir: string, name: string, notices: ConfigNotice[]): ThemeFile | undefined {
  if (builtIn.includes(name)) return undefined;
  const key = "options.node.theme";
  const file = themePath(configDir, name);
  const none = `there is no theme "${name}": ${builtIn.join(", ")}, or a file NAME.json in ${themesDirectory(configDir)}`;
  if (file === undefined) {
    notices.push({ file: "crush.json", key, message: none });
    return undefined;
  }
  try {
    const read = readSource(file);
    if (!read) {
      notices.push({ file: "crush.json", key, message: none });
      return undefined;
    }
    const value: unknown = JSON.parse(read.text);
    if (!isObject(value)) throw new ConfigError("shape", file, "must hold a JSON object");
    const styles: Record<string, string> = {};
    let base: string | undefined;
    for (const [style, given] of Object.entries(value)) {
      if (style === "$schema") continue;
      if (typeof given !== "string") notices.push({ file, key: style, message: 'must be text, such as "#a78bfa bold"' });
      else if (style === "base") base = given;
      else styles[style] = given;
    }
    if (base !== undefined && !builtIn.includes(base)) notices.push({ file, key: "base", message: `must be one of ${builtIn.join(", ")}` });
    return { file, ...(base === undefined ? {} : { base }), styles };
  } catch (error) {
    if (error instanceof SyntaxError) {
      const problem = positionsOf(readSource(file)?.text ?? "").problem;
      notices.push({ file, ...(problem && { line: problem.line }), message: `is not valid JSON: ${problem?.message ?? "cannot be read"}` });
    } else if (error instanceof ConfigError) notices.push({ file, message: error.message.replace(`${file}: `, "") });
    else throw error;
    return undefined;
  }
}
