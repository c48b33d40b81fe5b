import { expect, test } from "vitest";
import { SharedRuns } from "../../src/coordinator/registry/shared-runs.ts";
import { FakeClock } from "./support/clock.ts";

function rig() {
  const clock = new FakeClock();
  const runs = new SharedRuns<number>(clock);
  const open: { resolve(value: number): void; reject(error: Error): void }[] = [];
  const run = (): Promise<number> => new Promise((resolve, reject) => open.push({ resolve, reject }));
  return { clock, ask: (key = "k") => runs.ask(key, run), open };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("while one runs, all that ask share the next one, which begins after they have asked", async () => {
  const { ask, open } = rig();
  const first = ask();
  const crowd = Array.from({ length: 100 }, () => ask());
  expect(open).toHaveLength(1);
  open[0]!.resolve(1);
  expect(await first).toBe(1);
  await settle();
  expect(open).toHaveLength(2);
  open[1]!.resolve(2);
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([2]));
  expect(open).toHaveLength(2);
});

test("of runs that follow each other quickly, four begin at once and the others share one at the end of the window", async () => {
  const { clock, ask, open } = rig();
  for (let at = 0; at < 4; at++) {
    const asked = ask();
    expect(open).toHaveLength(at + 1);
    open[at]!.resolve(at);
    await asked;
    clock.advance(1);
  }
  const crowd = Array.from({ length: 100 }, () => ask());
  await settle();
  expect(open).toHaveLength(4);
  clock.advance(15);
  await settle();
  expect(open).toHaveLength(5);
  open[4]!.resolve(5);
  expect(new Set(await Promise.all(crowd))).toEqual(new Set([5]));
  // A new window.
  void ask();
  expect(open).toHaveLength(6);
});

test("a failure is told to those who asked for it, and the next run goes on", async () => {
  const { ask, open } = rig();
  const first = ask();
  const second = ask();
  open[0]!.reject(new Error("gone"));
  await expect(first).rejects.toThrow("gone");
  await settle();
  open[1]!.resolve(2);
  expect(await second).toBe(2);
  const third = ask();
  open[2]!.resolve(3);
  expect(await third).toBe(3);
});

test("keys do not wait for each other", () => {
  const { ask, open } = rig();
  void ask("a");
  void ask("b");
  expect(open).toHaveLength(2);
});
