// One file of an undo: what is there now, and putting something else in its place. A reader sees the old or the new content whole, and
// so does whoever looks after a crash.
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { realPath } from "./resolve.ts";

/** What is there is kept before it is replaced: the store takes files up to this size. */
const comparedBytesMax = 32 << 20;

/** `links`: names that the file has. `other`: something that undo must not touch, and why. */
export type Present =
  | { kind: "none" }
  | { kind: "file"; hash: string; mode: number; links: number; content: Uint8Array }
  | { kind: "other"; why: string };

export const hashOf = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

/** What is at a resolved path. A link that has come up on the way leads elsewhere: nothing is written through it. */
export async function lookAt(file: string): Promise<Present> {
  try {
    if ((await realPath(file)) !== file) return { kind: "other", why: "a link stands there now" };
    const found = await fs.lstat(file);
    if (found.isDirectory()) return { kind: "other", why: "a directory stands there now" };
    if (!found.isFile()) return { kind: "other", why: "it is no regular file any more" };
    if (found.size > comparedBytesMax) return { kind: "other", why: "it is too big to be compared" };
    const content = await fs.readFile(file);
    return { kind: "file", hash: hashOf(content), mode: found.mode & 0o7777, links: found.nlink, content };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "none" };
    return { kind: "other", why: `it cannot be read (${code ?? String(error)})` };
  }
}

/** The name that `putFile` writes under before it renames: of the undo, so that what a crash left can be found. */
const temporaryOf = (file: string, undo: string): string =>
  path.join(path.dirname(file), `.${path.basename(file).slice(0, 100)}.undo-${undo.slice(0, 8)}.tmp`);

/**
 * Replaces, makes or removes a file. A file that is there keeps its mode and owner; one that is made gets `mode`. Removing also
 * removes the empty directories from its own up to `made`.
 * @throws Node's errors
 */
export async function putFile(
  file: string,
  content: Uint8Array | undefined,
  options: { undo: string; mode?: number; made?: string },
): Promise<void> {
  if (content === undefined) {
    await fs.rm(file, { force: true });
    if (options.made !== undefined) await removeEmpty(path.dirname(file), options.made);
    return;
  }
  const before = await fs.stat(file).catch(() => undefined);
  if (before === undefined) await fs.mkdir(path.dirname(file), { recursive: true });
  // Other names of the same file keep seeing it.
  if (before !== undefined && before.nlink > 1) return fs.writeFile(file, content);
  const temporary = temporaryOf(file, options.undo);
  await fs.rm(temporary, { force: true });
  try {
    const handle = await fs.open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(content);
      if (before !== undefined) {
        const made = await handle.stat();
        if (made.uid !== before.uid || made.gid !== before.gid) await handle.chown(before.uid, before.gid);
      }
      await handle.chmod(before === undefined ? (options.mode ?? 0o644) : before.mode & 0o7777);
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}

/** A file with other names is written in place, so a crash in the middle leaves the beginning of what was to be put. */
export const isTorn = (present: Present, content: Uint8Array | undefined): boolean =>
  present.kind === "file" &&
  present.links > 1 &&
  content !== undefined &&
  Buffer.compare(present.content, content.subarray(0, present.content.byteLength)) === 0;

/** What a crash between writing and renaming left behind. */
export const removeLeftover = (file: string, undo: string): Promise<void> =>
  fs.rm(temporaryOf(file, undo), { force: true }).catch(() => {});

async function removeEmpty(from: string, upTo: string): Promise<void> {
  for (let at = from; at === upTo || at.startsWith(upTo + path.sep); at = path.dirname(at)) {
    try {
      await fs.rmdir(at);
    } catch {
      return; // something else is in it by now
    }
  }
}
