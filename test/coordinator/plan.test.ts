import { expect, test } from "vitest";
import type { Tool, ToolIntent } from "../../src/contracts/tool.ts";
import { tools } from "../../src/tools/index.ts";
import { completed, type Harness, harness, results, settle, tool, workspace } from "./support/harness.ts";

const presentPlan = tools.find(({ name }) => name === "present_plan")!;
const write: ToolIntent = { action: "write", path: `${workspace}/a.txt`, title: "write a.txt" };
const bash = (command: string): Tool => tool("bash", { intent: { action: "execute", command, path: workspace, title: command } });

type Call = { name: string; input: unknown };
async function planning(
  calls: Call[],
  options: { tools?: Tool[]; yolo?: boolean; headless?: boolean } = {},
): Promise<{ h: Harness; session: string }> {
  const h = await harness({ tools: [presentPlan, ...(options.tools ?? [tool("write", { intent: write }), tool("look")])] });
  const session = await h.session({ plan: true, ...(options.yolo && { yolo: true }) });
  let count = 0;
  h.workers.answer = () => {
    const call = calls[count++];
    return call === undefined ? { text: "Done." } : { calls: [{ call: `c${count}`, name: call.name, input: JSON.stringify(call.input) }] };
  };
  await h.request("session.prompt", { session, text: "go", ...(options.headless && { options: { headless: true } }) });
  await settle();
  return { h, session };
}
const told = (h: Harness, session: string, call: string) => results(h.store, session).get(call)?.[0];
const open = async (h: Harness, session: string) => (await h.request("permission.list", { session })).permissions;

test("in plan mode a tool that writes is refused without asking, whatever would allow it, and one that reads runs", async () => {
  const { h, session } = await planning(
    [
      { name: "write", input: { value: "v" } },
      { name: "look", input: { value: "v" } },
    ],
    { yolo: true },
  );
  expect(told(h, session, "c1")).toMatchObject({ isError: true });
  expect(told(h, session, "c1")?.text).toMatch(/^Plan mode: write was not run/);
  expect(told(h, session, "c2")).toEqual({ text: "look said v", isError: false });
  expect(h.peer.kinds()).not.toContain("permission.asked");
});

test("commands that only read run in plan mode, others are refused even where a rule allows them", async () => {
  const reads = await planning([{ name: "bash", input: { value: "v" } }], { tools: [bash("ls")] });
  expect(told(reads.h, reads.session, "c1")).toEqual({ text: "bash said v", isError: false });
  const changes = await planning([{ name: "bash", input: { value: "v" } }], { tools: [bash("make all")], yolo: true });
  expect(told(changes.h, changes.session, "c1")?.text).toContain("Plan mode");
});

test("the model is told of plan mode and of present_plan only while it is on", async () => {
  const { h, session } = await planning([]);
  const on = h.workers.all("completion.start").at(-1)!.request;
  expect(on.tools.map(({ name }) => name)).toEqual(["look", "present_plan", "write"]);
  expect(on.system.at(-1)).toContain("Plan mode is on");
  await h.request("session.setPlan", { session, plan: false });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  const off = h.workers.all("completion.start").at(-1)!.request;
  expect(off.tools.map(({ name }) => name)).toEqual(["look", "write"]);
  expect(off.system).toEqual(["You are a test."]);
});

test("an approved plan ends plan mode durably, within the turn, and its calls are judged as ever", async () => {
  const { h, session } = await planning([
    { name: "present_plan", input: { plan: "# Do it" } },
    { name: "write", input: { value: "v" } },
  ]);
  const [plan] = await open(h, session);
  expect(plan).toMatchObject({ action: "plan", tool: "present_plan", state: "pending" });
  await h.request("permission.resolve", { permission: plan!.id, decision: "allow" });
  await settle();
  expect(told(h, session, "c1")?.text).toContain("approved");
  expect(h.store.session(session)?.plan).toBe(false);
  expect(h.workers.all("completion.start").at(-1)!.request.system).toEqual(["You are a test."]);
  const [permission] = await open(h, session);
  expect(permission).toMatchObject({ action: "write" });
});

test("a plan that is sent back goes on in plan mode with the user's words; one that is stopped ends the turn", async () => {
  const back = await planning([
    { name: "present_plan", input: { plan: "one" } },
    { name: "present_plan", input: { plan: "two" } },
  ]);
  await back.h.request("permission.resolve", {
    permission: (await open(back.h, back.session))[0]!.id,
    decision: "deny",
    message: "smaller",
  });
  await settle();
  expect(told(back.h, back.session, "c1")?.text).toContain("smaller");
  const [second] = await open(back.h, back.session);
  expect(JSON.parse(second!.input)).toEqual({ plan: "two" });
  await back.h.request("permission.resolve", { permission: second!.id, decision: "deny" });
  await settle();
  expect(completed(back.h.store, back.session)[0]?.data.turn).toMatchObject({ status: "ok", completions: 2 });
  expect(back.h.store.session(back.session)?.plan).toBe(true);
});

test("headless the plan is the answer: nobody is asked, and present_plan is not offered", async () => {
  const { h } = await planning([], { headless: true });
  const { system, tools: offered } = h.workers.all("completion.start").at(-1)!.request;
  expect(offered.map(({ name }) => name)).not.toContain("present_plan");
  expect(system.at(-1)).toContain("give it as your answer");
});

test("plan mode can be switched on by whoever may prompt, and off by whoever may approve", async () => {
  const { h, session } = await planning([]);
  const { port } = h.connect("drive");
  await expect(port.request("session.setPlan", { session, plan: false })).rejects.toMatchObject({ code: "forbidden" });
  expect((await h.connect("approve").port.request("session.setPlan", { session, plan: false })).session.plan).toBe(false);
  expect((await port.request("session.setPlan", { session, plan: true })).session.plan).toBe(true);
});
