import { expect, test } from "vitest";
import type { ToWorker } from "../../src/contracts/link.ts";
import { completed, type Harness, harness, results, settle, tool } from "./support/harness.ts";

const starts = (h: Harness) => h.workers.all("completion.start");
const say = (h: Harness, session: string, text: string) => h.request("session.prompt", { session, text, steer: true });
const texts = (h: Harness, session: string): string[] =>
  h.store
    .conversation(session)
    .map(({ role, parts }) => `${role}: ${parts.map((part) => ("text" in part ? part.text : part.kind)).join(" ")}`);

async function running(tools = [tool("echo")]): Promise<{ h: Harness; session: string; turn: string }> {
  const h = await harness({ tools });
  const session = await h.session();
  const { turn } = await h.request("session.prompt", { session, text: "go" });
  await settle();
  return { h, session, turn };
}

test("what is said while the model answers is part of the turn, which goes on although the model has stopped", async () => {
  const { h, session, turn } = await running();
  expect(await say(h, session, "in French")).toMatchObject({ turn, queued: false, steered: true });
  h.workers.end(starts(h)[0]!, { text: "Hello." });
  await settle();
  expect(starts(h)).toHaveLength(2);
  h.workers.end(starts(h)[1]!, { text: "Bonjour." });
  await settle();
  expect(texts(h, session)).toEqual(["user: go", "assistant: Hello.", "user: in French", "assistant: Bonjour."]);
  expect(completed(h.store, session).map(({ data }) => data.turn)).toMatchObject([{ id: turn, status: "ok", completions: 2 }]);
  expect(h.store.conversation(session).every((message) => message.turn === turn)).toBe(true);
});

test("said while a tool runs, it is with the worker before the next completion, and asks for none besides", async () => {
  let finish: (() => void) | undefined;
  const slow = tool("echo", { run: () => new Promise((resolve) => (finish = () => resolve({ text: "done" }))) });
  const { h, session } = await running([slow]);
  h.workers.end(starts(h)[0]!, { calls: [{ call: "c", name: "echo", input: '{"value":"v"}' }] });
  await settle();
  // Said in the moment in which the tool ends: its commit is under way when the next completion is due.
  const said = say(h, session, "stop after this");
  finish!();
  await said;
  await settle();
  expect(starts(h)).toHaveLength(2);
  const order = h.workers.received.map(({ message }) => message);
  const told = order.findIndex((message: ToWorker) => message.t === "events" && JSON.stringify(message.events).includes("stop after this"));
  expect(told).toBeGreaterThan(0);
  expect(told).toBeLessThan(order.indexOf(order.filter(({ t }) => t === "completion.start").at(-1)!));
  h.workers.end(starts(h)[1]!, { text: "Stopped." });
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "ok", completions: 2 });
  expect(results(h.store, session).get("c")).toHaveLength(1);
});

test("said when nothing runs, it is a prompt like any other", async () => {
  const h = await harness();
  const session = await h.session();
  h.workers.answer = () => ({ text: "Yes." });
  const answer = await say(h, session, "hello");
  expect(answer.queued).toBe(false);
  expect(answer).not.toHaveProperty("steered");
  await settle();
  expect(completed(h.store, session)).toHaveLength(1);
});

test("a turn that is being canceled takes nothing any more: the words wait as a prompt of their own", async () => {
  const { h, session } = await running();
  h.workers.ignoreCancel = true;
  const canceling = h.request("session.cancel", { session });
  expect(await say(h, session, "and then?")).toMatchObject({ queued: true });
  h.clock.advance(100);
  await canceling;
  await settle();
  expect(starts(h)).toHaveLength(2);
});

test("a cancel while the words are written ends the turn, and they are kept", async () => {
  let finish: (() => void) | undefined;
  const slow = tool("echo", { run: () => new Promise((resolve) => (finish = () => resolve({ text: "done" }))) });
  const { h, session } = await running([slow]);
  h.workers.end(starts(h)[0]!, { calls: [{ call: "c", name: "echo", input: '{"value":"v"}' }] });
  await settle();
  h.store.lag = () => 8;
  finish!();
  await settle(4);
  const said = say(h, session, "more");
  await settle(2);
  const canceled = h.request("session.cancel", { session });
  await settle(80);
  h.clock.advance(100);
  await Promise.all([said, canceled]);
  await settle();
  expect(completed(h.store, session)).toMatchObject([{ data: { turn: { status: "interrupted" } } }]);
  expect(texts(h, session)).toContain("user: more");
  expect(h.coordinator.busy()).toBe(false);
});

test("the limit of requests holds for a turn that is steered, too", async () => {
  const h = await harness();
  const session = await h.session();
  await h.request("session.prompt", { session, text: "go", options: { maxTurns: 1 } });
  await settle();
  await say(h, session, "more");
  h.workers.end(starts(h)[0]!, { text: "Done." });
  await settle();
  expect(completed(h.store, session)[0]?.data.turn).toMatchObject({ status: "limit", cause: "max_turns" });
});
