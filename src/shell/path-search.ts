import fs from "node:fs";
import path from "node:path";
import { isInside } from "./paths.ts";

/** Why the command of this name may not be what it seems: a project could have put its own in its place. */
export function hijacked(name: string, searchPath: string | undefined, workspace: string): string | undefined {
  for (const directory of (searchPath ?? "/usr/bin:/bin").split(":")) {
    if (!path.isAbsolute(directory)) return `PATH holds "${directory}", which is a different place in each directory`;
    const file = path.join(directory, name);
    const status = fs.statSync(file, { throwIfNoEntry: false });
    if (status?.isFile() && status.mode & 0o111) {
      const real = fs.realpathSync(file);
      if (isInside(workspace, file) || isInside(workspace, real)) return `${name} would be ${file}, which is part of the workspace`;
      return writable(directory) ? `${directory} on PATH can be written by everybody` : undefined;
    }
    if (writable(directory)) return `${directory} on PATH can be written by everybody`;
  }
  return undefined;
}

function writable(directory: string): boolean {
  if (process.platform === "win32") return false;
  const status = fs.statSync(directory, { throwIfNoEntry: false });
  return status?.isDirectory() === true && (status.mode & 0o002) !== 0;
}
