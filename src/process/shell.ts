import fs from "node:fs";
import path from "node:path";

let found: { file: string; flags: string[] } | undefined;

/** The shell that commands run in: bash, else sh. On Windows Git's bash, else cmd. No start-up files are read. */
export function findShell(): { file: string; flags: string[] } {
  if (found !== undefined) return found;
  const directories = (process.env.PATH ?? "").split(path.delimiter);
  const exists = (file: string) => fs.existsSync(file);
  if (process.platform === "win32") {
    const bash = ["C:\\Program Files\\Git\\bin\\bash.exe", ...directories.map((dir) => path.join(dir, "bash.exe"))].find(
      // System32's bash.exe starts a Linux of its own, with other paths.
      (file) => !/system32/i.test(file) && exists(file),
    );
    found =
      bash === undefined
        ? { file: process.env.ComSpec ?? "cmd.exe", flags: ["/d", "/s", "/c"] }
        : { file: bash, flags: ["--noprofile", "--norc", "-c"] };
    return found;
  }
  const bash = [
    "/bin/bash",
    "/usr/bin/bash",
    "/usr/local/bin/bash",
    ...directories.filter(path.isAbsolute).map((dir) => path.join(dir, "bash")),
  ].find(exists);
  found = bash === undefined ? { file: "/bin/sh", flags: ["-c"] } : { file: bash, flags: ["--noprofile", "--norc", "-c"] };
  return found;
}
