import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompletionRequest } from "../../../src/contracts/wire-format.ts";
import type { DurableEvent, Message, Part } from "../../../src/protocol/index.ts";
import { type Body, openArena } from "../../../src/session/completion/arena.ts";
import { type Conversation, interruptedText, openConversation, type Sent } from "../../../src/session/completion/conversation.ts";
import { openSimulator } from "../../support/simulator.ts";
import { queriesOf, requestTo, rig, start, userMessage, wires } from "./support.ts";

const wire = wires({ type: "openai-compat" })!;
const request: CompletionRequest = requestTo("http://127.0.0.1:1");
const sentOf = (conversation: Conversation, turn: string): readonly Sent[] => [...conversation.reader().read(turn).messages];
const textOf = (body: Body): string => Buffer.concat(body.pieces).toString();
const plainBody = (messages: readonly Message[]): string =>
  wire.head(request) + messages.flatMap((message) => wire.segment(message, request) ?? []).join(",") + wire.tail(request);

type Call = { id: string; whole: boolean; answered: boolean };
type Step = { text: string; calls: Call[]; state: "ok" | "abandoned" | "running"; stray: boolean };
type History = { turns: { prompt: string; steps: Step[] }[] };

const anyText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.constantFrom("", '\u0000\u001f"\\', "\ud800 lone", "🙂".repeat(20)),
);
const anyStep: fc.Arbitrary<Step> = fc.record({
  text: anyText,
  // Few ids: providers that number their calls from 0 in each message repeat them.
  calls: fc.uniqueArray(fc.record({ id: fc.constantFrom("call_0", "call_1", "x"), whole: fc.boolean(), answered: fc.boolean() }), {
    selector: (call) => call.id,
    maxLength: 3,
  }),
  state: fc.constantFrom("ok", "ok", "ok", "abandoned", "running"),
  stray: fc.boolean(),
});
const anyHistory: fc.Arbitrary<History> = fc.record({
  turns: fc.array(fc.record({ prompt: anyText, steps: fc.array(anyStep, { maxLength: 4 }) }), { minLength: 1, maxLength: 4 }),
});

let seq = 0;
const event = (body: Pick<DurableEvent, "kind"> & { data: unknown }): DurableEvent =>
  ({ type: "event", session: "s", seq: ++seq, time: 1, ...body }) as DurableEvent;

/** The events of a history, and its messages as the store has them at the end. */
function play(history: History): { events: DurableEvent[]; messages: Message[]; turns: string[] } {
  const events: DurableEvent[] = [];
  const messages: Message[] = [];
  const turns: string[] = [];
  for (const [t, turn] of history.turns.entries()) {
    const name = `t${t}`;
    turns.push(name);
    const prompt = userMessage("s", name, turn.prompt, `u${t}`);
    messages.push(prompt);
    events.push(event({ kind: "message.created", data: { message: prompt } }));
    for (const [n, step] of turn.steps.entries()) {
      const id = `a${t}.${n}`;
      const parts: Part[] = [{ id: `${id}:0`, index: 0, kind: "text", text: step.text }];
      for (const call of step.calls)
        parts.push({
          id: `${id}:${parts.length}`,
          index: parts.length,
          kind: "tool_call",
          call: call.id,
          name: "view",
          input: call.whole ? "{}" : '{"a',
          ...(call.whole ? {} : { incomplete: true }),
        });
      const created: Message = { id, session: "s", turn: name, role: "assistant", createdAt: 1, parts: [] };
      events.push(event({ kind: "message.created", data: { message: created } }));
      if (step.state === "running") {
        messages.push({ ...created, parts });
        continue;
      }
      for (const part of parts) events.push(event({ kind: "part.finished", data: { message: id, part } }));
      const ended: Message = { ...created, finishedAt: 2, finish: "end_turn", ...(step.state === "abandoned" ? { abandoned: true } : {}) };
      events.push(event({ kind: "message.finished", data: { message: ended } }));
      messages.push({ ...ended, parts });
      const results: Part[] = step.calls
        .filter((call) => call.answered)
        .map((call, index) => ({
          id: `${id}r:${index}`,
          index,
          kind: "tool_result",
          call: call.id,
          name: "view",
          text: `${id} ${call.id}`,
          isError: false,
        }));
      if (step.stray)
        results.push({
          id: `${id}r:stray`,
          index: 9,
          kind: "tool_result",
          call: `nobody-${id}`,
          name: "view",
          text: "stray",
          isError: false,
        });
      if (results.length === 0) continue;
      const tool: Message = { id: `${id}r`, session: "s", turn: name, role: "tool", createdAt: 3, finishedAt: 3, parts: results };
      messages.push(tool);
      events.push(event({ kind: "message.created", data: { message: tool } }));
    }
  }
  return { events, messages, turns };
}

describe("the arena", () => {
  test("whatever happens between requests, each body is byte for byte head + segments + tail", () => {
    fc.assert(
      fc.property(anyHistory, fc.array(fc.nat(30)), fc.nat(3), (history, asks, late) => {
        const { events, turns, messages } = play(history);
        const conversation = openConversation("s");
        const arena = openArena(wire, conversation);
        const given: { body: Body; text: string }[] = [];
        for (const [i, each] of events.entries()) {
          conversation.apply(each);
          if (!asks.includes(i)) continue;
          const sent = sentOf(conversation, turns.at(-1)!);
          const body = arena.body(turns.at(-1)!, request);
          expect(textOf(body)).toBe(plainBody(sent));
          expect(body.bytes).toBe(Buffer.concat(body.pieces).length);
          given.push({ body, text: plainBody(sent) });
        }
        // An old message is given up, then there is another request.
        const old = messages.filter((message) => message.role === "assistant" && message.finishedAt)[late];
        if (old) conversation.apply(event({ kind: "message.finished", data: { message: { ...old, parts: [], abandoned: true } } }));
        const sent = sentOf(conversation, turns.at(-1)!);
        expect(textOf(arena.body(turns.at(-1)!, request))).toBe(plainBody(sent));
        // What was given out before has not changed under the socket that may still be sending it.
        for (const { body, text } of given) expect(textOf(body)).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  test("only what is new is serialised, also after an interrupted call", () => {
    const conversation = openConversation("s");
    const arena = openArena(wire, conversation);
    conversation.load(userMessage("s", "t1", "one"));
    conversation.load({
      id: "a1",
      session: "s",
      turn: "t1",
      role: "assistant",
      createdAt: 1,
      finishedAt: 2,
      parts: [{ id: "a1:0", index: 0, kind: "tool_call", call: "c", name: "view", input: "{}" }],
    });
    expect(arena.body("t1", request).fresh).toBe(3);
    conversation.load(userMessage("s", "t2", "two"));
    expect(arena.body("t2", request).fresh).toBe(1);
    expect(arena.body("t2", request).fresh).toBe(0);
  });
});

describe("the conversation", () => {
  test("fed by events or read from the store, and told everything twice, it is the same", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { events, messages, turns } = play(history);
        const [fed, read, twice] = [openConversation("s"), openConversation("s"), openConversation("s")];
        for (const each of events) fed.apply(each);
        for (const message of messages) read.load(message);
        for (const message of messages) twice.load(message);
        for (const each of events) twice.apply(each);
        const last = turns.at(-1)!;
        expect(plainBody(sentOf(read, last))).toBe(plainBody(sentOf(fed, last)));
        expect(plainBody(sentOf(twice, last))).toBe(plainBody(sentOf(fed, last)));
      }),
      { numRuns: 300 },
    );
  });

  test("each call is followed at once by its one result, no result is without its call, nothing abandoned or unfinished is sent", () => {
    fc.assert(
      fc.property(anyHistory, (history) => {
        const { messages, turns } = play(history);
        const conversation = openConversation("s");
        for (const message of messages) conversation.load(message);
        const sent = sentOf(conversation, turns.at(-1)!);
        for (const [i, message] of sent.entries()) {
          expect(message.abandoned ?? false).toBe(false);
          expect(message.finishedAt).toBeDefined();
          const calls = message.role === "assistant" ? message.parts.flatMap((part) => (part.kind === "tool_call" ? [part.call] : [])) : [];
          const next = sent[i + 1];
          const results = next?.role === "tool" ? next.parts.flatMap((part) => (part.kind === "tool_result" ? [part.call] : [])) : [];
          if (message.role === "assistant") expect(results).toEqual(calls);
          if (message.role === "tool") expect(sent[i - 1]!.role).toBe("assistant");
          // A result belongs to the message that it stands behind, though ids repeat.
          if (message.role === "tool")
            for (const part of message.parts)
              if (part.kind === "tool_result" && part.text !== interruptedText) expect(part.text).toBe(`${sent[i - 1]!.id} ${part.call}`);
        }
        const users = sent.filter((message) => message.role === "user").map((message) => message.turn);
        expect(users).toEqual(history.turns.map((_, t) => `t${t}`));
      }),
      { numRuns: 300 },
    );
  });

  test("a prompt that waits in the queue is sent to its own turn, behind the one that ran", () => {
    const conversation = openConversation("s");
    const call: Part = { id: "a:0", index: 0, kind: "tool_call", call: "c", name: "view", input: "{}" };
    conversation.load(userMessage("s", "t1", "first"));
    conversation.load({ id: "a", session: "s", turn: "t1", role: "assistant", createdAt: 1, finishedAt: 2, parts: [call] });
    conversation.load(userMessage("s", "t2", "queued"));
    conversation.load({
      id: "r",
      session: "s",
      turn: "t1",
      role: "tool",
      createdAt: 1,
      finishedAt: 2,
      parts: [{ id: "r:0", index: 0, kind: "tool_result", call: "c", name: "view", text: "found", isError: false }],
    });
    const said = (turn: string): string[] =>
      sentOf(conversation, turn).map(({ role, parts }) => `${role} ${parts.map((part) => ("text" in part ? part.text : "")).join("")}`);
    expect(said("t1")).toEqual(["user first", "assistant ", "tool found"]);
    expect(said("t2")).toEqual(["user first", "assistant ", "tool found", "user queued"]);
  });

  test("what a later turn has said is sent behind the turn that asks; its prompt alone is not", () => {
    const conversation = openConversation("s");
    const answer = (id: string, turn: string): Message => ({
      id,
      session: "s",
      turn,
      role: "assistant",
      createdAt: 1,
      finishedAt: 1,
      parts: [{ id: `${id}:0`, index: 0, kind: "text", text: id }],
    });
    const reader = conversation.reader();
    const ids = (turn: string): string => {
      const { messages, same } = reader.read(turn);
      return `${messages.map(({ id }) => id).join(" ")}, ${same} known`;
    };
    conversation.load(userMessage("s", "t1", "1", "u1"));
    conversation.load(userMessage("s", "t2", "2", "u2"));
    expect(ids("t1")).toBe("u1, 0 known");
    conversation.load(answer("a2", "t2"));
    expect(ids("t1")).toBe("u1 u2 a2, 1 known");
    expect(ids("t2")).toBe("u1 u2 a2, 1 known");
    // An answer to the turn before goes between.
    conversation.load(answer("a1", "t1"));
    expect(ids("t2")).toBe("u1 a1 u2 a2, 1 known");
    expect(ids("t2")).toBe("u1 a1 u2 a2, 4 known");
    expect(ids("t1")).toBe("u1 a1 u2 a2, 2 known");
  });

  test("a call with broken arguments that was answered is sent with an empty object; one that nobody answered is left out", () => {
    const conversation = openConversation("s");
    conversation.load({
      id: "a",
      session: "s",
      turn: "t1",
      role: "assistant",
      createdAt: 1,
      finishedAt: 2,
      parts: ["c", "d"].map((call, index) => ({
        id: `a:${index}`,
        index,
        kind: "tool_call" as const,
        call,
        name: "view",
        input: '{"x',
        incomplete: true,
      })),
    });
    conversation.load({
      id: "r",
      session: "s",
      turn: "t1",
      role: "tool",
      createdAt: 1,
      finishedAt: 2,
      parts: [{ id: "r:0", index: 0, kind: "tool_result", call: "c", name: "view", text: "not JSON", isError: true }],
    });
    expect(sentOf(conversation, "t1")).toMatchObject([
      { parts: [{ call: "c", input: "{}" }] },
      { role: "tool", parts: [{ call: "c", text: "not JSON" }] },
    ]);
  });
});

describe("a worker's prompts", () => {
  test("the first request reads the store in pages, the second only hears events, and both are what the store says", async () => {
    const simulator = await openSimulator();
    const stored = Array.from({ length: 150 }, (_, i) => userMessage("s1", `t${i}`, `message ${i}`, `u${i}`));
    const { send, ended } = rig({ openQueries: async () => queriesOf([...stored]) });
    const first = start(simulator.url, { session: "s1", turn: "t149" });
    delete first.conversation;
    send(first);
    // Told while the pages are still being read, and already in one of them.
    send({ t: "events", session: "s1", events: [event({ kind: "message.created", data: { message: stored[149] } })] });
    await ended(first.completion);
    const asked = (i: number): unknown[] => simulator.seen[i]!.body.messages.map(({ content }) => content);
    expect(asked(0)).toEqual(["be brief", ...stored.map((_, i) => `message ${i}`)]);
    const next = userMessage("s1", "t150", "and now", "u150");
    const second = start(simulator.url, { session: "s1", turn: "t150" });
    delete second.conversation;
    send({ t: "events", session: "s1", events: [event({ kind: "message.created", data: { message: next } })] }, second);
    await ended(second.completion);
    expect(asked(1)).toEqual([...asked(0), "and now"]);
    // Forgotten, it is read from the store again.
    send({ t: "session.forget", session: "s1" });
    const third = start(simulator.url, { session: "s1", turn: "t149" });
    delete third.conversation;
    send(third);
    await ended(third.completion);
    expect(asked(2)).toEqual(asked(0));
    await simulator.close();
  });
});
