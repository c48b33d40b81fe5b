// A client that stops reading while its session streams a lot, on the real server.
import assert from "node:assert/strict";
import fs from "node:fs";
import type { Listening } from "../../src/server/index.ts";
import { rawClient } from "../server/support.ts";
import { openProduct, until } from "./product.ts";

export type SlowFigures = {
  streamedMB: number;
  /** What a session of this size adds to the server's resident memory at most: alone, and with one client that does not read. */
  addedMB: { without: number; with: number };
  serverMB: number;
  /** Longest wait of the other client for an answer, with and without the one that does not read. */
  otherWaitMs: { with: number; without: number };
  droppedFrames: number;
};

const megabyte = 1 << 20;

/** @throws AssertionError when the other client misses something, or the one that did not read cannot take up where it was */
export async function slowRun(options: { answers: number; answerBytes: number; compare: boolean }): Promise<SlowFigures> {
  const { answers, answerBytes, compare } = options;
  await using product = await openProduct();
  const { socket, pid } = await product.serve();
  const word = `${"y".repeat(50_000)} `;
  product.simulator.play({ text: word.repeat(Math.ceil(answerBytes / word.length)) });
  const memory = (): number => {
    if (process.platform !== "linux") return 0;
    return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1_024;
  };
  const driver = product.connect({ reconnect: false });
  const counters = async () => (await driver.request("server.status", {})).counters;

  const round = async (stalls: boolean): Promise<{ session: string; most: number; wait: number }> => {
    const { session } = await driver.request("session.create", { workspace: product.workspace, env: product.env });
    const slow = stalls ? await rawClient({ socket } as Listening) : undefined;
    slow?.send({ id: 1, method: "session.subscribe", params: { session: session.id, after: 0, deltas: true } });
    await slow?.next();
    slow?.ws.pause();
    const seqs: number[] = [];
    let completed = 0;
    await driver.subscribe(session.id, {
      after: 0,
      onEvent: (event) => {
        seqs.push(event.seq);
        if (event.kind === "turn.completed") completed++;
      },
    }).live;
    let most = 0;
    let wait = 0;
    for (let i = 0; i < answers; i++) {
      await driver.request("session.prompt", { session: session.id, text: "more", options: { headless: true } });
      while (completed <= i) {
        const asked = performance.now();
        await driver.request("session.get", { session: session.id });
        wait = Math.max(wait, performance.now() - asked);
        most = Math.max(most, memory());
      }
    }
    assert.deepEqual(
      seqs,
      seqs.map((_, i) => i + 1),
      "the client that reads got everything in order",
    );
    if (slow !== undefined) {
      await until(async () => ((await counters()).server_slow_clients_closed_total ?? 0) > 0);
      slow.ws.terminate();
      // It comes back and has lost nothing.
      const again = product.connect({ reconnect: false });
      const resumed: number[] = [];
      await again.subscribe(session.id, { after: 0, onEvent: (event) => resumed.push(event.seq) }).live;
      assert.deepEqual(resumed.slice(0, seqs.length), seqs, "taken up again, it has all of it");
      await again.close();
    }
    return { session: session.id, most, wait };
  };
  // Once before, so that buffers and code are there.
  if (compare) await round(false);
  const before = memory();
  const without = compare ? await round(false) : { most: 0, wait: 0 };
  const between = memory();
  const stalled = await round(true);
  const { server_frames_dropped_total: dropped = 0 } = await counters();
  await driver.close();
  assert.ok(dropped > 0, "latest-wins frames were dropped for it");
  const whole = (value: number) => Math.round(value);
  return {
    streamedMB: whole((answers * answerBytes) / megabyte),
    addedMB: { without: whole(without.most - before), with: whole(stalled.most - between) },
    serverMB: whole(stalled.most),
    otherWaitMs: { with: whole(stalled.wait), without: whole(without.wait) },
    droppedFrames: dropped,
  };
}
