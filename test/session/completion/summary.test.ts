import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProviderType } from "../../../src/contracts/config.ts";
import type { CompletionRequest } from "../../../src/contracts/wire-format.ts";
import type { DurableEvent, Message } from "../../../src/protocol/index.ts";
import { openArena } from "../../../src/session/completion/arena.ts";
import { type Conversation, openConversation } from "../../../src/session/completion/conversation.ts";
import { requestTo, userMessage, wires } from "./support.ts";

let seq = 0;
const created = (message: Message): DurableEvent =>
  ({ type: "event", session: "s", seq: ++seq, time: 1, kind: "message.created", data: { message } }) as DurableEvent;

type Turn = { steps: number[]; queued: boolean };
/** Messages in the order in which they were stored: a prompt that was queued is older than the rest of the turn before it. */
function stored(turns: readonly Turn[]): Message[] {
  const messages: Message[] = [];
  const prompt = (t: number): Message => userMessage("s", `t${t}`, `prompt ${t}`, `u${t}`);
  for (const [t, { steps }] of turns.entries()) {
    if (t === 0 || !turns[t - 1]!.queued) messages.push(prompt(t));
    for (const [n, calls] of steps.entries()) {
      const base = { session: "s", turn: `t${t}`, createdAt: 1, finishedAt: 1 };
      // Ids of calls repeat: some providers number them from 0 each time.
      const ids = Array.from({ length: calls }, (_, i) => `call_${i}`);
      messages.push({
        ...base,
        id: `a${t}.${n}`,
        role: "assistant",
        parts: [
          { id: `a${t}.${n}:t`, index: 0, kind: "text", text: `answer ${t}.${n}` },
          ...ids.map((call, i) => ({ id: `a${t}.${n}:${i}`, index: i + 1, kind: "tool_call" as const, call, name: "view", input: "{}" })),
        ],
      });
      for (const call of ids)
        messages.push({
          ...base,
          id: `r${t}.${n}.${call}`,
          role: "tool",
          parts: [{ id: "r", index: 0, kind: "tool_result", call, name: "view", text: `result ${t}.${n}.${call}`, isError: false }],
        });
      if (n === 0 && turns[t]!.queued && t + 1 < turns.length) messages.push(prompt(t + 1));
    }
    if (steps.length === 0 && turns[t]!.queued && t + 1 < turns.length) messages.push(prompt(t + 1));
  }
  return messages;
}

/** A compaction at `at`: of what turn `turn` and those before it have said until then the last `keep` messages are kept, pairs together. */
function summaryOf(before: readonly Message[], turn: number, keep: number): Message {
  const of = (message: Message): number => Number(message.turn.slice(1));
  const said = before.filter((message) => of(message) <= turn).sort((a, b) => of(a) - of(b));
  let from = Math.max(0, said.length - keep);
  while (said[from]?.role === "tool") from++;
  return {
    ...userMessage("s", `t${turn}`, "SUMMARY", "sum"),
    role: "system",
    summary: {
      upTo: before.at(-1)!.id,
      kept: said.slice(from).map(({ id }) => id),
      waiting: before.filter((message) => of(message) > turn).map(({ id }) => id),
      messages: from,
      tokensBefore: 9,
      tokensAfter: 3,
      prompts: [],
      filesRead: [],
      filesChanged: [],
    },
  };
}
const sent = (conversation: Conversation, turn: string): Message[] => [...conversation.reader().read(turn).messages];

test("after a compaction a conversation that heard of it and one that was read from the store are sent alike, on every wire (property)", () => {
  const turns = fc.array(fc.record({ steps: fc.array(fc.nat(2), { maxLength: 3 }), queued: fc.boolean() }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      turns,
      fc.nat(30),
      fc.nat(6),
      fc.constantFrom<ProviderType>("openai-compat", "anthropic", "google", "bedrock"),
      (list, place, keep, type) => {
        const messages = stored(list);
        const at = 1 + (place % messages.length);
        const before = messages.slice(0, at);
        // The turn that runs then, be it that only its prompt is there.
        const turn = Math.max(...before.filter(({ role }) => role !== "user").map((message) => Number(message.turn.slice(1))), 0);
        const summary = summaryOf(before, turn, keep);
        const later = messages.slice(at);

        const live = openConversation("s");
        for (const message of before) live.apply(created(message));
        sent(live, `t${turn}`);
        live.apply(created(summary));
        const request: CompletionRequest = {
          ...requestTo("http://127.0.0.1:1"),
          provider: { ...requestTo("http://127.0.0.1:1").provider, type },
        };
        const wire = wires({ type })!;
        const arena = openArena(wire, live);
        const prefix = Buffer.concat(arena.body(`t${turn}`, request).pieces).toString();
        for (const message of later) live.apply(created(message));

        const read = openConversation("s");
        const { kept, waiting } = summary.summary!;
        const byId = new Map(messages.map((message) => [message.id, message]));
        for (const message of [summary, ...[...kept, ...waiting].map((id) => byId.get(id)!), ...later]) read.load(message);

        const last = `t${list.length - 1}`;
        const [a, b] = [sent(live, last), sent(read, last)];
        expect(b).toEqual(a);
        expect(a[0]).toMatchObject({ role: "user", parts: [{ text: "SUMMARY" }] });
        expect(a.filter(({ parts }) => parts.some((part) => part.kind === "text" && part.text === "SUMMARY"))).toHaveLength(1);
        const whole = Buffer.concat(openArena(wire, read).body(last, request).pieces).toString();
        expect(Buffer.concat(arena.body(last, request).pieces).toString()).toBe(whole);
        // What was sent at once after the compaction stays, but for marks that move on and the answer that was open.
        const stable = prefix.slice(0, prefix.indexOf("SUMMARY"));
        expect(whole.startsWith(stable)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});

test("what was replaced takes no memory any more, and a second summary stands for the first", () => {
  const live = openConversation("s");
  const long = "x".repeat(100_000);
  const messages = [userMessage("s", "t0", long, "u0"), userMessage("s", "t1", long, "u1"), userMessage("s", "t2", "now", "u2")];
  for (const message of messages) live.apply(created(message));
  const summary = (id: string, upTo: string, kept: string[]): Message => {
    const one = summaryOf(messages, 2, 0);
    return { ...one, id, summary: { ...one.summary!, upTo, kept }, parts: [{ id: "p", index: 0, kind: "text", text: id }] };
  };
  live.apply(created(summary("one", "u2", ["u2"])));
  expect(live.bytes).toBeLessThan(5_000);
  live.apply(created(userMessage("s", "t3", "then", "u3")));
  live.apply(created(summary("two", "u3", ["u3"])));
  // Told again, as after a reconnection.
  live.apply(created(summary("two", "u3", ["u3"])));
  expect(sent(live, "t3").map(({ parts }) => (parts[0] as { text: string }).text)).toEqual(["two", "then"]);
});
