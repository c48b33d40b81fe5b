import { statSync } from "node:fs";
import fs from "node:fs/promises";
import type { Files } from "../contracts/tool.ts";
import { createIgnore, type IgnoreRules } from "./ignore.ts";
import { readLines } from "./read-lines.ts";
import { absolute, isInside, realPath } from "./resolve.ts";
import { hashOf, topmostMissing, type WriteRecord, Written } from "./written.ts";
import { writeFileWhole } from "./write-file.ts";

/** A file that is read whole (to edit it) may have this size. */
export const readBytesMax = 64 << 20;
/** A version that is kept for undo may have this size; bigger files are written without one. */
export const versionBytesMax = 16 << 20;

/** Code and sentence for a person; `code` is Node's, or "too_large" and "not_a_file". */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: string;
  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

export type FilesOptions = {
  /** Absolute. */
  workspace: string;
  /** Shared by the sessions of a workspace. */
  ignore?: IgnoreRules;
  /** The user's own rules, for all workspaces. */
  globalRules?: string;
  /** What the session has read before this process began. */
  readTime?(path: string): number | undefined;
  /** Told of each reading, to be stored. */
  recordRead?(path: string, time: number): void;
  /** The state before a write: `content` undefined means that there was no file. Awaited before the write. */
  saveVersion?(version: { path: string; content?: Uint8Array; mode?: number; after: string; made?: string }): Promise<void>;
  /** The turn that writes now, and writes of which no version is saved: too big, failed, or by a command. For undo. */
  turn?(): string;
  recordWrite?(write: WriteRecord): Promise<void>;
};

/** Files as one session sees them. Make one for each session. */
export async function openFiles(options: FilesOptions): Promise<Files> {
  const workspace = await realPath(options.workspace);
  const rules = options.ignore ?? createIgnore(workspace, options.globalRules === undefined ? {} : { globalRules: options.globalRules });
  /** Modification time that a file had when its content was last handed out. */
  const seen = new Map<string, number>();
  /** Modification time (ms, rounded up) at the last recorded reading. */
  const reads = new Map<string, number>();
  const written = new Written(options.turn ?? (() => ""), async (write) => options.recordWrite?.(write));

  const files: Files = {
    workspace,
    async resolve(written) {
      const file = absolute(workspace, written);
      const real = await realPath(file);
      return { path: file, real, inside: isInside(workspace, real) };
    },
    async stat(file) {
      try {
        const found = await fs.stat(file);
        const kind = found.isFile() ? "file" : found.isDirectory() ? "directory" : "other";
        return { kind, bytes: found.size, mtimeMs: found.mtimeMs, mode: found.mode & 0o7777 };
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code;
        if (code === "ENOENT" || code === "ENOTDIR") return undefined;
        throw wrap(error, "look at", file);
      }
    },
    async read(file) {
      return withFile(file, async (handle, size, mtimeMs) => {
        if (size > readBytesMax)
          throw new FileError("too_large", `${file} has ${size} bytes, more than the ${readBytesMax} that can be edited`);
        const content = await handle.readFile();
        seen.set(file, mtimeMs);
        return content;
      });
    },
    async readLines(file, range) {
      return withFile(file, async (handle, _size, mtimeMs) => {
        const lines = await readLines(handle, range);
        seen.set(file, mtimeMs);
        return lines;
      });
    },
    async write(file, content) {
      const target = await realPath(file);
      const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
      const after = await hashOf(bytes);
      let saved: Saved | undefined;
      try {
        if (options.saveVersion !== undefined) saved = await saveVersion(target, after, options);
        await writeFileWhole(target, bytes);
        written.wrote(target, after);
      } catch (error) {
        // What was announced did not happen.
        if (saved !== undefined) await options.recordWrite?.({ path: target, before: after, after: saved.before }).catch(() => {});
        throw wrap(error, "write", file);
      }
      for (const name of new Set([file, target])) seen.delete(name);
    },
    async list(directory) {
      try {
        const entries = await fs.readdir(directory, { withFileTypes: true });
        return entries.map((entry) => ({
          name: entry.name,
          kind: entry.isDirectory() ? "directory" : entry.isFile() ? "file" : entry.isSymbolicLink() ? "link" : "other",
        }));
      } catch (error) {
        throw wrap(error, "list", directory);
      }
    },
    lastRead: (file) => reads.get(file) ?? options.readTime?.(file) ?? 0,
    recordRead(file) {
      const time = seen.get(file) ?? statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      if (time === undefined) return;
      // Not the clock's time but the file's: then any other modification time means that it has changed since.
      const stamp = readStamp(time);
      reads.set(file, stamp);
      options.recordRead?.(file, stamp);
    },
    commandBegins: () => written.commandBegins(),
    ignored: (file, directory) => rules.ignored(file, directory),
  };
  return files;
}

/** What `lastRead` answers for a file that was read with this modification time. Whole milliseconds, never 0. */
export function readStamp(mtimeMs: number): number {
  return Math.max(1, Math.ceil(mtimeMs));
}

async function withFile<T>(file: string, use: (handle: fs.FileHandle, size: number, mtimeMs: number) => Promise<T>): Promise<T> {
  let handle: fs.FileHandle | undefined;
  try {
    // Opening a named pipe would wait for a writer.
    const kind = await fs.stat(file);
    if (!kind.isFile())
      throw new FileError(
        kind.isDirectory() ? "EISDIR" : "not_a_file",
        `${file} is ${kind.isDirectory() ? "a directory" : "no regular file"}`,
      );
    handle = await fs.open(file, "r");
    const found = await handle.stat();
    return await use(handle, found.size, found.mtimeMs);
  } catch (error) {
    throw wrap(error, "read", file);
  } finally {
    await handle?.close();
  }
}

type Saved = { before: string | null };

async function saveVersion(file: string, after: string, { saveVersion: save, recordWrite }: FilesOptions): Promise<Saved | undefined> {
  const before = await fs.stat(file).catch(() => undefined);
  if (before === undefined) {
    const made = await topmostMissing(file);
    await save?.({ path: file, after, ...(made !== undefined && { made }) });
    return { before: null };
  }
  if (!before.isFile()) return undefined;
  // Undefined content would say "there was no file", and undoing would delete it; so a huge file has no version at all.
  if (before.size > versionBytesMax) {
    await recordWrite?.({ path: file, before: null, after, uncovered: true });
    return undefined;
  }
  const content = await fs.readFile(file);
  await save?.({ path: file, content, mode: before.mode & 0o7777, after });
  return { before: await hashOf(content) };
}

function wrap(error: unknown, doing: string, file: string): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (error instanceof FileError || typeof code !== "string") return error as Error;
  const why: Record<string, string> = {
    ENOENT: "it does not exist",
    EACCES: "no permission",
    EPERM: "not permitted",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is no directory",
    ENOSPC: "the disk is full",
    EROFS: "the file system is read-only",
    ELOOP: "its links form a loop",
    ENAMETOOLONG: "its name is too long",
  };
  return new FileError(code, `Cannot ${doing} ${file}: ${why[code] ?? (error as Error).message}`, error);
}
