import { expect, test } from "vitest";
import type { ToolIntent } from "../../src/contracts/tool.ts";
import { SessionGrants } from "../../src/coordinator/permissions/grants.ts";
import { decide } from "../../src/coordinator/permissions/policy.ts";
import { rulePattern, ruleAllows } from "../../src/coordinator/permissions/rules.ts";
import type { PromptOptions } from "../../src/protocol/index.ts";
import { completed, type Harness, harness, results, settle, tool, workspace } from "./support/harness.ts";

const bash = (command: string): ToolIntent => ({ action: "execute", command, path: workspace, title: command });
const write = (path: string): ToolIntent => ({ action: "write", path, title: `write ${path}` });

async function asked(
  intent: ToolIntent,
  options: PromptOptions = {},
  name = intent.command === undefined ? "write" : "bash",
): Promise<{ h: Harness; session: string }> {
  const h = await harness({ tools: [tool(name, { intent })] });
  const session = await h.session();
  h.workers.answer = (start) =>
    start.message === h.workers.all("completion.start")[0]?.message
      ? { calls: [{ call: "c", name, input: '{"value":"v"}' }] }
      : { text: "ok" };
  await h.request("session.prompt", { session, text: "go", options });
  await settle();
  return { h, session };
}

const pending = async (h: Harness, session: string) => (await h.request("permission.list", { session })).permissions;

test("a question is durable, is seen by a client that comes later, and its answer lets the call run", async () => {
  const { h, session } = await asked(write(`${workspace}/a.txt`));
  expect(h.store.session(session)?.status).toBe("waiting");
  const { peer, port } = h.connect("approve", "laptop");
  await port.request("session.subscribe", { session, after: 0 });
  await settle(5);
  expect(peer.kinds()).toContain("permission.asked");
  const [permission] = await pending(h, session);
  expect(permission).toMatchObject({ tool: "write", action: "write", why: "changes a file", state: "pending", pattern: "write(a.txt)" });
  const answer = await port.request("permission.resolve", { permission: permission!.id, decision: "allow" });
  expect(answer.permission).toMatchObject({ state: "allowed", scope: "once", resolvedBy: "laptop" });
  await settle();
  expect(results(h.store, session).get("c")).toEqual([{ text: "write said v", isError: false }]);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("of two answers the first wins; the later one is told what was decided", async () => {
  const { h, session } = await asked(write(`${workspace}/a.txt`));
  const [permission] = await pending(h, session);
  const answers = await Promise.allSettled([
    h.request("permission.resolve", { permission: permission!.id, decision: "deny" }),
    h.request("permission.resolve", { permission: permission!.id, decision: "allow" }),
  ]);
  expect(answers).toMatchObject([{ status: "fulfilled" }, { status: "rejected", reason: { code: "already_resolved" } }]);
  await settle();
  await expect(h.request("permission.resolve", { permission: permission!.id, decision: "allow" })).rejects.toMatchObject({
    code: "already_resolved",
    data: { permission: { state: "denied" } },
  });
  expect(results(h.store, session).get("c")).toEqual([{ text: "The user denied permission.", isError: true }]);
});

test("a denial ends the turn; a denial with words goes to the model and the turn goes on", async () => {
  const one = await asked(write(`${workspace}/a.txt`));
  await one.h.request("permission.resolve", { permission: (await pending(one.h, one.session))[0]!.id, decision: "deny" });
  await settle();
  expect(completed(one.h.store, one.session)[0]?.data.turn).toMatchObject({ status: "failed", cause: "permission_denied", completions: 1 });

  const two = await asked(write(`${workspace}/a.txt`));
  await two.h.request("permission.resolve", {
    permission: (await pending(two.h, two.session))[0]!.id,
    decision: "deny",
    message: "use b.txt",
  });
  await settle();
  expect(results(two.h.store, two.session).get("c")).toEqual([{ text: "The user denied permission and says: use b.txt", isError: true }]);
  expect(completed(two.h.store, two.session)[0]?.data.turn).toMatchObject({ status: "ok", completions: 2 });
});

test("headless: what would be asked is denied at once, and the reason names the flag", async () => {
  const { h, session } = await asked(bash("make all"), { headless: true });
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({
    status: "failed",
    cause: "permission_denied",
    reason: expect.stringContaining("--allow 'bash(make *)', or with --yolo"),
  });
  expect(h.store.permissions({})).toHaveLength(0);
});

test("a rule of the prompt, the session's yolo and a harmless command run without a question", async () => {
  for (const [intent, options] of [
    [bash("make all"), { allow: ["bash(make *)"] }],
    [bash("ls"), {}],
    [write(`${workspace}/a`), { allow: ["write"] }],
    [write(`${workspace}/a`), { allow: ["write:write"] }],
  ] as const) {
    const { h, session } = await asked(intent, { ...options, headless: true } as PromptOptions);
    expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
  }
});

test("what is never run is not run in yolo mode either, and the model is told why", async () => {
  const h = await harness({ tools: [tool("bash", { intent: bash("sudo rm") })] });
  const session = await h.session({ yolo: true });
  let n = 0;
  h.workers.answer = () => (n++ === 0 ? { calls: [{ call: "c", name: "bash", input: '{"value":"v"}' }] } : { text: "ok" });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(results(h.store, session).get("c")).toEqual([{ text: "sudo is never run", isError: true }]);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("a list of what is allowed stands over yolo: what is not on it is not run", async () => {
  for (const [allow, status] of [
    [["bash(make *)"], "ok"],
    [["write"], "failed"],
    [[], "ok"],
  ] as const) {
    const h = await harness({ tools: [tool("bash", { intent: bash("make all") })] });
    const session = await h.session({ yolo: true });
    let n = 0;
    h.workers.answer = () => (n++ === 0 ? { calls: [{ call: "c", name: "bash", input: '{"value":"v"}' }] } : { text: "ok" });
    await h.request("session.prompt", { session, text: "go", options: { allow: [...allow], headless: true } });
    await settle();
    expect(completed(h.store, session)[0]?.data.turn.status).toBe(status);
  }
});

test("allowed for the session: the same kind of call is not asked again; always: the shown rule is saved", async () => {
  const { h, session } = await asked(bash("make all"));
  const [permission] = await pending(h, session);
  expect(permission?.pattern).toBe("bash(make *)");
  await h.request("permission.resolve", { permission: permission!.id, decision: "allow", scope: "always" });
  expect(h.saved).toEqual(["bash(make *)"]);
  await settle();
  h.workers.answer = (start) =>
    start === undefined
      ? undefined
      : h.workers.all("completion.start").length === 3
        ? { calls: [{ call: "d", name: "bash", input: '{"value":"v"}' }] }
        : { text: "ok" };
  await h.request("session.prompt", { session, text: "again" });
  await settle();
  expect(await pending(h, session)).toHaveLength(0);
  expect(results(h.store, session).get("d")).toEqual([{ text: "bash said v", isError: false }]);
});

test("two parallel calls are asked about one after the other, and one answer for the session answers both", async () => {
  const h = await harness({
    tools: [tool("fetch", { intent: { action: "fetch", url: "https://a.example/x", title: "fetch" }, parallel: true })],
  });
  const session = await h.session();
  let n = 0;
  const call = (id: string) => ({ call: id, name: "fetch", input: '{"value":"v"}' });
  h.workers.answer = () => (n++ === 0 ? { calls: [call("1"), call("2")] } : { text: "ok" });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  const [only, ...more] = await pending(h, session);
  expect(more).toHaveLength(0);
  await h.request("permission.resolve", { permission: only!.id, decision: "allow", scope: "session" });
  await settle();
  expect(h.store.permissions({})).toHaveLength(1);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("a cancel resolves the open question as denied by cancel, in the commit that ends the turn", async () => {
  const { h, session } = await asked(write(`${workspace}/a.txt`));
  const [permission] = await pending(h, session);
  const before = h.store.commits;
  await h.request("session.cancel", { session });
  expect(h.store.commits).toBe(before + 1);
  expect(h.store.permission(permission!.id)).toMatchObject({ state: "denied", resolvedBy: "cancel" });
  expect(results(h.store, session).get("c")).toHaveLength(1);
});

test("reads and lists are asked about only outside of the workspace", async () => {
  const judge = async () => ({ decision: "ask" as const, why: "" });
  const base = {
    tool: "view",
    workspace,
    yolo: false,
    allowedTools: [],
    rules: [],
    grants: new SessionGrants(),
    files: { resolve: async (path: string) => ({ path, real: path, inside: path.startsWith(workspace) }) },
  };
  expect(await decide({ ...base, intent: { action: "read", path: `${workspace}/a`, title: "" } }, judge)).toEqual({ decision: "allow" });
  expect(await decide({ ...base, intent: { action: "read", path: "/etc/passwd", title: "" } }, judge)).toEqual({
    decision: "ask",
    why: "reads outside of the workspace",
  });
  expect(await decide({ ...base, yolo: true, intent: { action: "read", path: "/etc/passwd", title: "" } }, judge)).toEqual({
    decision: "allow",
  });
});

test("rules cover a tool, an action, a directory or an origin, and nothing beside it", () => {
  const allows = (rule: string, name: string, intent: ToolIntent) => ruleAllows(rule, name, intent, workspace);
  expect(allows("write(src/**)", "write", write(`${workspace}/src/a/b.ts`))).toBe(true);
  expect(allows("write(src/**)", "write", write(`${workspace}/srcs/b.ts`))).toBe(false);
  expect(allows("write(src/**)", "edit", write(`${workspace}/src/a.ts`))).toBe(false);
  expect(allows("write(src/**)", "write", write(`${workspace}/src/../.git/config`.replace("src/../", "")))).toBe(false);
  expect(allows("write:read", "write", write("/a"))).toBe(false);
  const fetch = (url: string): ToolIntent => ({ action: "fetch", url, title: "" });
  expect(allows("fetch(https://good.example/*)", "fetch", fetch("https://good.example/x?y"))).toBe(true);
  expect(allows("fetch(https://good.example/*)", "fetch", fetch("https://good.example@evil.example/"))).toBe(false);
  expect(allows("fetch(https://good.example/*)", "fetch", fetch("https://good.example.evil.example/"))).toBe(false);
  expect(allows("fetch(https://good.example/*)", "fetch", fetch("http://good.example/"))).toBe(false);
  expect(allows("bash(ls *)", "bash", bash("ls -l"))).toBe(false); // the judge's matter
  expect(rulePattern("write", write(`${workspace}/src/deep/a.ts`), workspace)).toBe("write(src/deep/**)");
  expect(rulePattern("write", write("/etc/passwd"), workspace)).toBeUndefined();
});

test("control and bidi characters in a question are made visible", async () => {
  const { h, session } = await asked({ ...bash("make"), title: "ls\u001b[2K\u202e" });
  expect((await pending(h, session))[0]?.title).toBe("ls\\u{1b}[2K\\u{202e}");
});
