import { expect, test } from "vitest";
import { searchIdleMs, searchLatestMs, searchPauseMs } from "../../src/store/limits.ts";
import { openIdleWork } from "../../src/store/search/idle.ts";
import { event } from "./support.ts";

const batch = (...events: Parameters<typeof row>[0][]) => ({ rows: events.map(row) });
const row = (one: ReturnType<typeof event.message>) => ({ row: "event" as const, event: one });

/** Time moved by hand, one timer at most. */
function handClock() {
  let time = 0;
  let timer: { at: number; run: () => void } | undefined;
  return {
    now: () => time,
    after(ms: number, run: () => void) {
      const own = { at: time + ms, run };
      expect(timer).toBeUndefined();
      timer = own;
      return () => {
        if (timer === own) timer = undefined;
      };
    },
    waits: () => timer !== undefined,
    pass(ms: number) {
      const until = time + ms;
      while (timer !== undefined && timer.at <= until) {
        time = timer.at;
        const { run } = timer;
        timer = undefined;
        run();
      }
      time = until;
    },
  };
}

function open(pieces: number) {
  const clock = handClock();
  const ran: number[] = [];
  const work = openIdleWork(clock, () => ran.push(clock.now()) < pieces);
  return { clock, ran, work };
}

test("work begins once the disk was quiet, goes on in pieces with pauses, and then no timer runs", () => {
  const { clock, ran, work } = open(3);
  expect(clock.waits()).toBe(false);
  work.committed(batch(event.message("m1")));
  clock.pass(10_000);
  expect(ran).toEqual([searchIdleMs, searchIdleMs + searchPauseMs, searchIdleMs + 2 * searchPauseMs]);
  expect(clock.waits()).toBe(false);
});

test("commits without the end of a message wake nothing", () => {
  const { clock, work } = open(1);
  work.committed(batch(event.part("m1", { id: "p", index: 0, kind: "text", text: "" }), event.queued("t1")));
  expect(clock.waits()).toBe(false);
  work.committed(batch(event.finished("m1")));
  expect(clock.waits()).toBe(true);
  work.stop();
  expect(clock.waits()).toBe(false);
});

test("an answer that streams puts it off, but not for ever", () => {
  const { clock, ran, work } = open(1);
  work.committed(batch(event.message("m1")));
  const start = clock.now();
  while (ran.length === 0) {
    clock.pass(50);
    work.committed(batch());
    expect(clock.now() - start).toBeLessThan(searchLatestMs + 2 * searchIdleMs);
  }
  expect(ran[0]! - start).toBeGreaterThanOrEqual(searchLatestMs);
  expect(clock.waits()).toBe(false);
});
