import path from "node:path";
import { flag, type Parsed } from "../args.ts";
import { place } from "../connection.ts";
import { configDirectory } from "../paths.ts";
import { plainJson } from "../plain.ts";

/** `crush dirs` */
export function dirsCommand(parsed: Parsed): number {
  const at = place(parsed);
  const dirs = {
    config: configDirectory(process.env),
    data: at.dataDir,
    logs: path.join(at.dataDir, "logs"),
    runtime: at.runtime.directory,
    socket: at.runtime.socket,
    workspace: at.cwd,
  };
  if (flag(parsed.values, "json")) process.stdout.write(`${plainJson(dirs, 2)}\n`);
  else for (const [name, directory] of Object.entries(dirs)) process.stdout.write(`${name.padEnd(10)} ${directory}\n`);
  return 0;
}
