import fc from "fast-check";
import { expect, test } from "vitest";
import { crashesMax, crashWindowMs } from "../../src/coordinator/link/shards.ts";
import { patchesInFlightMax } from "../../src/protocol/index.ts";
import "../support/property-seed.ts";
import { type Harness, harness, settle, workspace } from "./support/harness.ts";

const term = { name: "xterm", colours: "true" as const };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const open = async (h: Harness, session?: string) =>
  (await h.request("screen.open", { cols: 80, rows: 24, term, mode: "full", workspace, ...(session !== undefined && { session }) })).screen;

test("keys and sizes reach the screen's worker in their order, patches and effects its client", async () => {
  const h = await harness();
  const screen = await open(h);
  h.port.input(screen, bytes("a"));
  h.port.resize(screen, 100, 30);
  h.port.focus(screen, true);
  h.port.repaint(screen);
  await settle(3);
  expect(h.workers.received.map(({ message }) => message.t)).toEqual([
    "screen.open",
    "screen.input",
    "screen.resize",
    "screen.focus",
    "screen.repaint",
  ]);
  h.workers.say(
    0,
    { t: "patch", screen, base: 0, seq: 1, bytes: bytes("x") },
    { t: "effect", effect: { type: "effect", screen, effect: "bell" } },
  );
  expect(h.peer.frames).toMatchObject([
    { type: "patch", screen, base: 0, seq: 1 },
    { type: "effect", effect: "bell" },
  ]);
});

test("of a client that follows, the worker hears each sixth acknowledgement; of one that lags, each at once", async () => {
  const h = await harness();
  const screen = await open(h);
  const patch = async (seq: number): Promise<void> => {
    h.workers.say(0, { t: "patch", screen, base: seq - 1, seq, bytes: bytes("x") });
    // Nobody acknowledges what has not arrived.
    while (h.peer.frames.length < seq) await settle(1);
  };
  const acks = async () => {
    await settle(3);
    return h.workers.all("screen.ack").map(({ seq }) => seq);
  };
  for (let seq = 1; seq <= 12; seq++) {
    await patch(seq);
    h.port.ack(screen, seq);
  }
  expect(await acks()).toEqual([6, 12]);
  for (let seq = 13; seq <= 24; seq++) await patch(seq);
  for (let seq = 13; seq <= 20; seq++) h.port.ack(screen, seq);
  expect((await acks()).slice(2)).toEqual([13, 14, 15, 16, 17, 18, 19]);
});

test("a worker that waits for credit gets it, whatever the client acknowledges and when", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.nat(30), { minLength: 1, maxLength: 40 }), async (steps) => {
      const h = await harness();
      const screen = await open(h);
      await settle(3);
      let sent = 0;
      let credit = 0;
      h.workers.onMessage = (message) => {
        if (message.t === "screen.ack") credit = Math.max(credit, Math.min(message.seq, sent));
      };
      const work = (): void => {
        while (sent - credit < patchesInFlightMax) h.workers.say(0, { t: "patch", screen, base: sent, seq: ++sent, bytes: bytes("x") });
      };
      let shown = 0;
      for (const step of [...steps, 30]) {
        work();
        // Nobody acknowledges what has not arrived.
        while (h.peer.frames.length < sent) await settle(1);
        const before = sent;
        // Some are acknowledged together, an old one again, and one that was never sent.
        h.port.ack(screen, Math.min(shown, sent));
        shown = Math.min(sent, shown + step);
        h.port.ack(screen, shown);
        if (step === 30) h.port.ack(screen, sent + 5);
        await settle(3);
        if (shown === before) {
          work();
          expect(sent).toBeGreaterThan(before);
        }
      }
    }),
    { numRuns: 30 },
  ));

test("a connection cannot touch another one's screen, and leaving closes its own", async () => {
  const h = await harness();
  const screen = await open(h);
  const other = h.connect();
  other.port.input(screen, bytes("rm"));
  await expect(other.port.request("screen.close", { screen })).rejects.toMatchObject({ code: "not_found" });
  h.port.close();
  await settle(3);
  expect(h.workers.received.map(({ message }) => message.t)).toEqual(["screen.open", "screen.close"]);
  expect(h.coordinator.busy()).toBe(false);
});

test("a view's request is answered like a program's, and a session that it makes lives on the screen's worker", async () => {
  const h = await harness();
  const screen = await open(h);
  h.workers.say(
    0,
    { t: "request", screen, id: 1, method: "session.create", params: { workspace, title: "T" } },
    { t: "request", screen, id: 2, method: "session.get", params: { session: "none" } },
  );
  await settle(10);
  expect(h.workers.all("reply")).toMatchObject([
    { id: 2, screen, error: { code: "not_found" } },
    { id: 1, screen, result: { session: { title: "T" } } },
  ]);
  const session = (h.workers.all("reply")[1]!.result as { session: { id: string } }).session.id;
  await h.request("session.rename", { session, title: "new" });
  await settle(3);
  expect(h.workers.all("events").at(-1)).toMatchObject({ session, events: [{ kind: "session.updated" }] });
});

test("a screen that shows a session of another worker moves there with its state, and no key is lost on the way", async () => {
  const h = await harness();
  const screen = await open(h);
  // 24 streams fill the first worker, so the next session goes to a second one.
  for (let at = 0; at < 24; at++) await h.request("session.prompt", { session: await h.session(), text: "go" });
  await settle();
  const far = await h.session();
  await h.request("session.prompt", { session: far, text: "go" });
  await settle();
  expect(h.workers.received.find(({ message }) => message.t === "completion.start" && message.session === far)?.shard).toBe(1);
  const near = await h.session();
  h.workers.received.length = 0;
  await h.request("screen.show", { screen, session: near });
  await h.request("screen.show", { screen, session: far });
  h.port.input(screen, bytes("k"));
  h.port.resize(screen, 90, 20);
  await settle(3);
  h.workers.say(0, { t: "screen.state", screen, state: { editor: "half a prompt" } });
  await settle(3);
  expect(h.workers.received.filter(({ message }) => message.t.startsWith("screen."))).toMatchObject([
    { shard: 0, message: { t: "screen.show", session: near } },
    { shard: 0, message: { t: "screen.close", move: true } },
    { shard: 1, message: { t: "screen.open", session: far, state: { editor: "half a prompt" }, cols: 90, rows: 20 } },
    { shard: 1, message: { t: "screen.input" } },
    { shard: 1, message: { t: "screen.resize", cols: 90 } },
  ]);
});

test("a worker's death opens its screens again in a new one, showing what they showed", async () => {
  const h = await harness();
  const session = await h.session();
  const screen = await open(h, session);
  await settle(3);
  h.workers.die(0);
  await settle(3);
  expect(h.workers.lives).toHaveLength(2);
  expect(h.workers.all("screen.open")).toMatchObject([
    { screen, session },
    { screen, session },
  ]);
});

test("a worker that dies again and again is not started for ever: clients leave with the reason, later requests get it", async () => {
  const h = await harness();
  await open(h);
  await settle(3);
  for (let at = 0; at < crashesMax; at++) {
    h.workers.die(0);
    await settle(3);
  }
  expect(h.workers.lives).toHaveLength(crashesMax);
  expect(h.peer.frames.at(-1)).toMatchObject({
    type: "effect",
    effect: "quit",
    text: expect.stringContaining("died 5 times within 60 s (last: out of memory)"),
  });
  await expect(open(h)).rejects.toMatchObject({ code: "internal", data: { code: "crash_loop" } });
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(h.store.turns(session, 1)[0]).toMatchObject({ status: "failed", cause: "worker" });
  h.clock.advance(crashWindowMs + 1);
  await open(h);
  expect(h.workers.lives).toHaveLength(crashesMax + 1);
});
