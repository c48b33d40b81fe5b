import { expect, test } from "vitest";
import type { Disk } from "./support/memory-store.ts";
import { completed, type Harness, harness, settle, tool, workspace } from "./support/harness.ts";
import { MemoryStore } from "./support/memory-store.ts";
import { expectWhole } from "./support/whole.ts";

// One turn with everything in it: two completions, a call that is asked about, one that runs, one beside it. It is cut at every
// step of the event loop in every way; whatever was cut where, the turn has one end, each call one result, no question is open.

const ask = tool("write", { intent: { action: "write", path: `${workspace}/a`, title: "write a" } });
const slow = async (value: string) => {
  await settle(2);
  return { text: value };
};
const tools = [ask, tool("echo", { run: slow }), tool("beside", { parallel: true })];
const call = (name: string) => ({ call: name, name, input: '{"value":"v"}' });

async function begin(store: MemoryStore): Promise<{ h: Harness; session: string }> {
  const h = await harness({ store, tools });
  const session = await h.session();
  h.workers.answer = (start) =>
    start.message === h.workers.all("completion.start")[0]?.message
      ? { text: "I do", calls: [call("echo"), call("write"), call("beside")] }
      : { text: "done" };
  void h.request("session.prompt", { session, text: "go" }, "key").catch(() => {});
  return { h, session };
}

/** Runs on, answering what is asked, until nothing moves any more. */
async function finish(h: Harness, session: string, tries = 12): Promise<void> {
  for (let at = 0; at < tries; at++) {
    await settle(12);
    h.clock.advance(1_000);
    for (const { id } of h.store.permissions({ session, pendingOnly: true }))
      void h.request("permission.resolve", { permission: id, decision: "allow" }).catch(() => {});
  }
}

function check(store: MemoryStore, session: string, where: string): void {
  const turns = store.turns(session, 10);
  const ends = completed(store, session);
  expectWhole(store, session, where);
  expect(new Set(ends.map(({ data }) => data.turn.id)).size, `${where}: ends of different turns`).toBe(turns.length);
  expect(store.unfinishedTurns(), `${where}: unfinished`).toEqual([]);
  expect(store.permissions({ session, pendingOnly: true }), `${where}: open questions`).toEqual([]);
  const seqs = store.events(session, 0, 1e6).map(({ seq }) => seq);
  expect(seqs, where).toEqual(seqs.map((_, at) => at + 1));
}

/** Steps after which nothing happens any more in an undisturbed run, answers to questions included. */
const steps = 48;

const faults: Record<string, (h: Harness, session: string) => void> = {
  "the worker dies": (h) => h.workers.die(0),
  "the user cancels": (h, session) => void h.request("session.cancel", { session }),
  "the worker falls silent and the user cancels": (h, session) => {
    h.workers.answer = undefined;
    h.workers.ignoreCancel = true;
    void h.request("session.cancel", { session });
  },
  "one commit fails": (h) => {
    let failed = false;
    h.store.fault = () => {
      if (failed) return undefined;
      failed = true;
      return "full";
    };
  },
  "the disk is full for a while": (h) => {
    let left = 4;
    h.store.fault = () => (left-- > 0 ? "full" : undefined);
  },
  "the server shuts down": (h) => void h.coordinator.shutdown(),
};

for (const [name, inject] of Object.entries(faults))
  test(`${name}, at any step: one end, one result a call, no open question`, async () => {
    for (let at = 0; at < steps; at++) {
      const store = new MemoryStore();
      const { h, session } = await begin(store);
      for (let step = 0; step < at; step++) {
        await settle(1);
        for (const { id } of store.permissions({ session, pendingOnly: true }))
          void h.request("permission.resolve", { permission: id, decision: "allow" }).catch(() => {});
      }
      inject(h, session);
      await finish(h, session);
      check(store, session, `step ${at}`);
      expect(h.coordinator.busy(), `step ${at}`).toBe(false);
    }
  });

test("the server is killed at any step: the next one ends the turn as interrupted once, answers its calls, and resumes it", async () => {
  let interrupted = 0;
  for (let at = 0; at < steps; at++) {
    const store = new MemoryStore();
    const { h, session } = await begin(store);
    for (let step = 0; step < at; step++) {
      await settle(1);
      for (const { id } of store.permissions({ session, pendingOnly: true }))
        void h.request("permission.resolve", { permission: id, decision: "allow" }).catch(() => {});
    }
    store.dead = true;
    const disk: Disk = structuredClone(store.disk);
    const revived = new MemoryStore(Object.assign(new MemoryStore().disk, disk));
    const next = await harness({ store: revived, tools });
    await settle();
    check(revived, session, `step ${at}`);
    const [turn] = revived.turns(session, 1);
    if (turn?.status !== "interrupted") continue;
    interrupted++;
    expect(turn.cause).toBe("server_died");
    next.workers.answer = () => ({ text: "on" });
    await next.request("session.resume", { session });
    await settle();
    check(revived, session, `resumed after step ${at}`);
    expect(revived.turns(session, 1)[0]?.status).toBe("ok");
  }
  expect(interrupted).toBeGreaterThan(5);
});
