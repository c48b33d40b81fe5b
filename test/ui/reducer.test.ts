import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delta, DurableBody, DurableEvent, LatestEvent, Message } from "../../src/protocol/index.ts";
import { isQueued, trimWindow, windowMessagesMax } from "../../src/ui/model/order.ts";
import { applyEvent, applyPage } from "../../src/ui/model/reducer.ts";
import { newSessionState, partText, type SessionState } from "../../src/ui/model/state.ts";
import { answered, assistant, permission, session, toolResult, turn, user } from "./support.ts";

const delta = (offset: number, text: string): Delta => ({
  type: "delta",
  session: "s1",
  message: "m1",
  part: "x1",
  index: 0,
  kind: "text",
  offset,
  text,
});
const numbered = (bodies: DurableBody[]): DurableEvent[] =>
  bodies.map((body, i) => ({ type: "event", session: "s1", seq: i + 1, time: 5, ...body }) as DurableEvent);
const play = (events: readonly (DurableEvent | LatestEvent)[], state = newSessionState("s1")): SessionState => {
  for (const event of events) applyEvent(state, event, 5);
  return state;
};
const text = (state: SessionState): string => partText(state.messages.get("m1")!.parts[0]!);
/** What a person could tell apart. */
const visible = (state: SessionState): unknown => ({
  order: state.order,
  messages: [...state.messages.values()].map(({ parts, ...rest }) => ({
    ...rest,
    parts: parts.map((part) => [part.id, part.kind, partText(part), part.done !== undefined]),
  })),
  turns: [...state.turns.values()],
  permissions: [...state.permissions.keys()],
  results: [...state.calls].map(([call, { result }]) => [call, result?.text]),
  title: state.session?.title,
});

const story: DurableBody[] = [
  { kind: "session.created", data: { session: session() } },
  { kind: "message.created", data: { message: user("t1", "go") } },
  { kind: "turn.started", data: { turn: turn("t1", "running") } },
  { kind: "message.created", data: { message: assistant("m1", "t1") } },
  { kind: "part.finished", data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text: "I shall look." } } },
  {
    kind: "part.finished",
    data: { message: "m1", part: { id: "x2", index: 1, kind: "tool_call", call: "c1", name: "bash", input: "{}" } },
  },
  { kind: "message.finished", data: { message: assistant("m1", "t1", { finishedAt: 6, finish: "tool_use" }) } },
  { kind: "permission.asked", data: { permission: permission() } },
  { kind: "permission.resolved", data: { permission: permission({ state: "allowed" }) } },
  {
    kind: "message.created",
    data: { message: toolResult("bash", "ok") },
  },
  { kind: "turn.completed", data: { turn: turn("t1", "ok", { endedAt: 9 }) } },
  { kind: "session.updated", data: { session: session({ title: "Renamed" }) } },
];

test("events repeated from any point on change nothing", () => {
  const events = numbered(story);
  const once = visible(play(events));
  fc.assert(
    fc.property(fc.array(fc.nat({ max: story.length - 1 }), { maxLength: 5 }), (restarts) => {
      const state = newSessionState("s1");
      for (const end of [...restarts, story.length - 1]) play(events.slice(0, end + 1), state);
      expect(visible(state)).toEqual(once);
    }),
  );
});

test("a page of history that comes before, amid or after the events gives the same", () => {
  const events = numbered(story);
  const page: Message[] = [
    user("t1", "go"),
    {
      ...assistant("m1", "t1", { finishedAt: 6, finish: "tool_use" }),
      parts: [
        { id: "x1", index: 0, kind: "text", text: "I shall look." },
        { id: "x2", index: 1, kind: "tool_call", call: "c1", name: "bash", input: "{}" },
      ],
    },
  ];
  const once = visible(play(events));
  for (let at = 0; at <= events.length; at++) {
    const state = play(events.slice(0, at));
    applyPage(state, page, false, false);
    play(events.slice(at), state);
    const { order, ...rest } = visible(state) as { order: string[] };
    const { order: wanted, ...same } = once as { order: string[] };
    expect(order).toEqual(wanted);
    // Which of the messages was heard of first does not show.
    expect(JSON.stringify(rest).split("").sort().join("").length).toBe(JSON.stringify(same).split("").sort().join("").length);
  }
});

test("deltas that overlap, repeat or come before their message add up to the text", () => {
  const whole = "The quick brown 漢字 fox 👍 jumps over it.";
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat({ max: whole.length }), fc.nat({ max: 12 })), { maxLength: 30, size: "max" }), (pieces) => {
      const state = newSessionState("s1");
      let sent = 0;
      for (const [back, ahead] of pieces) {
        const from = Math.max(0, sent - back);
        const to = Math.min(whole.length, sent + ahead);
        if (to <= from) continue;
        applyEvent(state, delta(from, whole.slice(from, to)), 5);
        sent = Math.max(sent, to);
      }
      if (sent > 0) expect(text(state)).toBe(whole.slice(0, sent));
    }),
  );
});

test("a lost delta is marked until the finished part brings the whole text", () => {
  const state = play([delta(0, "abc"), delta(6, "ghi")]);
  expect(text(state)).toBe("…ghi");
  play(
    [
      {
        type: "event",
        session: "s1",
        seq: 1,
        time: 5,
        kind: "part.finished",
        data: { message: "m1", part: { id: "x1", index: 0, kind: "text", text: "abcdefghi" } },
      },
      delta(9, "late"),
    ],
    state,
  );
  expect(text(state)).toBe("abcdefghi");
});

test("a page that shows a part half done goes on with the deltas after it", () => {
  const half: Message = { ...assistant("m1", "t1"), parts: [{ id: "x1", index: 0, kind: "text", text: "abcd", incomplete: true }] };
  const state = newSessionState("s1");
  applyPage(state, [half], false, false);
  play([delta(4, "ef")], state);
  expect(text(state)).toBe("abcdef");
  // The other order: deltas were heard before the page came.
  const other = play([delta(2, "cdef")]);
  applyPage(other, [half], false, false);
  expect(text(other)).toBe("abcdef");
});

test("a turn never goes back to an earlier status", () => {
  const state = play(
    numbered([
      { kind: "turn.completed", data: { turn: turn("t1", "ok") } },
      { kind: "turn.started", data: { turn: turn("t1", "running") } },
    ]),
  );
  expect(state.turns.get("t1")?.status).toBe("ok");
});

test("what still streamed when its turn ended is sealed", () => {
  const state = play([...numbered([{ kind: "message.created", data: { message: assistant("m1", "t1") } }]), delta(0, "half an ans")]);
  play([{ type: "event", session: "s1", seq: 2, time: 5, kind: "turn.completed", data: { turn: turn("t1", "interrupted") } }], state);
  expect(state.messages.get("m1")!.parts[0]!.done).toMatchObject({ text: "half an ans", incomplete: true });
});

test("a queued prompt waits outside of the order of answers", () => {
  const state = play(
    numbered([
      { kind: "message.created", data: { message: user("t1", "one") } },
      { kind: "turn.started", data: { turn: turn("t1", "running") } },
      { kind: "message.created", data: { message: user("t2", "two") } },
      { kind: "turn.queued", data: { turn: turn("t2", "queued") } },
      { kind: "message.created", data: { message: assistant("m1", "t1") } },
    ]),
  );
  expect(state.order).toEqual(["t1-user", "m1", "t2-user"]);
  expect(isQueued(state, state.messages.get("t2-user")!)).toBe(true);
});

test("events of other sessions are not taken", () => {
  const state = play([{ type: "event", session: "other", seq: 1, time: 1, kind: "message.created", data: { message: user("t1", "x") } }]);
  expect(state.order).toEqual([]);
});

test("only a window of messages is held", () => {
  const state = newSessionState("s1");
  for (let i = 0; i < windowMessagesMax + 50; i++) applyPage(state, [answered(`t${i}`, "x")], false, false);
  expect(trimWindow(state)).toBe(true);
  expect(state.order).toHaveLength(windowMessagesMax);
  expect(state.messages.size).toBe(windowMessagesMax);
  expect(state.more).toBe(true);
});
