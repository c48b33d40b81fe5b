import { expect, test } from "vitest";
import { Inventory } from "../../src/coordinator/link/inventory.ts";
import { FakeClock } from "./support/clock.ts";

function rig(workers: number) {
  const clock = new FakeClock();
  const inventory = new Inventory(clock);
  let asked = 0;
  const ask = () =>
    inventory.ask({
      tellAll(message) {
        if (message.t === "inventory") asked = message.id;
        return workers;
      },
    });
  return { clock, ask, answer: (counts: Record<string, number>) => inventory.answer(asked, counts) };
}

test("what all workers hold is added up, and no timer stays", async () => {
  const { ask, answer, clock } = rig(2);
  const counts = ask();
  answer({ screens: 1, conversations: 2 });
  answer({ screens: 3 });
  expect(await counts).toEqual({ screens: 4, conversations: 2 });
  expect(clock.waiting).toBe(0);
});

test("a worker that does not answer is not waited for, and its late answer finds nobody", async () => {
  const { ask, answer, clock } = rig(2);
  const counts = ask();
  answer({ screens: 1 });
  clock.advance(250);
  expect(await counts).toEqual({ screens: 1 });
  answer({ screens: 5 });
  expect(await counts).toEqual({ screens: 1 });
});

test("without workers there is nothing to wait for", async () => {
  const { ask, clock } = rig(0);
  expect(await ask()).toEqual({});
  expect(clock.waiting).toBe(0);
});
