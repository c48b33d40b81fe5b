// node bench/bars/time-walk.ts [STEPS] [SEED]
// Random turns that write files, commands that change them, edits by hand, undo, redo and rewind, on a real directory and a real database,
// compared after each step with a plain model in memory. Must be: byte-exact after each of 10,000 steps, and no foreign file touched.
import { spawnSync } from "node:child_process";

const [steps = "10000", seed = String(Date.now() % 1_000_000)] = process.argv.slice(2);
const { status } = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "test/coordinator/time-walk.test.ts"], {
  stdio: "inherit",
  env: { ...process.env, CI: "true", TIME_WALK_STEPS: steps, TIME_WALK_SEED: seed },
});
process.exitCode = status ?? 1;
