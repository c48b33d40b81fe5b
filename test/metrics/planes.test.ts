import { expect, test } from "vitest";
import { openPlanes } from "../../src/metrics/planes.ts";

function rig() {
  let now = 0;
  let readings = 0;
  const planes = openPlanes(() => {
    readings++;
    return now;
  });
  return { planes, pass: (ms: number) => (now += ms), readings: () => readings };
}

test("time is charged to the innermost plane only, and waiting in between to none", () => {
  const { planes, pass } = rig();
  planes.charge("link", () => {
    pass(1);
    planes.charge("events", () => {
      pass(2);
      planes.charge("server", () => pass(4));
      pass(8);
    });
    pass(16);
  });
  pass(1_000);
  planes.charge("store", () => pass(32));
  expect(planes.snapshot()).toEqual({
    link: { us: 17_000, count: 1 },
    events: { us: 10_000, count: 1 },
    server: { us: 4_000, count: 1 },
    store: { us: 32_000, count: 1 },
  });
});

test("work that throws is charged up to there, and what was under way goes on", () => {
  const { planes, pass } = rig();
  planes.charge("link", () => {
    expect(() =>
      planes.charge("server", () => {
        pass(3);
        throw new Error("broken");
      }),
    ).toThrow("broken");
    pass(5);
  });
  expect(planes.snapshot()).toMatchObject({ link: { us: 5_000 }, server: { us: 3_000 } });
});

test("a piece of work reads the clock twice, and not at all inside of its own plane", () => {
  const { planes, readings } = rig();
  const answer = planes.charge("server", () => planes.charge("server", () => planes.charge("server", () => "said")));
  expect(answer).toBe("said");
  expect(readings()).toBe(2);
  expect(planes.snapshot().server.count).toBe(3);
});
