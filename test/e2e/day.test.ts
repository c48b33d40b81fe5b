import { expect, test } from "vitest";
import { dayRun } from "../support/day-run.ts";

// A short day; the whole one, of 300 turns: bench/bars/day.ts.
test("a day of turns, compactions, forks, undo and redo on four providers, with a restart: files, history and cost are what they must be", async () => {
  const { checks, done, wrong } = await dayRun({ turns: 40, seed: 7 });
  expect(wrong).toEqual([]);
  expect(done).toMatchObject({ turns: 40, undos: 8, forks: 3, compactions: 2, restarts: 1 });
  expect(Object.keys(checks)).toContain("cost at the end");
}, 60_000);
