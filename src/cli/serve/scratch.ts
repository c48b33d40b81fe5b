import fs from "node:fs/promises";
import path from "node:path";

/** An empty directory for an agent's pages; nobody else's, and gone with its work. */
export async function openScratch(parent: string): Promise<{ path: string; remove(): Promise<void> }> {
  await fs.mkdir(parent, { recursive: true, mode: 0o700 });
  const made = await fs.realpath(await fs.mkdtemp(path.join(parent, "fetch-")));
  return { path: made, remove: () => fs.rm(made, { recursive: true, force: true }) };
}
