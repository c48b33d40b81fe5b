import { expect, test } from "vitest";
import { fuzz } from "./fuzz.ts";

/** As many as fit into some seconds; fuzz-run.ts takes more. */
const framesInTest = 20_000;

test("random and mutated frames close their own connection with a reason and nothing else", { timeout: 60_000 }, async () => {
  const report = await fuzz(framesInTest, 7);
  expect(report.failures).toEqual([]);
  expect(report.examined).toBeGreaterThanOrEqual(framesInTest);
  expect(Object.keys(report.closeCodes).sort()).toEqual(["1002", "1007", "1008"]);
  // The frames were near enough to right ones to reach every kind of answer.
  expect(Object.keys(report.answers)).toEqual(
    expect.arrayContaining(["result", "bad_request", "unknown_method", "not_found", "patch", "welcome"]),
  );
});
