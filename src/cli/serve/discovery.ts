import fs from "node:fs";
import type { Discovery } from "../../protocol/index.ts";
import type { RuntimePaths } from "../paths.ts";

/** Tells clients where this server is: replaced as a whole, readable by its owner only. */
export function publishDiscovery(paths: RuntimePaths, discovery: Discovery): void {
  for (const file of [paths.beside, paths.discovery]) {
    const temporary = `${file}.${process.pid}`;
    fs.writeFileSync(temporary, JSON.stringify(discovery), { mode: 0o600 });
    fs.renameSync(temporary, file);
  }
}

/** Takes it back, unless another server has published its own meanwhile. */
export function withdrawDiscovery(paths: RuntimePaths, epoch: string): void {
  for (const file of [paths.discovery, paths.beside]) {
    try {
      const found = JSON.parse(fs.readFileSync(file, "utf8")) as Discovery;
      if (found.epoch === epoch) fs.rmSync(file);
    } catch {
      // Gone already.
    }
  }
}
