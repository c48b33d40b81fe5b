import fs from "node:fs";
import { isObject, type JsonObject } from "./merge.ts";

export type ConfigErrorCode = "syntax" | "shape" | "unreadable" | "expand";

/** The user's own configuration is wrong: says file, line and column, and what was expected. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code: ConfigErrorCode;
  readonly file: string;
  readonly line: number | undefined;
  constructor(code: ConfigErrorCode, file: string, message: string, line?: number) {
    super(`${file}${line === undefined ? "" : `:${line}`}: ${message}`);
    this.code = code;
    this.file = file;
    this.line = line;
  }
}

/** A configuration file is a page or two; more is a mistake. */
const fileBytesMax = 4 << 20;

/** Reads one file; undefined when there is none. @throws ConfigError syntax, shape, unreadable */
export function readConfigFile(file: string): JsonObject | undefined {
  let text: string;
  try {
    if (fs.statSync(file).size > fileBytesMax) throw new ConfigError("unreadable", file, `is larger than ${fileBytesMax >> 20} MiB`);
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ConfigError("unreadable", file, `cannot be read (${code})`);
  }
  if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
  if (text.trim() === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    const line = position === undefined ? undefined : text.slice(0, Number(position)).split("\n").length;
    // The message of V8 quotes the text around the mistake, which may be a key: only its first half is shown.
    throw new ConfigError("syntax", file, `is not valid JSON: ${message.split(/,? (?:in JSON|"|\.\.\.)/)[0]}`, line);
  }
  if (!isObject(value)) throw new ConfigError("shape", file, "must hold a JSON object");
  return value;
}

/** Line of a key path in a file, for notices; undefined when it is not found. */
export function lineOf(file: string, keyPath: string): number | undefined {
  try {
    const text = fs.readFileSync(file, "utf8");
    let at = 0;
    for (const key of keyPath.split(".")) {
      const next = text.indexOf(`"${key}"`, at);
      if (next < 0) return undefined;
      at = next;
    }
    return text.slice(0, at).split("\n").length;
  } catch {
    return undefined;
  }
}
