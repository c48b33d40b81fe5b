import { expect, test } from "vitest";
import type { ServerStatus } from "../../src/protocol/index.ts";
import { type FakePeer, workspace } from "./support/harness.ts";
import { type RealThreads, realThreads } from "./support/real-threads.ts";

const term = { name: "xterm", colours: "true" as const };
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const ended = (peer: FakePeer): number => peer.kinds().filter((kind) => kind === "turn.completed").length;

/** What lives in the coordinator and in the worker. */
async function live({ h }: RealThreads): Promise<Record<string, number>> {
  const { sessionsOpen, screens, clients, turnsRunning, counters } = (await h.request("server.status", {})) as ServerStatus;
  const objects = Object.entries(counters).filter(([name]) => name.startsWith("live."));
  return { sessionsOpen, screens, clients, turnsRunning, ...Object.fromEntries(objects) };
}

/** A client comes, opens a session on a screen, prompts, follows the answer, deletes the session and goes. */
async function whole(threads: RealThreads, at: number): Promise<void> {
  const { peer, port } = threads.h.connect();
  const { session } = await port.request("session.create", { workspace });
  await port.request("session.subscribe", { session: session.id, after: 0, deltas: at % 2 === 0 });
  const { screen } = await port.request("screen.open", {
    cols: 80,
    rows: 24,
    term,
    mode: at % 3 ? "full" : "inline",
    workspace,
    session: session.id,
  });
  await port.request("session.prompt", { session: session.id, text: `number ${at}` });
  // Some are canceled, some leave their screen open, some are gone before the session is deleted.
  if (at % 4 === 0) await port.request("session.cancel", { session: session.id });
  while (ended(peer) < 1) await sleep(2);
  if (at % 5 !== 0) await port.request("screen.close", { screen });
  if (at % 7 === 0) {
    port.close();
    await threads.h.request("session.delete", { session: session.id });
  } else {
    await port.request("session.delete", { session: session.id });
    port.close();
  }
}

test("200 sessions that were opened, prompted, closed and deleted leave nothing: neither here nor in the worker", async () => {
  const threads = await realThreads();
  threads.simulator.play(({ body }) => ({ words: body.max_tokens === 40 ? 3 : 30 }));
  await whole(threads, 1);
  await sleep(100);
  const before = await live(threads);
  expect(before).toMatchObject({ sessionsOpen: 0, screens: 0, clients: 1, "live.worker.conversations": 0, "live.worker.screens": 0 });

  let busiest: Record<string, number> = {};
  for (let at = 0; at < 200; at += 20) {
    const all = Array.from({ length: 20 }, (_, i) => whole(threads, at + i));
    if (at === 0) {
      await sleep(20);
      busiest = await live(threads);
    }
    await Promise.all(all);
  }
  expect(busiest.sessionsOpen).toBeGreaterThan(5);
  // A title's request may still be under way.
  for (let waited = 0; waited < 100 && (await live(threads))["live.worker.completions"] !== 0; waited++) await sleep(10);
  await sleep(300);
  expect(await live(threads)).toEqual(before);
  await threads.close();
});
