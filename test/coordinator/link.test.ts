import path from "node:path";
import { expect, test } from "vitest";
import type { ToMain } from "../../src/contracts/link.ts";
import type { Link, LinkCounters } from "../../src/coordinator/link/link.ts";
import { Outbox } from "../../src/coordinator/link/outbox.ts";
import { sessionLinks } from "../../src/coordinator/link/session-links.ts";

const filename = path.resolve("test/fixtures/echo-worker.mjs");

function start(shard = 3): {
  link: Link;
  counters: LinkCounters;
  got: (count: number) => Promise<ToMain[]>;
  died: Promise<Error>;
} {
  const messages: ToMain[] = [];
  let wake = () => {};
  const counters: LinkCounters = [];
  const dead = Promise.withResolvers<Error>();
  const factory = sessionLinks({
    filename,
    setup: (number) => ({ database: "", kernels: "", shard: number, ticksPerSecond: 30 }),
    counters,
  });
  const link = factory(shard, {
    messages: (batch) => {
      messages.push(...batch);
      wake();
    },
    died: dead.resolve,
  });
  return {
    link,
    counters,
    died: dead.promise,
    async got(count) {
      while (messages.length < count) await new Promise<void>((resolve) => (wake = resolve));
      return messages;
    },
  };
}

const input = (text: string) => ({ t: "screen.input" as const, screen: 1, bytes: new TextEncoder().encode(text) });

test("a real worker gets its setup, everything of a tick in one array, and a key at once after what was gathered", async () => {
  const { link, got, counters } = start();
  expect(await got(2)).toEqual([{ t: "ready" }, { t: "counters", counters: { shard: 3 } }]);
  link.send(input("a"));
  link.send(input("b"));
  link.sendNow(input("c"));
  const patches = (await got(5)).slice(2);
  expect(patches.map((message) => message.t === "patch" && new TextDecoder().decode(message.bytes))).toEqual(["a", "b", "c"]);
  // `seq` is the size of the array that it came in.
  expect(patches).toMatchObject([{ seq: 3 }, { seq: 3 }, { seq: 3 }]);
  expect(counters[3]).toEqual({ hopsOut: 1, hopsIn: 2, messagesOut: 3, messagesIn: 5, bytesOut: 3, bytesIn: 3, batchMax: 3 });
  await link.close();
});

for (const way of ["throw", "exit"])
  test(`a worker that ends by ${way} is reported dead once, and closing its link does nothing more`, async () => {
    const { link, got, died } = start();
    await got(2);
    link.send({ t: "session.forget", session: way });
    expect((await died).message).toMatch(way === "throw" ? "thrown on purpose" : "exited with code: 3");
    await link.close();
  });

test("a worker file that does not exist is a death, not a hang", async () => {
  const died = await new Promise<Error>((resolve) => {
    sessionLinks({
      filename: `${filename}.none`,
      setup: (shard) => ({ database: "", kernels: "", shard, ticksPerSecond: 30 }),
      counters: [],
    })(0, { messages: () => {}, died: resolve });
  });
  expect(died.message).toContain("echo-worker.mjs.none");
});

test("an outbox posts once a tick, and once more only for what comes after", () => {
  const posts: number[][] = [];
  const ticks: (() => void)[] = [];
  const outbox = new Outbox<number>(
    (batch) => posts.push(batch),
    (run) => ticks.push(run),
  );
  outbox.send(1);
  outbox.send(2);
  expect(posts).toEqual([]);
  ticks.shift()?.();
  outbox.send(3);
  outbox.sendNow(4);
  for (const tick of ticks) tick();
  expect(posts).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
