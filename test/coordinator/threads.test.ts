import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Clock } from "../../src/contracts/base.ts";
import { allHops, type LinkCounters } from "../../src/coordinator/link/link.ts";
import { openStorePool } from "../../src/coordinator/link/pools.ts";
import { sessionLinks } from "../../src/coordinator/link/session-links.ts";
import { openStore } from "../../src/store/client.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { openSimulator, wordsOf } from "../support/simulator.ts";
import { config, type FakePeer, harness, provider, tool } from "./support/harness.ts";

// Everything real but the tools and the terminal: the built session worker and store worker on their threads, SQLite, HTTP.

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "coordinator-threads-"));
afterAll(() => fs.rmSync(directory, { recursive: true, force: true }));

const clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

const ends = async (peer: FakePeer, count: number): Promise<void> => {
  while (peer.kinds().filter((kind) => kind === "turn.completed").length < count) await new Promise((resolve) => setTimeout(resolve, 5));
};

test("prompt, stream, tool, stream, end over real threads; a queued prompt; a canceled one keeps what it had said", async () => {
  const database = path.join(directory, "crush.db");
  const simulator = await openSimulator();
  simulator.play({ text: "I look.", tools: [{ id: "c1", name: "echo", arguments: '{"value":"hello"}' }] }, { words: 200 });
  const pool = openStorePool({ filename: path.resolve("dist/workers/store.mjs"), workerData: { database } });
  const store = openStore({ run: pool.run, end: pool.close, clock });
  await store.ready();
  const queries = openQueries(database);
  const counters: LinkCounters = [];
  const links = sessionLinks({
    filename: path.resolve("dist/workers/session.mjs"),
    setup: (shard) => ({ database, kernels: path.resolve("dist/kernels"), shard, ticksPerSecond: 30 }),
    counters,
  });
  const h = await harness({
    store: store as never,
    queries,
    links,
    clock,
    linkCounters: counters,
    tools: [tool("echo")],
    config: config({ providers: [{ ...provider, baseUrl: simulator.url, apiKey: "k" }] }),
  });
  const session = await h.session();

  await h.request("session.prompt", { session, text: "go" });
  await h.request("session.prompt", { session, text: "and then" });
  await ends(h.peer, 2);
  expect(queries.turns(session, 5)).toMatchObject([
    { status: "ok", completions: 1 },
    { status: "ok", completions: 2 },
  ]);
  const roles = simulator.seen.map(({ body }) => body.messages.map(({ role }) => role).join(" "));
  expect(roles).toEqual(["system user", "system user assistant tool", "system user assistant tool assistant user"]);
  expect(queries.messages(session, { limit: 10 }).messages.findLast(({ role }) => role === "assistant")?.parts).toMatchObject([
    { kind: "text", text: wordsOf(200) },
  ]);
  const deltas = h.peer.frames.filter((frame) => "type" in frame && frame.type === "delta");
  expect(deltas.length).toBeGreaterThan(0);

  simulator.play({ words: 5_000, rate: 50 });
  await h.request("session.prompt", { session, text: "long" });
  while (!h.peer.frames.some((frame) => "type" in frame && frame.type === "delta" && frame.text !== "" && !deltas.includes(frame)))
    await new Promise((resolve) => setTimeout(resolve, 5));
  await h.request("session.cancel", { session });
  const [turn] = queries.turns(session, 1);
  expect(turn).toMatchObject({ status: "interrupted", cause: "canceled" });
  const broken = queries.messages(session, { limit: 1 }).messages[0];
  expect(broken).toMatchObject({ role: "assistant", abandoned: true });
  expect((broken!.parts[0] as { text: string }).text.length).toBeGreaterThan(0);

  // 200 words came at once: what the worker says of them is gathered by the tick, not sent word by word.
  expect(allHops(counters).messagesIn).toBeLessThan(200);
  await h.coordinator.shutdown();
  await store.close();
  expect(queries.integrity()).toEqual([]);
  queries.close();
  await simulator.close();
});
