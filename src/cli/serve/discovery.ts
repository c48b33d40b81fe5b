import fs from "node:fs";
import type { Discovery } from "../../protocol/index.ts";
import type { RuntimePaths } from "../paths.ts";

/** Tells clients where this server is: replaced as a whole, readable by its owner only. */
export function publishDiscovery(paths: RuntimePaths, discovery: Discovery): void {
  const temporary = `${paths.discovery}.${process.pid}`;
  fs.writeFileSync(temporary, JSON.stringify(discovery), { mode: 0o600 });
  fs.renameSync(temporary, paths.discovery);
}

/** Takes it back, unless another server has published its own meanwhile. */
export function withdrawDiscovery(paths: RuntimePaths, epoch: string): void {
  try {
    const found = JSON.parse(fs.readFileSync(paths.discovery, "utf8")) as Discovery;
    if (found.epoch === epoch) fs.rmSync(paths.discovery);
  } catch {
    // Gone already.
  }
}
