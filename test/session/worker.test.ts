import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { Piscina } from "piscina";
import { afterAll, describe, expect, test } from "vitest";
import type { AttachTask, ToMain, WorkerSetup } from "../../src/contracts/link.ts";
import { openWriter } from "../../src/store/writer.ts";
import { newSession } from "../support/session-row.ts";
import { openSimulator, wordsOf } from "../support/simulator.ts";
import { start, userMessage } from "./completion/support.ts";

const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-worker-"));
afterAll(() => fs.rmSync(directory, { recursive: true }));

/** The built worker on its own thread, as main starts it. */
function thread(setup: Partial<WorkerSetup> = {}) {
  const pool = new Piscina({
    filename: path.resolve("dist/workers/session.mjs"),
    minThreads: 0,
    maxThreads: 1,
    atomics: "disabled",
    workerData: {
      database: path.join(directory, "none.db"),
      kernels: path.resolve("dist/kernels"),
      shard: 0,
      ticksPerSecond: 30,
      ...setup,
    } satisfies WorkerSetup,
  });
  const { port1: port, port2 } = new MessageChannel();
  const life = pool.run({ port: port2 } satisfies AttachTask<MessagePort>, { transferList: [port2] });
  const batches: ToMain[][] = [];
  const listeners = new Set<() => void>();
  port.on("message", (batch: ToMain[]) => {
    batches.push(batch);
    for (const listener of listeners) listener();
  });
  const until = <T extends ToMain["t"]>(t: T): Promise<Extract<ToMain, { t: T }>> =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = batches.flat().find((message): message is Extract<ToMain, { t: T }> => message.t === t);
        if (!found) return;
        listeners.delete(look);
        resolve(found);
      };
      listeners.add(look);
      look();
    });
  return { pool, port, life, batches, until };
}

describe("the built session worker", () => {
  test("is ready, answers a completion from the store's conversation, and ends when told to", async () => {
    const database = path.join(directory, "store.db");
    const writer = openWriter(database);
    const message = userMessage("s1", "t1", "hello from the store", "u1");
    const ack = writer.commit({
      rows: [
        {
          row: "event",
          event: {
            session: "s1",
            kind: "session.created",
            data: { session: newSession("s1", { hash: "ab12" }) },
          },
        },
        { row: "event", event: { session: "s1", kind: "message.created", data: { message } } },
      ],
    });
    expect(ack.failed).toEqual([]);
    const simulator = await openSimulator();
    simulator.play({ words: 50 });
    const { pool, port, life, until, batches } = thread({ database });
    await until("ready");
    const { conversation: _, ...ask } = start(simulator.url, { session: "s1" });
    port.postMessage([ask]);
    const end = await until("completion.end");
    expect(end).toMatchObject({ outcome: { status: "ok" }, message: { parts: [{ text: wordsOf(50) }] } });
    expect(simulator.seen[0]!.body.messages.at(-1)).toMatchObject({ role: "user", content: "hello from the store" });
    // A burst takes a few messages to main, not one a word.
    expect(batches.length).toBeLessThan(10);
    port.postMessage([{ t: "shutdown" }]);
    await life;
    await pool.destroy();
    writer.close();
    await simulator.close();
  });

  test("opens a screen with the built-in user interface and paints it", async () => {
    const { pool, port, life, until } = thread();
    port.postMessage([
      { t: "screen.open", screen: 1, cols: 80, rows: 24, term: { name: "xterm", colours: "true" }, mode: "full", workspace: "/w" },
    ]);
    const patch = await until("patch");
    expect(patch).toMatchObject({ screen: 1, base: 0, seq: 1 });
    expect(patch.bytes.length).toBeGreaterThan(100);
    port.postMessage([{ t: "shutdown" }]);
    await life;
    await pool.destroy();
  });

  test("ends when main's side of the port is closed", async () => {
    const { pool, port, life, until } = thread();
    await until("ready");
    port.close();
    await life;
    await pool.destroy();
  });
});

describe("the built demo worker", () => {
  test("a start answers where it listens and the key, again the same; it speaks through the session worker like any provider", async () => {
    const pool = new Piscina({ filename: path.resolve("dist/workers/demo.mjs"), minThreads: 1, maxThreads: 1, atomics: "disabled" });
    const place = (await pool.run({ kind: "start" })) as { port: number; token: string };
    expect(await pool.run({ kind: "start" })).toEqual(place);
    const { pool: workers, port, life, until } = thread();
    const ask = start(`http://127.0.0.1:${place.port}/v1`);
    ask.request.provider.apiKey = place.token;
    port.postMessage([ask]);
    const end = await until("completion.end");
    expect(end.outcome).toMatchObject({ status: "ok", finish: "end_turn" });
    expect(end.message.parts).toMatchObject([{ kind: "text", text: expect.stringContaining("OPENAI_API_KEY") }]);
    port.postMessage([{ t: "shutdown" }]);
    await life;
    await Promise.all([pool.destroy(), workers.destroy()]);
  });
});
