import { expect, test } from "vitest";
import type { AgentDefinition } from "../../src/contracts/agent.ts";
import { tools as ours } from "../../src/tools/index.ts";
import { type Harness, harness, settle, tool, workspace } from "./support/harness.ts";
import { MemoryStore } from "./support/memory-store.ts";
import { expectWhole } from "./support/whole.ts";

// A turn with two agents side by side, one of which must ask, and words of the user's while they work; cut at every few steps of
// the event loop in every way. Whatever was cut where: one end for each turn of each session, one result for each call, nothing
// open, nobody at work, and what agents cost is in their parent's sum.

const writer: AgentDefinition = { name: "writer", description: "writes", tools: ["edit"], prompt: "You write.", file: "/x.md" };
const agentTool = ours.find(({ name }) => name === "agent")!;
const tools = [agentTool, tool("view"), tool("edit", { intent: { action: "write", path: `${workspace}/a`, title: "edit a" } })];

async function begin(store: MemoryStore): Promise<{ h: Harness; session: string }> {
  const h = await harness({ store, tools, agents: async () => [writer] });
  const session = await h.session();
  const asked = new Map<string, number>();
  h.workers.answer = (start) => {
    const count = (asked.get(start.session) ?? 0) + 1;
    asked.set(start.session, count);
    if (count > 1) return { text: "done" };
    if (start.session === session) {
      const give = (id: string, agent?: string) => ({
        call: id,
        name: "agent",
        input: JSON.stringify({ prompt: id, ...(agent && { agent }) }),
      });
      return { calls: [give("reads"), give("writes", "writer")] };
    }
    const name = start.request.tools.some((spec) => spec.name === "edit") ? "edit" : "view";
    return { calls: [{ call: "own", name, input: '{"value":"v"}' }] };
  };
  void h.request("session.prompt", { session, text: "go" }).catch(() => {});
  return { h, session };
}

const allow = (h: Harness): void => {
  for (const { id } of h.store.permissions({ pendingOnly: true }))
    void h.request("permission.resolve", { permission: id, decision: "allow" }).catch(() => {});
};

async function finish(h: Harness): Promise<void> {
  for (let at = 0; at < 30; at++) {
    await settle(15);
    h.clock.advance(1_000);
    allow(h);
    if (at > 8 && !h.coordinator.busy() && h.store.unfinishedTurns().length === 0) return;
    // Of many turns in one moment the configuration is asked for once in 15 ms of real time.
    if (at > 8) await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function check(store: MemoryStore, parent: string, where: string): void {
  for (const { id } of [store.session(parent)!, ...store.agentSessions(parent)]) expectWhole(store, id, where);
  expect(store.unfinishedTurns(), `${where}: unfinished`).toEqual([]);
  expect(store.permissions({ pendingOnly: true }), `${where}: open questions`).toEqual([]);
}

const costOf = (store: MemoryStore, session: string): number =>
  store.conversation(session).reduce((sum, { usage }) => sum + (usage?.cost ?? 0), 0);

/** More than an undisturbed run takes. */
const steps = 120;
/** Each step would take a minute; a prime, so that no rhythm of the loop is missed for ever. */
const stride = 3;

const faults: Record<string, { inject: (h: Harness, session: string) => void; paid: boolean }> = {
  "nothing happens": { inject: () => {}, paid: true },
  "the user says something": {
    inject: (h, session) => void h.request("session.prompt", { session, text: "and?", steer: true }).catch(() => {}),
    paid: true,
  },
  "the user cancels": { inject: (h, session) => void h.request("session.cancel", { session }), paid: true },
  "the user cancels one agent": {
    inject: (h, session) => {
      const [child] = h.store.agentSessions(session);
      if (child) void h.request("session.cancel", { session: child.id }).catch(() => {});
    },
    paid: true,
  },
  "a worker dies": { inject: (h) => h.workers.die(1), paid: true },
  "one commit fails": {
    inject: (h) => {
      let failed = false;
      h.store.fault = () => {
        if (failed) return undefined;
        failed = true;
        return "full";
      };
    },
    paid: false,
  },
  "the server shuts down": { inject: (h) => void h.coordinator.shutdown(), paid: true },
};

for (const [name, { inject, paid }] of Object.entries(faults))
  test(`${name}, at any step: every session is at rest, and every agent is paid`, async () => {
    for (let at = 0; at < steps; at += stride) {
      const store = new MemoryStore();
      const { h, session } = await begin(store);
      for (let step = 0; step < at; step++) {
        await settle(1);
        allow(h);
      }
      inject(h, session);
      await finish(h);
      check(store, session, `step ${at}`);
      expect(h.coordinator.busy(), `step ${at}`).toBe(false);
      if (!paid) continue;
      const agents = store.agentSessions(session).reduce((sum, { id }) => sum + costOf(store, id), 0);
      expect(store.session(session)?.usage.cost, `step ${at}: sum`).toBeCloseTo(costOf(store, session) + agents, 9);
    }
  });

test("the server is killed at any step: the next one ends every turn as interrupted, and nothing is open", async () => {
  for (let at = 0; at < steps; at += stride * 2) {
    const store = new MemoryStore();
    const { h, session } = await begin(store);
    for (let step = 0; step < at; step++) {
      await settle(1);
      allow(h);
    }
    store.dead = true;
    const revived = new MemoryStore(Object.assign(new MemoryStore().disk, structuredClone(store.disk)));
    if (revived.session(session) === undefined) continue;
    await harness({ store: revived, tools });
    await settle();
    check(revived, session, `step ${at}`);
  }
});
