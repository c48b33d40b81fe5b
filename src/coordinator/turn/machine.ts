// A turn as a pure state machine: what happened goes in, what is to be done comes out. The runner does it and reports back.
//
//   queued -start-> preparing -prepared-> completing -answered-> calling -last result-> completing ...
//                                             `-answered without calls-> ending -completed-> ended
//   stop (cancel, timeout, shutdown) in any of them leads to `ending`; in `completing` it waits for the worker's last word,
//   which `gone` replaces when it does not come. `ending` and `ended` swallow everything late, so there is one end.
import type { FinishReason, TurnStatus } from "../../protocol/index.ts";
import { looping } from "./loop.ts";

export type Ending = { status: Exclude<TurnStatus, "queued" | "running">; cause?: string; reason?: string };

export const turnPhases = ["queued", "preparing", "completing", "calling", "ending", "ended"] as const;
export type TurnPhase = (typeof turnPhases)[number];

export type TurnState = {
  phase: TurnPhase;
  /** Provider requests so far; a repeated attempt is the same one. */
  completions: number;
  completionsMax: number | undefined;
  /** Calls of the last message that have no result yet. */
  open: readonly string[];
  /** Why it is about to end. */
  stop: Ending | undefined;
  /** Answers in a row that the provider only paused. */
  pauses: number;
  /** Signatures of the calls of each step, the newest last. */
  steps: readonly (readonly string[])[];
};

export type TurnEvent =
  | { e: "start" }
  | { e: "prepared" }
  | { e: "unprepared"; ending: Ending }
  /** The message is committed. */
  /** `more`: the user has said something that this answer could not know. */
  | { e: "answered"; calls: readonly string[]; finish: FinishReason; more?: boolean }
  /** The completion failed, was canceled or died with its worker; what there is of its message is committed or given up. */
  | { e: "broke"; ending: Ending }
  /** The result is committed. With `ending` the turn stops here. */
  | { e: "result"; call: string; signature: string; ending?: Ending }
  | { e: "stop"; ending: Ending }
  /** The worker has not said how a canceled completion ended. */
  | { e: "gone" }
  | { e: "completed" };

export type TurnEffect =
  | { do: "prepare" }
  | { do: "complete" }
  | { do: "cancel" }
  | { do: "call"; calls: readonly string[] }
  | { do: "abort" }
  /** Commit results for the open calls and `turn.completed`, together. */
  | { do: "end"; ending: Ending };

export type Step = { state: TurnState; effects: TurnEffect[] };

export const queuedTurn = (completionsMax?: number): TurnState => ({
  phase: "queued",
  completions: 0,
  completionsMax,
  open: [],
  stop: undefined,
  pauses: 0,
  steps: [],
});

const stay = (state: TurnState): Step => ({ state, effects: [] });
const end = (state: TurnState, ending: Ending, before: TurnEffect[] = []): Step => ({
  state: { ...state, phase: "ending", stop: ending },
  effects: [...before, { do: "end", ending }],
});
const complete = (state: TurnState): Step => ({
  state: { ...state, phase: "completing", completions: state.completions + 1 },
  effects: [{ do: "complete" }],
});

const withoutCalls: { readonly [F in FinishReason]?: Ending } = {
  max_tokens: { status: "limit", cause: "max_tokens", reason: "The answer was cut at the model's output limit; ask it to go on" },
  content_filter: {
    status: "failed",
    cause: "content_filter",
    reason: "The provider's content filter stopped the answer; rephrase the request",
  },
  error: { status: "failed", cause: "provider", reason: "The provider ended the answer with an error" },
};

/** A provider that pauses more often than this does not come to an end: its own tools ran some ten times before each. */
const pausesMax = 8;

function answered(state: TurnState, event: Extract<TurnEvent, { e: "answered" }>): Step {
  const next = { ...state, open: event.calls };
  if (state.stop !== undefined) return end(next, state.stop);
  if (event.calls.length === 0) {
    if (event.finish === "pause" && state.pauses < pausesMax) return goOn({ ...next, pauses: state.pauses + 1 });
    const ending = withoutCalls[event.finish];
    return event.more && ending === undefined ? goOn(next) : end(next, ending ?? { status: "ok" });
  }
  return { state: { ...next, pauses: 0, phase: "calling", steps: [...state.steps, []] }, effects: [{ do: "call", calls: event.calls }] };
}

function result(state: TurnState, event: Extract<TurnEvent, { e: "result" }>): Step {
  if (!state.open.includes(event.call)) return stay(state);
  const open = state.open.filter((call) => call !== event.call);
  const steps = [...state.steps.slice(0, -1), [...(state.steps.at(-1) ?? []), event.signature]];
  const next = { ...state, open, steps };
  if (event.ending !== undefined) return end(next, event.ending, open.length > 0 ? [{ do: "abort" }] : []);
  if (open.length > 0) return stay(next);
  const repeated = looping(steps);
  if (repeated !== undefined) {
    const reason = `Stopped: the model made the same call with the same result ${repeated} times within its last steps. Tell it what to do differently`;
    return end(next, { status: "limit", cause: "loop", reason });
  }
  return goOn(next);
}

/** The next completion, unless it would be one too many. */
function goOn(state: TurnState): Step {
  if (state.completionsMax === undefined || state.completions < state.completionsMax) return complete(state);
  return end(state, {
    status: "limit",
    cause: "max_turns",
    reason: `Stopped after ${state.completions} requests to the model, which is the limit that was set`,
  });
}

/** Whether what the user says now can still be part of the turn. */
export const canSteer = ({ phase, stop }: TurnState): boolean =>
  stop === undefined && (phase === "preparing" || phase === "completing" || phase === "calling");

/** What the event does in each phase; a phase that is not listed ignores it. */
const table: {
  readonly [E in TurnEvent["e"]]: { readonly [P in TurnPhase]?: (state: TurnState, event: Extract<TurnEvent, { e: E }>) => Step };
} = {
  start: { queued: (state) => ({ state: { ...state, phase: "preparing" }, effects: [{ do: "prepare" }] }) },
  prepared: { preparing: complete },
  unprepared: { preparing: (state, { ending }) => end(state, ending) },
  answered: { completing: answered },
  broke: { completing: (state, { ending }) => end(state, state.stop ?? ending) },
  result: { calling: result },
  stop: {
    queued: (state, { ending }) => end(state, ending),
    preparing: (state, { ending }) => end(state, ending),
    // The first reason stays: a cancel after a timeout is still a timeout.
    completing: (state, { ending }) =>
      state.stop !== undefined ? stay(state) : { state: { ...state, stop: ending }, effects: [{ do: "cancel" }] },
    calling: (state, { ending }) => end(state, ending, [{ do: "abort" }]),
  },
  gone: { completing: (state) => (state.stop === undefined ? stay(state) : end(state, state.stop)) },
  completed: { ending: (state) => stay({ ...state, phase: "ended" }) },
};

export function step(state: TurnState, event: TurnEvent): Step {
  const act = table[event.e][state.phase] as ((state: TurnState, event: TurnEvent) => Step) | undefined;
  return act === undefined ? stay(state) : act(state, event);
}
