import fc from "fast-check";
import { expect, test } from "vitest";
import { Hub } from "../../src/coordinator/events/hub.ts";
import { Slices } from "../../src/coordinator/link/slices.ts";
import { heartbeatMs } from "../../src/protocol/index.ts";
import { newSession } from "../support/session-row.ts";
import { FakeClock } from "./support/clock.ts";
import { FakePeer, harness, settle } from "./support/harness.ts";
import { MemoryStore } from "./support/memory-store.ts";

const session = newSession("s");
const log = { debug() {}, info() {}, warn() {}, error() {} };

async function hubWith(
  count: number,
): Promise<{ hub: Hub; store: MemoryStore; clock: FakeClock; commit: (title: string) => Promise<unknown> }> {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const hub = new Hub({ store, queries: store, clock, log, slices: new Slices() });
  const commit = (title: string) => hub.commit("s", [{ kind: "session.updated", data: { session: { ...session, title } } }]);
  await hub.commit("s", [{ kind: "session.created", data: { session } }]);
  for (let at = 1; at < count; at++) void commit(`old ${at}`);
  await hub.settled();
  return { hub, store, clock, commit };
}

const oneTick = () => new Promise((resolve) => setImmediate(resolve));

test("between replay and live nothing is lost, repeated or out of order, however events, replays, slow readers and reconnects fall together", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 40 }),
      fc.array(
        fc.record({
          commits: fc.integer({ min: 0, max: 4 }),
          ticks: fc.integer({ min: 0, max: 4 }),
          lag: fc.integer({ min: 0, max: 3 }),
          reconnect: fc.boolean(),
          slow: fc.integer({ min: 0, max: 3 }),
        }),
        { minLength: 1, maxLength: 12 },
      ),
      async (old, program) => {
        const { hub, store, commit } = await hubWith(old);
        let peer = new FakePeer(1);
        let seen = 0;
        const all: number[] = [];
        const collect = (): void => {
          for (const { seq } of peer.events) all.push(seq);
          seen = all.at(-1) ?? 0;
        };
        hub.subscribe(peer, "s", { after: 0, deltas: false });
        for (const { commits, ticks, lag, reconnect, slow } of program) {
          store.lag = () => lag;
          for (let at = 0; at < commits; at++) void commit(`new ${at}`);
          for (let at = 0; at < ticks; at++) await oneTick();
          if (!reconnect) continue;
          hub.leave(peer);
          collect();
          peer = new FakePeer(1);
          peer.drain = async () => {
            for (let at = 0; at < slow; at++) await oneTick();
          };
          hub.subscribe(peer, "s", { after: seen, deltas: false });
        }
        await hub.settled();
        // A slow peer takes up to 3 ticks an event.
        await settle(4 * store.events("s", 0, 1e6).length);
        collect();
        expect(all).toEqual(store.events("s", 0, 1e6).map(({ seq }) => seq));
        expect(peer.frames.filter((frame) => "type" in frame && frame.type === "live")).toHaveLength(1);
      },
    ),
    { numRuns: 60 },
  );
});

test("a long log is replayed no faster than it is read, however big each event is, and in pages that do not fill the memory", async () => {
  const { hub, store } = await hubWith(200);
  const peer = new FakePeer(1);
  const pages: number[] = [];
  const { events } = store;
  store.events = (...request) => {
    pages.push(peer.events.length);
    return events.apply(store, request);
  };
  let reads = 3;
  peer.drain = () => (reads-- > 0 ? Promise.resolve() : new Promise(() => {}));
  hub.subscribe(peer, "s", { after: 0, deltas: false });
  await settle(10);
  expect(peer.events).toHaveLength(4);
  hub.leave(peer);

  const reader = new FakePeer(2);
  hub.subscribe(reader, "s", { after: 4, deltas: false });
  await settle(10);
  expect(reader.frames.at(-1)).toEqual({ type: "live", session: "s", head: 200 });
  expect(reader.events.map(({ seq }) => seq)).toEqual(Array.from({ length: 196 }, (_, i) => i + 5));
  expect(pages.length).toBeGreaterThan(3);
});

test("a peer that knows numbers this log never had starts again from a snapshot", async () => {
  const h = await harness();
  const id = await h.session();
  const { peer, port } = h.connect();
  await port.request("session.subscribe", { session: id, after: 99 });
  await settle(5);
  expect(peer.frames).toMatchObject([
    { type: "resync", session: id, seq: 1, snapshot: { session: { id }, messages: [], permissions: [] } },
    { type: "live", head: 1 },
  ]);
  await h.request("session.rename", { session: id, title: "new" });
  expect(peer.events.map(({ seq }) => seq)).toEqual([2]);
});

test("without `after` a peer hears only what comes after the answer's head", async () => {
  const { hub, commit } = await hubWith(5);
  const peer = new FakePeer(1);
  expect(hub.subscribe(peer, "s", { deltas: false })).toBe(5);
  await commit("six");
  expect(peer.events.map(({ seq }) => seq)).toEqual([6]);
});

test("nothing is told before it is on disk, and nothing at all when the commit fails", async () => {
  const { hub, store, commit } = await hubWith(1);
  const peer = new FakePeer(1);
  hub.subscribe(peer, "s", { deltas: false });
  store.fault = () => "full";
  await expect(commit("lost")).rejects.toMatchObject({ code: "full" });
  store.fault = undefined;
  await commit("kept");
  expect(peer.events.map(({ seq }) => seq)).toEqual([2]);
});

test("deltas go to those who asked for them, when they are live", async () => {
  const { hub } = await hubWith(1);
  const [wants, not] = [new FakePeer(1), new FakePeer(2)];
  hub.subscribe(wants, "s", { deltas: true });
  hub.subscribe(not, "s", { deltas: false });
  hub.latest({ type: "delta", session: "s", message: "m", part: "p", index: 0, kind: "text", offset: 0, text: "hi" });
  expect(wants.frames).toHaveLength(1);
  expect(not.frames).toHaveLength(0);
});

test("a silent subscriber gets a heartbeat with the heads; without subscribers no timer runs", async () => {
  const { hub, clock, commit } = await hubWith(3);
  expect(clock.waiting).toBe(0);
  const peer = new FakePeer(1);
  hub.subscribe(peer, "s", { deltas: false });
  expect(clock.waiting).toBe(1);
  clock.advance(heartbeatMs);
  expect(peer.frames).toEqual([{ type: "heartbeat", heads: { s: 3 } }]);
  clock.advance(heartbeatMs - 1);
  await commit("news");
  clock.advance(1);
  expect(peer.frames).toHaveLength(2);
  // Another one, of which nothing may stay: a timer of 15 s held on to the socket of each client that had left.
  const other = new FakePeer(2);
  hub.subscribe(other, "s", { deltas: false });
  hub.leave(other);
  expect(clock.waiting).toBe(1);
  hub.leave(peer);
  expect(clock.waiting).toBe(0);
});
