import { expect, test } from "vitest";
import { randomFrames, randomInline } from "../support/frame-run.ts";

// bench/bars/frames.ts runs the same in any number and with any seed.
test("random frames without colours, at 16, 256 and true colour, at edges, scrolled and redrawn: no cell of the terminal is wrong", () => {
  const run = randomFrames(600, 7);
  expect(run.wrong).toEqual([]);
  expect(Object.keys(run.used)).toEqual(expect.arrayContaining([..."ABCDGHJKSTXbdmr", "link"]));
});

test("random inline commits are on the terminal and in its scrollback once, in order, in their styles", () => {
  const run = randomInline(200, 7);
  expect(run.wrong).toEqual([]);
  expect(Object.keys(run.used)).toEqual(expect.arrayContaining(["H", "K", "m", "link", "feed"]));
  expect(run.used.S ?? run.used.T).toBeUndefined();
});
