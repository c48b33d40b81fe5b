import { randomBytes } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";

/**
 * Replaces a file's content so that a reader sees the old or the new one whole: a temporary file beside it, then a rename. Mode and
 * owner are kept. Where a rename would break something (other hard links, a foreign owner, a directory that cannot be written)
 * it is written in place. Parents are made. `file` must be resolved: a link at its end would be replaced.
 */
export async function writeFileWhole(file: string, content: Uint8Array): Promise<void> {
  const before = await fs.stat(file).catch(() => undefined);
  const directory = path.dirname(file);
  if (before === undefined) await fs.mkdir(directory, { recursive: true });
  if (before !== undefined && (before.nlink > 1 || !before.isFile())) return fs.writeFile(file, content);
  const temporary = path.join(directory, `.${path.basename(file).slice(0, 100)}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    const handle = await fs.open(temporary, "wx", before === undefined ? 0o666 : 0o600);
    try {
      await handle.writeFile(content);
      if (before !== undefined) {
        const made = await handle.stat();
        if (made.uid !== before.uid || made.gid !== before.gid) await handle.chown(before.uid, before.gid);
        await handle.chmod(before.mode & 0o7777);
      }
    } finally {
      await handle.close();
    }
    await fs.rename(temporary, file);
  } catch (error) {
    await fs.rm(temporary, { force: true }).catch(() => {});
    const code = (error as NodeJS.ErrnoException).code;
    if (before === undefined || (code !== "EACCES" && code !== "EPERM" && code !== "EXDEV" && code !== "EBUSY")) throw error;
    await fs.writeFile(file, content);
  }
}
