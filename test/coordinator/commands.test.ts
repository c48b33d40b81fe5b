import { expect, test } from "vitest";
import { methodScope, type MethodName, type Scope } from "../../src/protocol/index.ts";
import { commands } from "../../src/coordinator/commands/index.ts";
import { config, harness, settle, workspace } from "./support/harness.ts";
import { MemoryStore } from "./support/memory-store.ts";

const scopes: Scope[] = ["view", "drive", "approve", "admin"];

test("every method refuses a scope below its own, before anything happens", async () => {
  const h = await harness();
  for (const method of Object.keys(commands) as MethodName[]) {
    const need = scopes.indexOf(methodScope[method]);
    for (const scope of scopes.slice(0, need)) {
      await expect(h.connect(scope).port.request(method, {} as never)).rejects.toMatchObject({ code: "forbidden" });
    }
  }
  expect(h.store.commits).toBe(0);
});

test("an unknown method, also one that every object has, is an error reply", async () => {
  const h = await harness();
  for (const method of ["session.fly", "constructor", "__proto__"])
    await expect(h.request(method as MethodName, {} as never)).rejects.toMatchObject({ code: "unknown_method" });
});

test("a prompt sent twice with one key runs once and gets one answer, at the same time, later, and after a restart", async () => {
  const store = new MemoryStore();
  const h = await harness({ store });
  const session = await h.session();
  h.workers.answer = () => ({ text: "ok" });
  const [a, b] = await Promise.all([
    h.request("session.prompt", { session, text: "go" }, "k1"),
    h.request("session.prompt", { session, text: "go" }, "k1"),
  ]);
  await settle();
  const c = await h.request("session.prompt", { session, text: "go" }, "k1");
  const after = await harness({ store: new MemoryStore(store.disk) });
  const d = await after.request("session.prompt", { session, text: "go" }, "k1");
  expect([b, c, d]).toEqual([a, a, a]);
  expect(store.turns(session, 10)).toHaveLength(1);
  await expect(h.request("session.rename", { session, title: "x" }, "k1")).rejects.toMatchObject({ code: "bad_request" });
});

test("the key is written with the prompt: a crash right after the commit cannot make it run twice", async () => {
  const store = new MemoryStore();
  const h = await harness({ store });
  const session = await h.session();
  store.lag = () => 50;
  void h.request("session.prompt", { session, text: "go" }, "k");
  await settle(5);
  expect(store.turns(session, 1)).toHaveLength(1);
  await settle(60);
  expect(store.key("k")?.method).toBe("session.prompt");
});

test("a refusal is not kept under its key", async () => {
  const h = await harness();
  const session = await h.session();
  await expect(h.request("session.rename", { session, title: " " }, "k")).rejects.toMatchObject({ code: "bad_request" });
  expect(await h.request("session.rename", { session, title: "good" }, "k")).toMatchObject({ session: { title: "good" } });
});

test("a session is found by id, by a unique prefix of its hash, and as the last of its workspace", async () => {
  const h = await harness();
  const a = await h.request("session.create", { workspace, title: "a" });
  const b = await h.request("session.create", { workspace: "/other", title: "b" });
  const get = async (session: string, where?: string) =>
    (await h.request("session.get", { session, ...(where !== undefined && { workspace: where }) })).session.id;
  expect(await get(a.session.id)).toBe(a.session.id);
  expect(await get(b.session.hash.slice(0, 12))).toBe(b.session.id);
  expect(await get("last", workspace)).toBe(a.session.id);
  expect(await get("last")).toBe(b.session.id);
  await expect(get("last", "/nowhere")).rejects.toMatchObject({ code: "not_found" });
  await expect(get("zzzz")).rejects.toMatchObject({ code: "not_found" });
  await expect(get("")).rejects.toMatchObject({ code: "bad_request", data: { candidates: [{ title: "a" }, { title: "b" }] } });
});

test("while a turn runs: rename allowed, delete refused, resume refused", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go" });
  await h.request("session.rename", { session, title: "new" });
  await expect(h.request("session.delete", { session })).rejects.toMatchObject({ code: "conflict" });
  await expect(h.request("session.resume", { session })).rejects.toMatchObject({ code: "conflict" });
  await h.request("session.cancel", { session });
  await h.request("session.delete", { session });
  await expect(h.request("session.messages", { session })).rejects.toMatchObject({ code: "not_found" });
});

test("a prompt that could not be written is an error with a code, and no turn runs", async () => {
  const h = await harness();
  const session = await h.session();
  h.store.fault = () => "full";
  await expect(h.request("session.prompt", { session, text: "go" })).rejects.toMatchObject({ code: "storage_full" });
  h.store.fault = undefined;
  await settle();
  expect(h.coordinator.busy()).toBe(false);
  expect(h.workers.all("completion.start")).toHaveLength(0);
  h.workers.answer = () => ({ text: "ok" });
  await h.request("session.prompt", { session, text: "again" });
  await settle();
  expect(h.store.turns(session, 10)).toMatchObject([{ status: "ok" }]);
});

test("the first prompt names the session at once; the small model names it better, beside the conversation", async () => {
  const h = await harness();
  const { session } = await h.request("session.create", { workspace });
  h.workers.answer = (start) => (start.conversation === undefined ? { text: "ok" } : { text: '<think>hm</think>"A better\nname"' });
  await h.request("session.prompt", {
    session: session.id,
    text: "please  explain\nthis very long thing that nobody will ever read to its end",
  });
  expect(h.store.session(session.id)?.title).toBe("please explain this very long thing that nobody w…");
  await settle();
  expect(h.store.session(session.id)?.title).toBe("A better name");
  const beside = h.workers.all("completion.start").find(({ conversation }) => conversation !== undefined);
  expect(beside).toMatchObject({ request: { tools: [], model: { model: "small", maxOutputTokens: 40 }, retriesMax: 0 } });
  expect(beside?.session).not.toBe(session.id);
});

test("a headless prompt makes no request beside its own", async () => {
  const h = await harness();
  const { session } = await h.request("session.create", { workspace });
  h.workers.answer = () => ({ text: "ok" });
  await h.request("session.prompt", { session: session.id, text: "hi", options: { headless: true } });
  await settle();
  expect(h.workers.all("completion.start")).toHaveLength(1);
  expect(h.store.session(session.id)?.title).toBe("hi");
});

test("server.stop is refused while a turn runs, unless forced; the turn ends as interrupted when the server goes", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go" });
  await h.request("session.prompt", { session, text: "next" });
  await settle();
  expect(await h.request("server.status", {})).toMatchObject({ turnsRunning: 1, clients: 1, sessionsOpen: 1 });
  await expect(h.request("server.stop", {})).rejects.toMatchObject({ code: "conflict" });
  await h.request("server.stop", { force: true });
  await settle(3);
  expect(h.stopped()).toBe(true);
  await h.coordinator.shutdown();
  expect(h.store.turns(session, 10)).toMatchObject([
    { status: "interrupted", cause: "server_stopped" },
    { status: "interrupted", cause: "server_stopped" },
  ]);
});

test("the configuration is read again only when its stamp or the environment has changed", async () => {
  let loads = 0;
  let stamp = "1";
  const loadConfig = async () => {
    loads++;
    return config();
  };
  const h = await harness({ configStamp: async () => stamp, loadConfig });
  await h.request("model.list", { workspace });
  await h.request("model.list", { workspace });
  expect(loads).toBe(1);
  stamp = "2";
  await h.request("model.list", { workspace });
  expect(loads).toBe(2);
  await h.request("model.list", { workspace, env: { KEY: "new" } });
  await h.request("model.list", { workspace, env: { KEY: "new" } });
  expect(loads).toBe(3);
});
