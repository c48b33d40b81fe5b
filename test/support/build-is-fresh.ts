import { spawnSync } from "node:child_process";
import fs from "node:fs";

/** Tests run against dist/. When its sources have changed since, it is built again, so that no test passes on old code. */
export default async function setup(): Promise<void> {
  const { sourceId } = (await import("../../src/build/build.mjs" as string)) as { sourceId: () => string };
  let built = "";
  try {
    built = (JSON.parse(fs.readFileSync("dist/build.json", "utf8")) as { id: string }).id;
  } catch {}
  if (built === sourceId()) return;
  const run = spawnSync(process.execPath, ["src/build/build.mjs"], { stdio: "inherit" });
  if (run.status !== 0) throw new Error("the build failed, see above");
}
