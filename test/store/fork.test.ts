import { expect, test } from "vitest";
import type { Part } from "../../src/protocol/index.ts";
import { resultHeadChars } from "../../src/protocol/limits.ts";
import { event, openAll, session, text } from "./support.ts";

const long = "x".repeat(resultHeadChars + 10);
const result: Part = { id: "r1", index: 0, kind: "tool_result", call: "c1", name: "view", text: long, isError: false };

async function conversation() {
  const ours = await openAll();
  await ours.store.commit([
    event.created({ title: "first" }),
    event.message("m1", { parts: [text("p1", 0, "go")] }),
    event.started("t1"),
    event.message("m2", { role: "assistant" }),
    event.part("m2", { id: "m2:0", index: 0, kind: "tool_call", call: "c1", name: "view", input: "{}" }),
    event.finished("m2", { finish: "tool_use", usage: { input: 10, output: 5, cacheRead: 0, cacheWrite: 0, reasoning: 0, cost: 1 } }),
    // A prompt that waited in the queue stands in the middle of the turn before it.
    event.message("m3", { turn: "t2", parts: [text("p3", 0, "then")] }),
    event.queued("t2", { message: "m3" }),
    event.message("m4", { role: "tool", parts: [result] }),
    event.message("m5", { role: "assistant" }),
    event.finished("m5"),
    event.completed("t1"),
    event.started("t2", { message: "m3" }),
    event.message("m6", { role: "assistant", turn: "t2" }),
    event.finished("m6"),
    event.completed("t2"),
  ]);
  return ours;
}

const roles = (ours: Awaited<ReturnType<typeof conversation>>, id: string) =>
  ours.queries.messages(id, { limit: 50 }).messages.map(({ role }) => role);

test("a fork has all rows under new ids, turn by turn, with an event for each, and costs nothing again", async () => {
  const ours = await conversation();
  await ours.store.fork({ session: session("F", { title: "fork" }), from: "S" });
  expect(roles(ours, "F")).toEqual(["user", "assistant", "tool", "assistant", "user", "assistant"]);
  const fork = ours.queries.session("F")!;
  expect(fork).toMatchObject({ messageCount: 6, contextTokens: 15, usage: { cost: 0, input: 0 }, status: "idle" });
  const events = ours.queries.events("F", 0, 100);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
  expect(events.length).toBe(fork.head);
  expect(events.map(({ kind }) => kind).filter((kind) => kind !== "message.created")).toEqual([
    "session.created",
    "turn.completed",
    "turn.completed",
  ]);
  const told = events.flatMap((one) => (one.kind === "message.created" ? [one.data.message] : []));
  expect(told).toEqual(ours.queries.messages("F", { limit: 50 }).messages);
  expect(ours.queries.turns("F", 10).map(({ status, message: first }) => [status, told.findIndex(({ id }) => id === first)])).toEqual([
    ["ok", 4],
    ["ok", 0],
  ]);
  expect(ours.queries.integrity()).toEqual([]);
});

test("up to a message of the first turn, the prompt that waited then is not in it", async () => {
  const ours = await conversation();
  await ours.store.fork({ session: session("F"), from: "S", upTo: "m5" });
  expect(roles(ours, "F")).toEqual(["user", "assistant", "tool", "assistant"]);
  await ours.store.fork({ session: session("G"), from: "S", before: "m3" });
  expect(roles(ours, "G")).toEqual(["user", "assistant", "tool", "assistant"]);
});

test("a long result is shared with the session that it comes from, and outlives it", async () => {
  const ours = await conversation();
  await ours.store.fork({ session: session("F"), from: "S" });
  await ours.store.commit([event.deleted()]);
  const { messages } = ours.queries.messages("F", { limit: 50 });
  expect(messages[2]!.parts[0]).toMatchObject({ text: long });
  expect(ours.queries.integrity()).toEqual([]);
});

test("a session or message that is not there refuses the fork and leaves nothing", async () => {
  const ours = await conversation();
  await expect(ours.store.fork({ session: session("F"), from: "nobody" })).rejects.toMatchObject({ code: "constraint" });
  await expect(ours.store.fork({ session: session("F"), from: "S", upTo: "nothing" })).rejects.toMatchObject({ code: "constraint" });
  expect(ours.queries.session("F")).toBeUndefined();
});
