import { expect, test } from "vitest";
import { SharedRuns } from "../../src/coordinator/registry/shared-runs.ts";

function rig() {
  const runs = new SharedRuns<number>();
  const open: { resolve(value: number): void; reject(error: Error): void }[] = [];
  const run = (): Promise<number> => new Promise((resolve, reject) => open.push({ resolve, reject }));
  return { ask: (key = "k") => runs.ask(key, run), open };
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a crowd costs two runs: the first one's, and one that begins after all the others have asked", async () => {
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
