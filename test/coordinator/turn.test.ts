import { expect, test } from "vitest";
import { completed, config, harness, results, settle, tool } from "./support/harness.ts";

const call = (name: string, value = "x", id = `call-${name}`) => ({ call: id, name, input: JSON.stringify({ value }) });

test("a prompt, an answer with a tool call, its result, a last answer: one turn, in the order of its events", async () => {
  const h = await harness({ tools: [tool("echo")] });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = () => (asked++ === 0 ? { text: "I look.", calls: [call("echo", "hello")] } : { text: "Done." });
  const { turn, queued } = await h.request("session.prompt", { session, text: "do it" });
  expect(queued).toBe(false);
  await settle();
  expect(h.peer.kinds()).toEqual([
    "session.created",
    "message.created", // user
    "turn.started",
    "session.updated",
    "message.created", // assistant
    "part.finished",
    "part.finished",
    "message.finished",
    "session.updated",
    "message.created", // tool
    "message.created", // assistant
    "part.finished",
    "message.finished",
    "session.updated",
    "turn.completed",
    "session.updated",
  ]);
  expect(h.peer.events.map(({ seq }) => seq)).toEqual(h.peer.events.map((_, at) => at + 1));
  expect(results(h.store, session).get("call-echo")).toEqual([{ text: "echo said hello", isError: false }]);
  const [end] = completed(h.store, session);
  expect(end?.data.turn).toMatchObject({ id: turn, status: "ok", completions: 2, usage: { input: 200, output: 20 } });
  expect(end?.data.turn.usage.cost).toBeCloseTo((200 * 1 + 20 * 2) / 1e6);
  expect(h.store.session(session)).toMatchObject({ status: "idle", contextTokens: 110, messageCount: 4 });
  const sent = h.workers.received.map(({ message }) => message.t);
  // The worker has the user's message before it is asked to answer it.
  expect(sent.indexOf("events")).toBeLessThan(sent.indexOf("completion.start"));
  expect(h.coordinator.busy()).toBe(false);
});

test("the request to the worker has the system texts, the tools in order of their names and their schemas, and ids for all attempts", async () => {
  const h = await harness({
    tools: [tool("zebra"), tool("ant"), tool("off")],
    config: config({ options: { ...config().options, disabledTools: ["off"] } }),
  });
  const session = await h.session();
  await h.request("session.prompt", { session, text: "hi" });
  await settle();
  const [start] = h.workers.all("completion.start");
  expect(start?.request).toMatchObject({
    system: ["You are a test."],
    model: { model: "big", maxOutputTokens: 4_000, contextWindow: 100_000 },
  });
  expect(start?.request.tools.map(({ name }) => name)).toEqual(["ant", "zebra"]);
  expect(start?.request.tools[0]?.parameters).toMatchObject({
    type: "object",
    properties: { value: { type: "string" } },
    required: ["value"],
  });
  expect(new Set([start?.message, ...(start?.attemptMessages ?? [])]).size).toBe(4);
});

test("a prompt sent while a turn runs is queued durably and runs after it", async () => {
  const h = await harness();
  const session = await h.session();
  const first = await h.request("session.prompt", { session, text: "one" });
  await settle();
  const second = await h.request("session.prompt", { session, text: "two" });
  expect(second.queued).toBe(true);
  expect(h.store.turn(second.turn)?.status).toBe("queued");
  h.workers.end(h.workers.all("completion.start")[0]!, { text: "first answer" });
  await settle();
  h.workers.end(h.workers.all("completion.start")[1]!, { text: "second answer" });
  await settle();
  expect(completed(h.store, session).map(({ data }) => [data.turn.id, data.turn.status])).toEqual([
    [first.turn, "ok"],
    [second.turn, "ok"],
  ]);
});

test("a cancel ends the turn when the worker says so, keeps the partial text and leaves it out of the conversation", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "long" });
  await settle();
  expect(await h.request("session.cancel", { session })).toEqual({ canceled: true });
  expect(completed(h.store, session).map(({ data }) => data.turn)).toMatchObject([{ status: "interrupted", cause: "canceled" }]);
  const answer = h.store.conversation(session).find(({ role }) => role === "assistant");
  expect(answer).toMatchObject({ abandoned: true, finish: "canceled", parts: [{ text: "so far" }] });
  expect(await h.request("session.cancel", { session })).toEqual({ canceled: false });
});

test("a cancel does not wait longer than 75 ms for a worker that does not answer, and its late word changes nothing", async () => {
  const h = await harness();
  const session = await h.session();
  h.workers.ignoreCancel = true;
  await h.request("session.prompt", { session, text: "long" });
  await settle();
  const canceled = h.request("session.cancel", { session });
  await settle();
  expect(completed(h.store, session)).toHaveLength(0);
  h.clock.advance(75);
  await canceled;
  expect(completed(h.store, session)).toHaveLength(1);
  const before = h.store.events(session, 0, 1e6).length;
  h.workers.end(h.workers.all("completion.start")[0]!, { text: "late" });
  await settle();
  expect(h.store.events(session, 0, 1e6)).toHaveLength(before);
});

test("a cancel while tools run aborts them and gives each unfinished call a result", async () => {
  let aborted = false;
  const hang = tool("hang", {
    run: (_, { signal }) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => {
          aborted = true;
          resolve({ text: "too late" });
        });
      }),
  });
  const h = await harness({ tools: [hang, tool("echo")] });
  const session = await h.session();
  h.workers.answer = () => ({ calls: [call("echo"), call("hang"), call("echo", "x", "call-after")] });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  await h.request("session.cancel", { session });
  await settle();
  expect(aborted).toBe(true);
  expect(results(h.store, session)).toEqual(
    new Map([
      ["call-echo", [{ text: "echo said x", isError: false }]],
      ["call-hang", [{ text: "The call was canceled by the user.", isError: true }]],
      ["call-after", [{ text: "The call was canceled by the user.", isError: true }]],
    ]),
  );
  expect(completed(h.store, session)).toHaveLength(1);
});

test("cancel with queue also ends what waits", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "one" });
  await settle();
  await h.request("session.prompt", { session, text: "two" });
  await h.request("session.cancel", { session, queue: true });
  await settle();
  expect(completed(h.store, session).map(({ data }) => data.turn.status)).toEqual(["interrupted", "interrupted"]);
  expect(h.store.session(session)?.status).toBe("idle");
});

test("the same call with the same result more than 5 times ends the turn as a loop, and says so", async () => {
  const h = await harness({ tools: [tool("echo")] });
  const session = await h.session();
  let n = 0;
  h.workers.answer = () => ({ calls: [call("echo", "same", `c${n++}`)] });
  await h.request("session.prompt", { session, text: "loop" });
  await settle(300);
  const [end] = completed(h.store, session);
  expect(end?.data.turn).toMatchObject({ status: "limit", cause: "loop", completions: 6 });
  expect(end?.data.turn.reason).toContain("6 times");
});

test("maxTurns ends the turn with a limit after that many requests, with every call answered", async () => {
  const h = await harness({ tools: [tool("echo")] });
  const session = await h.session();
  let n = 0;
  h.workers.answer = () => ({ calls: [call("echo", `v${n}`, `c${n++}`)] });
  await h.request("session.prompt", { session, text: "go", options: { maxTurns: 3 } });
  await settle(200);
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "limit", cause: "max_turns", completions: 3 });
  expect(results(h.store, session).size).toBe(3);
});

test("timeoutMs ends the turn with a limit", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go", options: { timeoutMs: 5_000 } });
  await settle();
  h.clock.advance(5_000);
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "limit", cause: "timeout" });
  expect(h.coordinator.busy()).toBe(false);
});

test("arguments that are no JSON, do not fit, or are cut, and unknown tools, are results that the model reads", async () => {
  const h = await harness({ tools: [tool("echo")] });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = () =>
    asked++ > 0
      ? { text: "sorry" }
      : {
          calls: [
            { call: "a", name: "echo", input: '{"value": ' },
            { call: "b", name: "echo", input: '{"value": 7}' },
            { call: "c", name: "nope", input: "{}" },
            { call: "d", name: "echo", input: '{"va', incomplete: true },
          ],
        };
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  const all = results(h.store, session);
  expect(all.get("a")?.[0]).toMatchObject({ isError: true, text: expect.stringContaining("not valid JSON") });
  expect(all.get("b")?.[0]).toMatchObject({ isError: true, text: expect.stringContaining("value:") });
  expect(all.get("c")?.[0]).toMatchObject({ isError: true, text: expect.stringContaining('no tool named "nope". Available: echo') });
  expect(all.get("d")?.[0]).toMatchObject({ isError: true, text: expect.stringContaining("cut off") });
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("a tool that throws is an error result and the turn goes on", async () => {
  const h = await harness({ tools: [tool("bad", { run: async () => Promise.reject(new Error("disk on fire")) })] });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = () => (asked++ === 0 ? { calls: [call("bad")] } : { text: "ok" });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(results(h.store, session).get("call-bad")).toEqual([{ text: "The tool failed: disk on fire", isError: true }]);
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("parallel tools run at once, the others one after another in order", async () => {
  const log: string[] = [];
  const slow = (name: string, parallel: boolean) =>
    tool(name, {
      parallel,
      run: async (value) => {
        log.push(`+${value}`);
        await settle(5);
        log.push(`-${value}`);
        return { text: value };
      },
    });
  const h = await harness({ tools: [slow("serial", false), slow("beside", true)] });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = () =>
    asked++ > 0
      ? { text: "ok" }
      : { calls: [call("serial", "s1", "1"), call("beside", "p1", "2"), call("serial", "s2", "3"), call("beside", "p2", "4")] };
  await h.request("session.prompt", { session, text: "go" });
  await settle(150);
  expect(log.slice(0, 3).sort()).toEqual(["+p1", "+p2", "+s1"]);
  expect(log.indexOf("+s2")).toBeGreaterThan(log.indexOf("-s1"));
  expect(completed(h.store, session)[0]?.data.turn.status).toBe("ok");
});

test("a broken attempt is kept as abandoned, and the next one writes into a message of its own", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  const [start] = h.workers.all("completion.start");
  const next = start!.attemptMessages[0]!;
  const part = { id: "p", index: 0, kind: "text" as const, text: "half an ans", incomplete: true };
  h.workers.say(0, {
    t: "completion.retry",
    completion: start!.completion,
    session,
    message: { id: start!.message, session, turn: start!.turn, role: "assistant", createdAt: 0, parts: [part] },
    next,
    fault: { kind: "network", message: "connection reset", retryable: true },
    attempt: 1,
    retryAt: 0,
  });
  await settle();
  h.workers.end({ ...start!, message: next }, { text: "whole answer" });
  await settle();
  const answers = h.store.conversation(session).filter(({ role }) => role === "assistant");
  expect(answers).toMatchObject([
    { id: start!.message, abandoned: true, error: "connection reset", parts: [{ text: "half an ans" }] },
    { id: next, finish: "end_turn", parts: [{ text: "whole answer" }] },
  ]);
  expect(completed(h.store, session)).toHaveLength(1);
});

test("a completion that fails ends the turn as failed with the provider's words", async () => {
  const h = await harness();
  const session = await h.session();
  h.workers.answer = () => ({
    outcome: { status: "failed", fault: { kind: "bad_key", message: "The key was refused", retryable: false } },
  });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "failed", cause: "provider", reason: "The key was refused" });
});

test("a worker's death ends its completions as interrupted; the next prompt runs on a new worker", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  h.workers.die(0);
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "interrupted", cause: "worker_died" });
  h.workers.answer = () => ({ text: "back" });
  await h.request("session.resume", { session });
  await settle();
  expect(completed(h.store, session)[1]?.data.turn.status).toBe("ok");
  expect(h.workers.lives).toHaveLength(2);
});

test("a model that is not configured fails the turn with words that help", async () => {
  const h = await harness();
  const session = await h.session({ model: { provider: "nowhere", model: "x" } });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({
    status: "failed",
    cause: "no_model",
    reason: expect.stringContaining('"nowhere" is not configured; there are: test'),
  });
});

test("todos of a result become the session's", async () => {
  const todos = [{ content: "Test", activeForm: "Testing", status: "pending" as const }];
  const h = await harness({ tools: [tool("todos", { run: async () => ({ text: "noted", meta: { todos } }) })] });
  const session = await h.session();
  let asked = 0;
  h.workers.answer = () => (asked++ === 0 ? { calls: [call("todos")] } : { text: "ok" });
  await h.request("session.prompt", { session, text: "go" });
  await settle();
  expect(h.store.session(session)?.todos).toEqual(todos);
});
