import { expect, test } from "vitest";
import { allHops, type HopCounts } from "../../src/coordinator/link/link.ts";
import type { Delta, Patch } from "../../src/protocol/index.ts";
import { wordsOf } from "../support/simulator.ts";
import { type FakePeer, workspace } from "./support/harness.ts";
import { realThreads } from "./support/real-threads.ts";

// Counts of hops, not times: on a slow machine ticks are fewer, and so is everything that is compared here.

const ends = async (peer: FakePeer, count: number): Promise<void> => {
  while (peer.kinds().filter((kind) => kind === "turn.completed").length < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("10 sessions that nobody follows come to main at the store's rhythm, whole, and with next to no hops", async () => {
  const { h, simulator, queries, counters, close } = await realThreads();
  simulator.play({ words: 100, rate: 50 });
  const sessions = 10;
  const ids: string[] = [];
  for (let at = 0; at < sessions; at++) ids.push((await h.request("session.create", { workspace, title: "T" })).session.id);
  await Promise.all(ids.map((session) => h.request("session.prompt", { session, text: "go" })));
  const begun = allHops(counters);
  while (h.coordinator.busy()) await new Promise((resolve) => setTimeout(resolve, 20));
  const ended = allHops(counters);
  const said = ids.map((session) => queries.messages(session, { limit: 1 }).messages[0]?.parts);
  await close();

  for (const parts of said) expect(parts).toMatchObject([{ kind: "text", text: wordsOf(100) }]);
  // A thousand words, of which each could have been a hop.
  expect(ended.hopsIn - begun.hopsIn).toBeLessThan(100);
  expect(ended.hopsOut - begun.hopsOut).toBeLessThan(sessions * 3);
});

test("20 sessions that stream side by side share their hops: one a tick, and next to none back", async () => {
  const { h, simulator, counters, close } = await realThreads();
  simulator.play({ words: 100, rate: 50 });
  const sessions = 20;
  const screens: number[] = [];
  h.peer.onFrame = (frame) => {
    if ("type" in frame && frame.type === "patch") h.port.ack(frame.screen, frame.seq);
  };
  const ids: string[] = [];
  for (let at = 0; at < sessions; at++) ids.push(await h.session());
  for (const session of ids.slice(0, 4)) {
    const term = { name: "xterm", colours: "true" as const };
    screens.push((await h.request("screen.open", { cols: 80, rows: 24, term, mode: "full", workspace, session })).screen);
  }
  await Promise.all(ids.map((session) => h.request("session.prompt", { session, text: "go" })));
  const begun: HopCounts = allHops(counters);
  await ends(h.peer, sessions);
  const ended = allHops(counters);
  const deltas = h.peer.frames.filter((frame): frame is Delta => "type" in frame && frame.type === "delta");
  const patches = h.peer.frames.filter((frame): frame is Patch => "type" in frame && frame.type === "patch");
  await close();

  // A tick's hop has the text of all sessions and the patches of all screens; what does not share one is the beginning and the end of each.
  expect(deltas.length).toBeGreaterThan(sessions * 10);
  expect(patches.length).toBeGreaterThan(screens.length * 10);
  expect(ended.hopsIn - begun.hopsIn).toBeLessThan(deltas.length / 5);
  // Back go what was committed, each session's in few batches, and one acknowledgement for six patches.
  expect(ended.hopsOut - begun.hopsOut).toBeLessThan(sessions * 3 + patches.length / 6);
  expect(ended.bytesIn).toBeGreaterThan(deltas.reduce((sum, { text }) => sum + text.length, 0));
});
