import { expect, test } from "vitest";
import { walk } from "../support/time-walk.ts";
import { timeRig } from "./support/time.ts";

/** Here they take seconds; bench/bars/time-walk.ts asks for 10,000. */
const total = Number(process.env["TIME_WALK_STEPS"] ?? 240);
const seed = Number(process.env["TIME_WALK_SEED"] ?? 20_261_125);
const stepsOfOne = Math.min(1_000, total / 2);

test(`${total} steps of writing, undoing, redoing and editing in between: every file is what a plain model says, no other is touched`, {
  timeout: 60_000 + total * 500,
}, async () => {
  const seen: Record<string, number> = {};
  for (let at = 0; at * stepsOfOne < total; at++) {
    const rig = await timeRig();
    try {
      const counts = await walk(rig, seed + at, stepsOfOne);
      if (process.env["TIME_WALK_STEPS"] !== undefined) console.log(`seed ${seed + at}: ${JSON.stringify(counts)}`);
      for (const [kind, count] of Object.entries(counts)) seen[kind] = (seen[kind] ?? 0) + count;
    } finally {
      await rig.close();
    }
  }
  // Otherwise it has shown nothing.
  for (const [kind, count] of Object.entries(seen)) expect([kind, count > 0]).toEqual([kind, true]);
});
