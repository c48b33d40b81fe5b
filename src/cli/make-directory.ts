import fs from "node:fs";
import path from "node:path";

/**
 * Makes a directory and its parents, 0700 what is new. Not `mkdirSync(..., { recursive: true })`: that never returns where a parent
 * exists and refuses children with ENOENT, as /proc does.
 * @throws Error of the file system, naming the directory that could not be made
 */
export function makeDirectory(directory: string): void {
  if (fs.existsSync(directory)) return;
  const parent = path.dirname(directory);
  if (parent !== directory) makeDirectory(parent);
  try {
    fs.mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
