import { expect, test } from "vitest";
import { disconnectRun } from "../support/disconnect-run.ts";

// The long one is bench/bars/disconnects.ts.
test("over 40 disconnects while 4 sessions stream, `subscribe after` gives each event once and in order", { timeout: 60_000 }, async () => {
  const { events, replayed } = await disconnectRun({ disconnects: 40, sessions: 4 });
  expect(events).toBeGreaterThan(50);
  expect(replayed).toBeGreaterThan(0);
});
