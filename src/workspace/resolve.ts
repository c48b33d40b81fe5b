import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";

/** Absolute path of what was written by a person or a model: `~` is the home directory, relative ones hang on `base`. */
export function absolute(base: string, written: string): string {
  const expanded = written === "~" || written.startsWith("~/") ? path.join(os.homedir(), written.slice(1)) : written;
  return path.resolve(base, expanded);
}

/** The path with all links resolved as far as it exists; what does not exist yet is appended as written. */
export async function realPath(file: string): Promise<string> {
  const missing: string[] = [];
  for (let at = file, links = 0; ; ) {
    try {
      return path.join(await fs.realpath(at), ...missing);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    }
    // A link that points to nothing yet: writing would follow it, so do we.
    const target = links++ < 40 ? await fs.readlink(at).catch(() => undefined) : undefined;
    if (target !== undefined) {
      at = path.resolve(await realPath(path.dirname(at)), target);
      continue;
    }
    const parent = path.dirname(at);
    if (parent === at) return path.join(at, ...missing);
    missing.unshift(path.basename(at));
    at = parent;
  }
}

/** True when `file` is `root` or lies in it. Both absolute and resolved; compared component by component. */
export function isInside(root: string, file: string): boolean {
  const relative = path.relative(root, file);
  return relative === "" || (relative !== ".." && !relative.startsWith(`..${path.sep}`) && !path.isAbsolute(relative));
}
