// What a worker keeps between prompts: as much as its bound allows, and nothing of sessions that are gone.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import v8 from "node:v8";
import vm from "node:vm";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../../src/contracts/base.ts";
import type { RowBatch } from "../../../src/contracts/store.ts";
import type { DurableEvent, Message, Turn } from "../../../src/protocol/index.ts";
import { type Held, heldBytesMax, heldIdleMs, openHolder } from "../../../src/session/completion/held.ts";
import { openQueries } from "../../../src/store/queries/queries.ts";
import { openWriter } from "../../../src/store/writer.ts";
import { newSession } from "../../support/session-row.ts";
import { openSimulator } from "../../support/simulator.ts";
import { queriesOf, requestTo, rig, start, systemClock, userMessage, wires } from "./support.ts";

const wire = wires({ type: "openai-compat" })!;
const request = requestTo("http://127.0.0.1:1");
const completed = (session: string, turn: string): DurableEvent => ({
  type: "event",
  session,
  seq: 1,
  time: 1,
  kind: "turn.completed",
  data: { turn: { id: turn, session, status: "ok" } as unknown as Turn },
});

/** A holder over messages in memory, with what it read and dropped. */
function holding(messages: Message[], clock: Clock = systemClock) {
  const counts: Record<string, number> = {};
  const read: string[] = [];
  const store = queriesOf(messages);
  const holder = openHolder({
    clock,
    queries: async () => ({
      ...store,
      prompted(session, page) {
        if (page.after === undefined) read.push(session);
        return store.prompted(session, page);
      },
    }),
    count(name, by) {
      counts[name] = (counts[name] ?? 0) + by;
    },
  });
  /** A turn of one completion; with `end` it is over. */
  const turn = async (session: string, end = true): Promise<Held> => {
    holder.begin(session, `${session}.t`);
    const held = holder.hold(session);
    await held.loaded;
    held.arena(wire, request).body(`${session}.t`, request);
    holder.settle();
    holder.end(session);
    if (end) holder.events(session, [completed(session, `${session}.t`)]);
    return held;
  };
  return { holder, counts, read, turn };
}
const bytesOf = (held: Held): number => held.conversation.bytes + held.arena(wire, request).size;
const big = (session: string, bytes: number): Message => userMessage(session, `${session}.t`, "x".repeat(bytes), `${session}.u`);

describe("conversations of a worker", () => {
  test("are kept up to the bound, and what goes beyond it costs the longest unused one, no other", async () => {
    const share = 3 << 20;
    const names = Array.from({ length: 40 }, (_, i) => `s${i}`);
    const { turn, read, counts, holder } = holding(names.map((name) => big(name, share)));
    const sizes: number[] = [];
    for (const name of names) {
      sizes.push(bytesOf(await turn(name)));
      if (sizes.reduce((sum, size) => sum + size, 0) > heldBytesMax) break;
    }
    const many = sizes.length;
    expect(many).toBeGreaterThan(5);
    expect(counts).toEqual({ conversations_read: many, conversations_dropped: 1 });
    // All but the first are still there; then the first is read again, and the second, which is now the oldest, goes.
    for (const name of names.slice(1, many)) await turn(name);
    expect(read).toEqual(names.slice(0, many));
    await turn("s0");
    expect(read.at(-1)).toBe("s0");
    expect(counts.conversations_dropped).toBe(2);
    await turn("s1");
    expect(read.at(-1)).toBe("s1");
    holder.close();
  });

  test("whose turn runs are not dropped, be they the oldest and larger than the bound", async () => {
    const { turn, read, holder } = holding([big("running", 40 << 20), big("a", 1_000), big("b", 1_000)]);
    await turn("running", false);
    await turn("a");
    await turn("b");
    // Its next completion finds it; the idle ones had to go.
    await turn("running", false);
    expect(read).toEqual(["running", "a", "b"]);
    await turn("a");
    expect(read).toEqual(["running", "a", "b", "a"]);
    // When its turn is over it goes itself.
    holder.events("running", [completed("running", "running.t")]);
    await turn("running");
    expect(read.at(-1)).toBe("running");
    expect(read.length).toBe(5);
    holder.close();
  });

  test("that nobody prompts for long are dropped by one timer, which ends with the last of them", async () => {
    let now = 0;
    let timers: { at: number; run(): void }[] = [];
    const clock: Clock = {
      now: () => now,
      after(ms, run) {
        const timer = { at: now + ms, run };
        timers.push(timer);
        return () => {
          timers = timers.filter((each) => each !== timer);
        };
      },
    };
    const pass = (to: number): void => {
      now = to;
      for (const timer of timers.filter(({ at }) => at <= now)) {
        timers = timers.filter((each) => each !== timer);
        timer.run();
      }
    };
    const { turn, read, counts } = holding([big("a", 1_000), big("b", 1_000)], clock);
    await turn("a");
    now = heldIdleMs / 2;
    await turn("b");
    expect(timers.length).toBe(1);
    pass(heldIdleMs);
    expect(counts.conversations_dropped).toBe(1);
    await turn("b");
    expect(read).toEqual(["a", "b"]);
    pass(heldIdleMs * 2);
    expect(counts.conversations_dropped).toBe(2);
    expect(timers).toEqual([]);
  });

  test("that are forgotten leave nothing in memory", async () => {
    v8.setFlagsFromString("--expose-gc");
    const collect = vm.runInNewContext("gc") as () => void;
    const { turn, holder } = holding([big("a", 1 << 20)]);
    const [conversation, bytes] = await (async () => {
      const held = await turn("a");
      const { pieces } = held.arena(wire, request).body("a.t", request);
      return [new WeakRef(held.conversation), new WeakRef(pieces[1]!.buffer)];
    })();
    holder.forget("a");
    // A WeakRef holds its target until the end of the job that made or read it.
    await new Promise((resolve) => setTimeout(resolve, 10));
    collect();
    expect(conversation.deref()).toBeUndefined();
    expect(bytes.deref()).toBeUndefined();
    holder.close();
  });
});

test("sessions of a real store that were dropped are prompted again with every byte they had", { timeout: 60_000 }, async () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-held-"));
  const database = path.join(directory, "store.db");
  const writer = openWriter(database);
  const sessions = Array.from({ length: 8 }, (_, i) => `s${i}`);
  const text = (session: string): string => `${session} "→" \n`.repeat(300_000);
  for (const session of sessions) {
    const message = userMessage(session, `${session}.t`, text(session), `${session}.u`);
    const rows: RowBatch["rows"] = [
      { row: "event", event: { session, kind: "session.created", data: { session: newSession(session, { hash: session }) } } },
      { row: "event", event: { session, kind: "message.created", data: { message } } },
    ];
    expect(writer.commit({ rows }).failed).toEqual([]);
  }
  const simulator = await openSimulator();
  let reads = 0;
  const { send, ended, host } = rig({
    openQueries: async () => {
      const queries = openQueries(database);
      return {
        ...queries,
        prompted(session, page) {
          if (page.after === undefined) reads++;
          return queries.prompted(session, page);
        },
      };
    },
  });
  const prompt = async (session: string): Promise<void> => {
    const { conversation: _, ...ask } = start(simulator.url, { session, turn: `${session}.t` });
    send(ask);
    expect((await ended(ask.completion)).outcome.status).toBe("ok");
    send({ t: "events", session, events: [completed(session, `${session}.t`)] });
    const { body } = simulator.seen.at(-1)!;
    expect(body.messages.at(-1)!.content === text(session)).toBe(true);
    simulator.seen.length = 0;
  };
  // 4.8 MB as a string of two bytes a unit and 4 MB as JSON: eight of them are more than the bound, seven are not.
  for (const session of sessions) await prompt(session);
  expect(reads).toBe(8);
  for (const session of sessions.slice(1)) await prompt(session);
  expect(reads).toBe(8);
  await prompt("s0");
  expect(reads).toBe(9);
  // Forgotten by main, it is read again too.
  send({ t: "session.forget", session: "s0" });
  await prompt("s0");
  expect(reads).toBe(10);
  send({ t: "shutdown" });
  await host.closed;
  writer.close();
  await simulator.close();
  fs.rmSync(directory, { recursive: true });
});
