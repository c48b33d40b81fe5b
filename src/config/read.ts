import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { projectRoot } from "./files.ts";

export type ConfigErrorCode = "syntax" | "shape" | "unreadable" | "expand" | "script";

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
const fileBytesMax = 1 << 20;
/** Of a project's file nobody could read more before saying yes to it, and it is laid out on a screen. */
const projectFileBytesMax = 128 << 10;

/** The text of a file and the hash (SHA-256, hex) of the bytes that it was read from. */
export type SourceText = { text: string; hash: string };

/**
 * Reads one file; undefined when there is none. Only ordinary files are read: a pipe would wait for ever.
 * @param within  directory that the file, with its links followed, must be in
 * @throws ConfigError unreadable
 */
export function readSource(file: string, within?: string): SourceText | undefined {
  let handle: number | undefined;
  try {
    // Windows has no such flag, and no named pipes among its files.
    handle = fs.openSync(file, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const stat = fs.fstatSync(handle);
    if (!stat.isFile()) throw new ConfigError("unreadable", file, "is no ordinary file");
    const most = within === undefined ? fileBytesMax : projectFileBytesMax;
    if (stat.size > most) throw new ConfigError("unreadable", file, `is larger than ${most >> 10} KiB`);
    if (within !== undefined && !isInside(fs.realpathSync(file), fs.realpathSync(within)))
      throw new ConfigError("unreadable", file, "is a link that leads out of the project");
    const bytes = fs.readFileSync(handle);
    return { text: bytes.toString("utf8"), hash: createHash("sha256").update(bytes).digest("hex") };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ConfigError("unreadable", file, `cannot be read (${code})`);
  } finally {
    if (handle !== undefined) fs.closeSync(handle);
  }
}

/** As `readSource`, bounded to the project that the workspace belongs to. */
export const readProjectSource = (file: string, workspace: string): SourceText | undefined => readSource(file, projectRoot(workspace));

export const isInside = (file: string, directory: string): boolean =>
  file === directory || file.startsWith(directory.endsWith(path.sep) ? directory : directory + path.sep);
