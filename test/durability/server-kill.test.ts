import { expect, test } from "vitest";
import { killRun } from "../support/kill-run.ts";

// The long one is bench/bars/kill.ts.
test("the server killed with -9 at 8 random moments while 5 sessions prompt: nothing acknowledged is lost, every turn ends once, each client is back", {
  timeout: 60_000,
}, async () => {
  const figures = await killRun({ kills: 8, sessions: 5, betweenMs: 500 });
  // Otherwise it has shown nothing.
  expect(figures.turns.server_died).toBeGreaterThan(0);
  expect(figures.acknowledged).toBeGreaterThan(5);
});
