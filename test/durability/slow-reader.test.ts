import { expect, test } from "vitest";
import { slowClientCloseBytes } from "../../src/protocol/index.ts";
import { slowRun } from "../support/slow-run.ts";

// With figures of memory: bench/bars/slow-reader.ts.
test("a client that stops reading is closed at its limit, others miss nothing, and it comes back to all of it", {
  timeout: 60_000,
}, async () => {
  const answerBytes = 3_000_000;
  const { droppedFrames } = await slowRun({ answers: Math.ceil(slowClientCloseBytes / answerBytes) + 2, answerBytes, compare: false });
  expect(droppedFrames).toBeGreaterThan(0);
});
