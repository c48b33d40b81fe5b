// Agents: a call gives a task to a session of its own, watches it, and comes back with its last words. Depth one; the parent's
// cancel cancels it, the parent is asked for it, and the parent's budget pays.
import { randomUUID } from "node:crypto";
import type { AgentRequest, AgentResult } from "../../contracts/agent.ts";
import type { Message, ModelRef, Part, PromptOptions, Session, ToolCallPart, Turn } from "../../protocol/index.ts";
import { newSession } from "../registry/new-session.ts";
import type { OpenSession, Sessions } from "../registry/sessions.ts";
import { type AgentProfile, profileOf } from "./agent-profile.ts";
import type { Call, CallParts } from "./call.ts";
import type { Ending } from "./machine.ts";
import { promptMessage, textsOf } from "./messages.ts";
import { newTurn } from "./new-turn.ts";
import { canceledByUser } from "./queue.ts";
import type { TurnRunner } from "./runner.ts";
import { promptTitle } from "./title.ts";

/** Agents of one session at work at the same time; the others wait. Providers bound requests, and a person bounds what he can follow. */
const atWorkMax = 4;
/** Requests of one agent: one that needs more has lost its way. */
const completionsMax = 100;
/** What it did is shown while it works, and kept with its result: the end of a long way. */
const stepsKept = 50;
const stepCharsMax = 160;
/** Messages at its end, among which its last words are. */
const lastMessages = 8;

/** What a call learns of its agent. `ending`: the parent's turn ends for the same reason. */
export type AgentOutcome = AgentResult & { ending?: Ending };

type Running = { runner: TurnRunner; told(line: string): void };

export class Agents {
  readonly #sessions: () => Sessions;
  readonly #gates = new WeakMap<OpenSession, Gate>();
  /** By the session that they work in. */
  readonly #running = new Map<string, Running>();

  constructor(sessions: () => Sessions) {
    this.#sessions = sessions;
  }

  /** What counts against the budgets of a session's next request, in US dollars: an agent spends its parent's money. */
  purse(entry: OpenSession, turn: Turn, prompt: PromptOptions): { budget: number | undefined; turn: number; session: number } {
    if (entry.agent === undefined) return { budget: prompt.budget, turn: turn.usage.cost, session: entry.session.usage.cost };
    const { parent, prompt: given } = entry.agent;
    return { budget: given.budget, turn: parent.turns.running?.turn.usage.cost ?? 0, session: parent.session.usage.cost };
  }

  /** What an agent's session has committed. */
  told(session: string, part: Part): void {
    if (part.kind === "tool_call") this.#running.get(session)?.told(stepOf(part));
  }

  /** Gives the work and waits. @throws when the parent's turn goes on without it, or the agent could not begin */
  async run(call: Call, request: AgentRequest, parts: CallParts): Promise<AgentOutcome> {
    const gate = this.#gates.get(call.entry) ?? new Gate(atWorkMax);
    this.#gates.set(call.entry, gate);
    return gate.pass(() => this.#work(call, request, parts), call.signal);
  }

  async #work(call: Call, request: AgentRequest, parts: CallParts): Promise<AgentOutcome> {
    const { entry: parent, signal, config } = call;
    const { options, workspaces, hub } = parts;
    const { workspace } = parent.session;
    const defined = (await options.agents?.({ workspace, env: workspaces.env(workspace) })) ?? [];
    const profile = profileOf(request.agent, defined, options.tools, config);
    if (typeof profile === "string") return { text: profile, ok: false, session: "", steps: [], cost: 0 };
    const scratch = profile.scratch ? await options.scratch?.() : undefined;
    const session = sessionFor(parent, profile, request.prompt, scratch?.path ?? workspace, options.clock.now());
    const steps: string[] = [];
    try {
      await hub.commit(session.id, [{ kind: "session.created", data: { session } }]);
      signal.throwIfAborted();
      const entry = this.#sessions().add({ ...session, head: 1 });
      entry.agent = { profile, parent, turn: call.turn, call: call.part.call, prompt: call.prompt };
      const { turn, message } = promptOf(session.id, request.prompt, options.clock.now());
      const { committed } = entry.turns.add(
        turn,
        { headless: true, maxTurns: completionsMax },
        [{ kind: "message.created", data: { message } }],
        { messageCount: 1 },
      );
      const running: Running = {
        runner: entry.turns.running!,
        told: (line) => {
          steps.push(line);
          if (steps.length > stepsKept) steps.shift();
          call.progress(steps.slice(-6).join("\n"), steps.length);
        },
      };
      this.#running.set(entry.id, running);
      const cancel = (): void => void entry.turns.stop(canceledByUser, true);
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await committed;
        await running.runner.ended;
      } finally {
        signal.removeEventListener("abort", cancel);
        this.#running.delete(entry.id);
      }
      return { ...outcomeOf(running.runner.turn, lastWords(parts, entry.id), profile), session: entry.id, steps };
    } finally {
      this.#sessions().release(session.id);
      await scratch?.remove();
    }
  }
}

function sessionFor(parent: OpenSession, { name, model }: AgentProfile, prompt: string, workspace: string, now: number): Session {
  const chosen: ModelRef | undefined = model === undefined ? parent.session.model : model === "small" ? parent.smallModel : model;
  return newSession(
    { title: promptTitle(prompt), workspace, parent: parent.id, agent: name, ...(chosen !== undefined && { model: chosen }) },
    now,
  );
}

function promptOf(session: string, text: string, now: number): { turn: Turn; message: Message } {
  const turn = newTurn(session, randomUUID(), now);
  return { turn, message: promptMessage(turn, [{ id: randomUUID(), index: 0, kind: "text", text }]) };
}

function lastWords({ options }: CallParts, session: string): string {
  const { messages } = options.queries.messages(session, { limit: lastMessages });
  const last = messages.findLast(({ role, abandoned }) => role === "assistant" && !abandoned);
  return last === undefined ? "" : textsOf(last).join("\n").trim();
}

function outcomeOf(turn: Turn, words: string, { name }: AgentProfile): Omit<AgentOutcome, "session" | "steps"> {
  const { cost } = turn.usage;
  if (turn.status === "ok") return { text: words === "" ? "The agent ended without a word." : words, ok: true, cost };
  const why = `The agent "${name}" did not finish: ${turn.reason ?? turn.cause ?? turn.status}.`;
  return {
    text: words === "" ? why : `${why} It had said:\n${words}`,
    ok: false,
    cost,
    // Whoever said no meant the whole of it.
    ...(turn.cause === "permission_denied" && {
      ending: { status: "failed", cause: turn.cause, reason: turn.reason ?? why } satisfies Ending,
    }),
  };
}

/** Argument names that say best what a call is about. */
const telling = ["file_path", "path", "pattern", "command", "url", "query"];

function stepOf({ name, input }: ToolCallPart): string {
  let argument = "";
  try {
    const value = JSON.parse(input) as Record<string, unknown>;
    argument = String(telling.map((key) => value[key]).find((one) => typeof one === "string") ?? "");
  } catch {
    // Shown without its arguments.
  }
  return `${name} ${argument}`.replace(/\s+/g, " ").trim().slice(0, stepCharsMax);
}

/** Lets so many through at once. */
class Gate {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async pass<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#free > 0) this.#free--;
    // Whoever leaves hands his place on.
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
