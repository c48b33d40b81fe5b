import { expect, test } from "vitest";
import { Slices } from "../../src/coordinator/link/slices.ts";

/** A clock that each piece of work moves by a millisecond, and what was done between turns of the event loop. */
function rig(sliceMs: number) {
  let now = 1;
  const slices = new Slices(sliceMs, () => now);
  const turns: string[][] = [[]];
  const work = (name: string): void => {
    now++;
    turns.at(-1)!.push(name);
  };
  const turn = async (): Promise<void> => {
    turns.push([]);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { slices, turns, work, turn };
}

test("what fits into a slice is done at once", () => {
  const { slices, turns, work } = rig(3);
  slices.each(["a", "b"], work);
  slices.run(() => work("c"));
  expect(turns).toEqual([["a", "b", "c"]]);
});

test("the rest takes its turns in order, and what comes later does not overtake it", async () => {
  const { slices, turns, work, turn } = rig(2);
  slices.each(["a", "b", "c", "d", "e"], work);
  slices.run(() => work("f"));
  slices.each(["g"], work);
  for (let i = 0; i < 6; i++) await turn();
  expect(turns[0]).toEqual(["a", "b"]);
  expect(turns.flat()).toEqual(["a", "b", "c", "d", "e", "f", "g"]);
  expect(Math.max(...turns.map((done) => done.length))).toBe(2);
});

test("promises that pieces settle are worked off after four of them at most, and count", async () => {
  const { slices, turns, work, turn } = rig(6);
  const long = (name: string): void => {
    work(name);
    void Promise.resolve()
      .then(() => {})
      .then(() => work(`${name} then`));
  };
  slices.each([..."abcdefghijkl"], long);
  for (let i = 0; i < 8; i++) await turn();
  const pieces = turns.map((done) => done.filter((name) => !name.includes("then")).join(""));
  // The first turn does not know yet what follows from its pieces; after it four and what follows are more than a slice.
  expect(pieces.filter((done) => done !== "")).toEqual(["abcdef", "ghij", "kl"]);
  expect(turns.flat().slice(-12).join(" ")).toBe("g h i j g then h then i then j then k l k then l then");
});

test("a slice begins anew with each turn of the event loop", async () => {
  const { slices, turns, work, turn } = rig(2);
  slices.each(["a", "b"], work);
  await turn();
  slices.each(["c", "d"], work);
  expect(turns).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
});

test("finish does everything that waits now, and nothing twice", async () => {
  const { slices, turns, work, turn } = rig(1);
  slices.each(["a", "b", "c"], work);
  slices.run(() => work("d"));
  slices.finish();
  expect(turns).toEqual([["a", "b", "c", "d"]]);
  await turn();
  await turn();
  expect(turns.flat()).toEqual(["a", "b", "c", "d"]);
});
