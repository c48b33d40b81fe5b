import { expect, test } from "vitest";
import type { AgentDefinition } from "../../src/contracts/agent.ts";
import type { Tool, ToolIntent } from "../../src/contracts/tool.ts";
import type { Message, PromptOptions } from "../../src/protocol/index.ts";
import { tools } from "../../src/tools/index.ts";
import type { Answer, Start } from "./support/fake-links.ts";
import { completed, type Harness, harness, results, settle, tool, workspace } from "./support/harness.ts";

const agentTools = tools.filter(({ name }) => name === "agent" || name === "agentic_fetch");
const write: ToolIntent = { action: "write", path: `${workspace}/a.txt`, title: "write a.txt" };
const outside: ToolIntent = { action: "read", path: "/etc/motd", title: "view /etc/motd", outside: true };
const writer: AgentDefinition = {
  name: "writer",
  description: "writes things",
  tools: ["edit", "agent"],
  model: "small",
  prompt: "You write.",
  file: "/x/writer.md",
};

/** Turns of the event loop until it is so: how many that takes depends on the machine. */
async function until(what: () => boolean): Promise<void> {
  for (const end = Date.now() + 15_000; Date.now() < end && !what(); ) await settle(20);
  expect(what()).toBe(true);
}

type Options = {
  tools?: Tool[];
  agents?: AgentDefinition[];
  calls: { name: string; input: unknown }[];
  options?: PromptOptions;
  answer: (start: Start, h: Harness) => Answer | undefined;
};

/** A session whose first answer makes the calls; `answer` plays the agents. */
async function giving({ calls, answer, options = {}, ...more }: Options): Promise<{ h: Harness; session: string }> {
  const h = await harness({
    tools: [...agentTools, ...(more.tools ?? [tool("view"), tool("grep"), tool("edit", { intent: write })])],
    agents: async () => more.agents ?? [],
  });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = (start) => {
    if (start.session !== session) return answer(start, h);
    if (asked++ > 0) return { text: "Thanks." };
    return { calls: calls.map(({ name, input }, at) => ({ call: `c${at}`, name, input: JSON.stringify(input) })) };
  };
  await h.request("session.prompt", { session, text: "go", options });
  await settle(300);
  return { h, session };
}
const work = (prompt: string, agent?: string) => ({ name: "agent", input: { prompt, ...(agent && { agent }) } });
const told = (h: Harness, session: string, call = "c0") => results(h.store, session).get(call)?.[0];
const children = (h: Harness, session: string) => h.store.agentSessions(session);
const resultOf = (h: Harness, session: string): Message => h.store.conversation(session).find(({ role }) => role === "tool")!;

test("an agent works in a session of its own with tools that read, and its last words are the result", async () => {
  let step = 0;
  const { h, session } = await giving({
    calls: [work("find the parser")],
    answer: () => (step++ === 0 ? { calls: [{ call: "x", name: "grep", input: '{"value":"parser"}' }] } : { text: "It is in a.ts." }),
  });
  expect(told(h, session)).toEqual({ text: "It is in a.ts.", isError: false });
  const [child] = children(h, session);
  expect(child).toMatchObject({ parent: session, agent: "task", title: "find the parser", workspace });
  const [start] = h.workers.all("completion.start").filter((one) => one.session === child!.id);
  expect(start!.request.tools.map(({ name }) => name)).toEqual(["grep", "view"]);
  expect(start!.request.system[0]).toContain("You read and change nothing");
  expect(h.store.conversation(child!.id).map(({ role }) => role)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
  expect((await h.request("session.list", {})).sessions.map(({ id }) => id)).toEqual([session]);
});

test("what an agent costs is added to its parent, its tokens are not; the result says what it did and where", async () => {
  const { h, session } = await giving({
    calls: [work("look")],
    answer: (start, { workers }) =>
      workers.all("completion.start").filter((one) => one.session === start.session).length === 1
        ? { calls: [{ call: "x", name: "view", input: '{"value":"v","file_path":"src/a.ts"}' }] }
        : { text: "Seen." },
  });
  const once = (100 * 1 + 10 * 2) / 1e6;
  const [child] = children(h, session);
  expect(child!.usage.cost).toBeCloseTo(2 * once);
  const { usage } = h.store.session(session)!;
  expect(usage).toMatchObject({ input: 200, output: 20 });
  expect(usage.cost).toBeCloseTo(4 * once);
  expect(completed(h.store, session)[0]?.data.turn.usage.cost).toBeCloseTo(4 * once);
  const [part] = resultOf(h, session).parts;
  expect(part).toMatchObject({ meta: { session: child!.id, steps: ["view src/a.ts"], cost: expect.closeTo(2 * once) } });
});

test("several agents work at once, four at most; the others wait", async () => {
  const open: Start[] = [];
  const { h, session } = await giving({
    calls: Array.from({ length: 6 }, (_, at) => work(`task ${at}`)),
    answer: (start) => {
      open.push(start);
      return undefined;
    },
  });
  await until(() => open.length === 4);
  await settle(200);
  expect(open).toHaveLength(4);
  for (let at = 0; at < 6; at++) {
    h.workers.end(open[at]!, { text: `done ${at}` }, 0);
    h.workers.end(open[at]!, { text: `done ${at}` }, 1);
    await until(() => results(h.store, session).size === at + 1 && open.length === Math.min(6, at + 5));
  }
  await until(() => completed(h.store, session).length === 1);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("a cancel of the parent cancels its agents, and what they had cost is paid", async () => {
  let step = 0;
  const { h, session } = await giving({
    calls: [work("long")],
    answer: () => (step++ === 0 ? { calls: [{ call: "x", name: "view", input: '{"value":"v"}' }] } : undefined),
  });
  h.clock.advance(1_000);
  const lines = h.peer.frames.flatMap((frame) => ("type" in frame && frame.type === "progress" ? [frame.tail] : []));
  expect(lines.at(-1)).toBe("view");
  await h.request("session.cancel", { session });
  await settle();
  const [child] = children(h, session);
  expect(completed(h.store, child!.id)[0]?.data.turn).toMatchObject({ status: "interrupted", cause: "canceled" });
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "interrupted", cause: "canceled" });
  expect(told(h, session)).toEqual({ text: "The call was canceled by the user.", isError: true });
  expect(h.store.session(session)!.usage.cost).toBeCloseTo(240 / 1e6);
  expect(completed(h.store, session)[0]?.data.turn.usage.cost).toBeCloseTo(240 / 1e6);
  expect(h.coordinator.busy()).toBe(false);
});

test("an agent has no tools but its own, and none that gives work on", async () => {
  const seen: string[] = [];
  const { h, session } = await giving({
    calls: [work("write it", "writer")],
    agents: [writer],
    answer: (start, { workers }) => {
      const mine = workers.all("completion.start").filter((one) => one.session === start.session).length;
      if (mine === 1)
        seen.push(...start.request.tools.map(({ name }) => name), start.request.model.model, start.request.system[0]!.split("\n")[0]!);
      return mine === 1 ? { calls: [{ call: "x", name: "view", input: '{"value":"v"}' }] } : { text: "No." };
    },
  });
  expect(seen).toEqual(["edit", "small", "You write."]);
  const [child] = children(h, session);
  expect(results(h.store, child!.id).get("x")?.[0]?.text).toContain('There is no tool named "view". Available: edit.');
  const start = h.workers.all("completion.start").find((one) => one.session === session)!;
  expect(start.request.tools.find(({ name }) => name === "agent")?.description).toContain("- writer: writes things");
});

test("what an agent must ask is asked in the parent's session; no ends both", async () => {
  const play = () =>
    giving({
      calls: [work("write it", "writer")],
      agents: [writer],
      answer: (start, { workers }) =>
        workers.all("completion.start").filter((one) => one.session === start.session).length === 1
          ? { calls: [{ call: "x", name: "edit", input: '{"value":"v"}' }] }
          : { text: "Written." },
    });
  const yes = await play();
  const [asked] = (await yes.h.request("permission.list", { session: yes.session })).permissions;
  expect(asked).toMatchObject({ tool: "edit", call: "c0", why: 'The agent "writer": changes a file' });
  await yes.h.request("permission.resolve", { permission: asked!.id, decision: "allow" });
  await settle();
  expect(told(yes.h, yes.session)?.text).toBe("Written.");

  const no = await play();
  const [other] = (await no.h.request("permission.list", { session: no.session })).permissions;
  await no.h.request("permission.resolve", { permission: other!.id, decision: "deny" });
  await settle();
  expect(completed(no.h.store, no.session)[0]?.data.turn).toMatchObject({ status: "failed", cause: "permission_denied" });
});

test("the parent's headless and plan mode hold for its agents", async () => {
  const reads = await giving({
    calls: [work("look outside")],
    tools: [tool("view", { intent: outside })],
    options: { headless: true },
    answer: () => ({ calls: [{ call: "x", name: "view", input: '{"value":"v"}' }] }),
  });
  expect(completed(reads.h.store, reads.session)[0]?.data.turn.cause).toBe("permission_denied");

  const h = await harness({ tools: [...agentTools, tool("edit", { intent: write })], agents: async () => [writer] });
  const session = await h.session({ plan: true, yolo: true });
  let step = 0;
  h.workers.answer = () =>
    [
      { calls: [{ call: "c0", name: "agent", input: JSON.stringify({ prompt: "p", agent: "writer" }) }] },
      { calls: [{ call: "x", name: "edit", input: '{"value":"v"}' }] },
    ][step++] ?? { text: "ok" };
  await h.request("session.prompt", { session, text: "go" });
  await settle(120);
  const [child] = children(h, session);
  expect(results(h.store, child!.id).get("x")?.[0]?.text).toContain("Plan mode");
});

test("an agent may not spend more than is left of its parent's budget", async () => {
  // Each of its requests costs 7 thousandths, and the next could cost 14: after three of them 30 would not be kept.
  const usage = { input: 5_000, output: 1_000, cacheRead: 0, cacheWrite: 0, reasoning: 0 };
  let step = 0;
  const { h, session } = await giving({
    calls: [work("long")],
    options: { budget: 0.03 },
    answer: () => ({ calls: [{ call: `x${step}`, name: "view", input: JSON.stringify({ value: `v${step++}` }) }], outcome: { usage } }),
  });
  const [child] = children(h, session);
  const { turn } = completed(h.store, child!.id)[0]!.data;
  expect(turn).toMatchObject({ status: "limit", cause: "budget", completions: 3 });
  expect(h.store.session(session)!.usage.cost).toBeLessThan(0.03);
  expect(told(h, session)?.text).toContain("budget");
});

test("an unknown agent and a failing one are results that the model can read", async () => {
  const unknown = await giving({ calls: [work("x", "nobody")], agents: [writer], answer: () => ({ text: "?" }) });
  expect(told(unknown.h, unknown.session)).toEqual({ text: 'There is no agent named "nobody". There are: task, writer.', isError: true });
  const failing = await giving({
    calls: [work("x")],
    answer: () => ({ outcome: { status: "failed", fault: { kind: "server", message: "the provider is down", retryable: false } } }),
  });
  expect(told(failing.h, failing.session)).toEqual({ text: 'The agent "task" did not finish: the provider is down.', isError: true });
});

test("an agent's session takes no prompts, and goes with its parent", async () => {
  const { h, session } = await giving({ calls: [work("x")], answer: () => ({ text: "y" }) });
  const [child] = children(h, session);
  await expect(h.request("session.prompt", { session: child!.id, text: "more" })).rejects.toMatchObject({ code: "conflict" });
  await expect(h.request("session.resume", { session: child!.id })).rejects.toMatchObject({ code: "conflict" });
  await h.request("session.delete", { session });
  expect(h.store.session(child!.id)).toBeUndefined();
});

test("agentic_fetch asks once, then its agent fetches without asking, on the small model and in a directory of its own", async () => {
  const removed: string[] = [];
  const h = await harness({
    tools: [...agentTools, tool("web_fetch", { intent: { action: "fetch", title: "Fetch", url: "https://example.org/" } })],
    scratch: async () => ({ path: "/scratch/1", remove: async () => void removed.push("/scratch/1") }),
  });
  const session = await h.session();
  let step = 0;
  h.workers.answer = () =>
    [
      { calls: [{ call: "c0", name: "agentic_fetch", input: JSON.stringify({ prompt: "what is it?" }) }] },
      { calls: [{ call: "x", name: "web_fetch", input: '{"value":"v"}' }] },
      { text: "It is a page." },
    ][step++] ?? { text: "ok" };
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  const [asked] = (await h.request("permission.list", { session })).permissions;
  expect(asked).toMatchObject({ tool: "agentic_fetch", action: "fetch", title: "Search the web: what is it?" });
  await h.request("permission.resolve", { permission: asked!.id, decision: "allow" });
  await settle(120);
  expect(told(h, session)?.text).toBe("It is a page.");
  const [child] = children(h, session);
  expect(child).toMatchObject({ agent: "fetch", workspace: "/scratch/1" });
  const start = h.workers.all("completion.start").find((one) => one.session === child!.id)!;
  expect(start.request.model.model).toBe("small");
  expect(removed).toEqual(["/scratch/1"]);
});
