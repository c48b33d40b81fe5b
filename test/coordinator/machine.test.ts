import fc from "fast-check";
import { expect, test } from "vitest";
import { callSignature, looping } from "../../src/coordinator/turn/loop.ts";
import {
  queuedTurn,
  step,
  type TurnEffect,
  type TurnEvent,
  type TurnPhase,
  type TurnState,
  turnPhases,
} from "../../src/coordinator/turn/machine.ts";

const at = (phase: TurnPhase, change: Partial<TurnState> = {}): TurnState => ({
  ...queuedTurn(),
  phase,
  completions: 1,
  open: phase === "calling" ? ["a"] : [],
  steps: phase === "calling" ? [[]] : [],
  ...change,
});
const canceled = { status: "interrupted", cause: "canceled" } as const;
const failed = { status: "failed", cause: "provider" } as const;

const events: { readonly [E in TurnEvent["e"]]: Extract<TurnEvent, { e: E }> } = {
  start: { e: "start" },
  prepared: { e: "prepared" },
  unprepared: { e: "unprepared", ending: failed },
  answered: { e: "answered", calls: ["b"], finish: "tool_use" },
  broke: { e: "broke", ending: failed },
  result: { e: "result", call: "a", signature: "s" },
  stop: { e: "stop", ending: canceled },
  gone: { e: "gone" },
  completed: { e: "completed" },
};

// Every state with every event: the next phase and what is to be done. What is not here is ignored.
const expected: { readonly [P in TurnPhase]: { readonly [E in TurnEvent["e"]]?: [TurnPhase, ...TurnEffect["do"][]] } } = {
  queued: { start: ["preparing", "prepare"], stop: ["ending", "end"] },
  preparing: { prepared: ["completing", "complete"], unprepared: ["ending", "end"], stop: ["ending", "end"] },
  completing: { answered: ["calling", "call"], broke: ["ending", "end"], stop: ["completing", "cancel"] },
  calling: { result: ["completing", "complete"], stop: ["ending", "abort", "end"] },
  ending: { completed: ["ended"] },
  ended: {},
};

for (const phase of turnPhases)
  for (const event of Object.values(events)) {
    const [next, ...effects] = expected[phase][event.e] ?? [phase];
    test(`${phase} + ${event.e} -> ${next}${effects.length > 0 ? `, ${effects.join(", ")}` : ""}`, () => {
      const after = step(at(phase), event);
      expect(after.state.phase).toBe(next);
      expect(after.effects.map((effect) => effect.do)).toEqual(effects);
    });
  }

test("after a stop, an answer that comes all the same ends the turn with the reason of the stop and its calls open", () => {
  const { state } = step(at("completing"), events.stop);
  const after = step(state, events.answered);
  expect(after).toMatchObject({ state: { phase: "ending", open: ["b"] }, effects: [{ do: "end", ending: canceled }] });
});

test("the first reason to stop stays", () => {
  const { state } = step(at("completing"), events.stop);
  const again = step(state, { e: "stop", ending: { status: "limit", cause: "timeout" } });
  expect(step(again.state, events.gone).effects).toEqual([{ do: "end", ending: canceled }]);
});

test("an answer without calls ends by its finish reason", () => {
  const endOf = (finish: "end_turn" | "max_tokens" | "content_filter" | "error" | "unknown") =>
    step(at("completing"), { e: "answered", calls: [], finish }).effects[0];
  expect(endOf("end_turn")).toEqual({ do: "end", ending: { status: "ok" } });
  expect(endOf("unknown")).toEqual({ do: "end", ending: { status: "ok" } });
  expect(endOf("max_tokens")).toMatchObject({ ending: { status: "limit", cause: "max_tokens" } });
  expect(endOf("content_filter")).toMatchObject({ ending: { status: "failed", cause: "content_filter" } });
  expect(endOf("error")).toMatchObject({ ending: { status: "failed", cause: "provider" } });
});

test("whatever happens in whatever order, there is one end, nothing is done after it, and a stop always leads to it", () => {
  const event: fc.Arbitrary<TurnEvent> = fc.oneof(
    fc.constantFrom(events.start, events.prepared, events.unprepared, events.broke, events.stop, events.gone, events.completed),
    fc.record({
      e: fc.constant("answered" as const),
      calls: fc.subarray(["a", "b", "c"]),
      finish: fc.constantFrom("end_turn" as const, "tool_use" as const),
    }),
    fc.record({ e: fc.constant("result" as const), call: fc.constantFrom("a", "b", "c"), signature: fc.constantFrom("x", "y") }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }), (list, max) => {
      let state = queuedTurn(max);
      const done: TurnEffect[] = [];
      for (const one of [...list, events.stop, events.gone]) {
        const { state: next, effects } = step(state, one);
        state = next;
        done.push(...effects);
      }
      const ends = done.filter((effect) => effect.do === "end");
      expect(ends).toHaveLength(1);
      expect(done.at(-1)).toBe(ends[0]);
      if (max !== undefined) expect(done.filter((effect) => effect.do === "complete").length).toBeLessThanOrEqual(max);
    }),
  );
});

test("five times the same within ten steps is no loop, six times is, and steps further back are forgotten", () => {
  const same = callSignature("bash", "{}", "out");
  const other = (n: number) => [callSignature("bash", "{}", `out ${n}`)];
  expect(looping(Array.from({ length: 5 }, () => [same]))).toBeUndefined();
  expect(looping(Array.from({ length: 6 }, () => [same]))).toBe(6);
  expect(looping([[same], ...Array.from({ length: 9 }, (_, n) => (n < 5 ? [same] : other(n)))])).toBe(6);
  expect(looping([[same], ...Array.from({ length: 10 }, (_, n) => (n < 5 ? [same] : other(n)))])).toBeUndefined();
  expect(callSignature("a", "b", "c")).not.toBe(callSignature("ab", "", "c"));
});

test("an answer that the provider only paused is asked for again, but not for ever; an answer with calls begins a new count", () => {
  const paused: TurnEvent = { e: "answered", calls: [], finish: "pause" };
  let { state } = step(at("completing"), paused);
  expect(state.phase).toBe("completing");
  while (state.phase === "completing") state = step(state, paused).state;
  expect(state).toMatchObject({ phase: "ending", completions: 9 });
  expect(step(at("completing", { pauses: 3 }), events.answered).state.pauses).toBe(0);
  expect(step(at("completing", { completionsMax: 1 }), paused).effects).toMatchObject([{ do: "end", ending: { cause: "max_turns" } }]);
});
