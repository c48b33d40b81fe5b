// Does what the machine says and tells it what came of it. One for each turn, queued ones included.
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { DurableBody, Message, PromptOptions, Session, Turn, Usage } from "../../protocol/index.ts";
import type { ProgressGate } from "../events/latest.ts";
import { pin } from "../registry/pin.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import type { CallParts } from "./call.ts";
import { commitEnd, endedTurn, storageEnding, timeoutEnding, unfinishedCall, unpreparedEnding } from "./closing.ts";
import { payForAgent } from "./agent-pay.ts";
import { type AskParts, answerStream, ask } from "./ask.ts";
import type { CompletionStream, StreamEnd } from "./stream.ts";
import { canSteer, type Ending, queuedTurn, step, type TurnEffect, type TurnEvent, type TurnState } from "./machine.ts";
import { finished } from "./messages.ts";
import { withPlan } from "./plan.ts";
import { type Prepared, prepareTurn } from "./prepare.ts";
import { type Asking, failedCompaction, nothingToCompact, type Room, type Verdict } from "./room.ts";
import { StepCalls } from "./step-calls.ts";
import { Steering } from "./steering.ts";
import { addUsage, contextTokens } from "./usage.ts";

/** A cancel is answered by the worker within a tick or two; after this its last word is not waited for (the bar is 100 ms). */
const cancelGraceMs = 75;
export type RunnerParts = CallParts & AskParts & { progress: ProgressGate; room: Room };
/** The turn only compacts. */
export type CompactionOrder = { instructions?: string };

export class TurnRunner {
  readonly entry: OpenSession;
  readonly prompt: PromptOptions;
  /** Resolves when `turn.completed` is on disk, or the turn never was. */
  readonly ended: Promise<void>;
  #turn: Turn;
  readonly #parts: RunnerParts;
  #state: TurnState;
  #opened: Promise<unknown> = Promise.resolve();
  #known = true;
  #prepared: Prepared | undefined;
  #stream: CompletionStream | undefined;
  readonly #calls: StepCalls;
  /** What finishes messages and could not be written: the end of the turn makes it good. */
  readonly #unwritten: DurableBody[] = [];
  readonly #steering: Steering;
  #cancelTimeout: (() => void) | undefined;
  readonly #order: CompactionOrder | undefined;
  /** Room is being made for the next completion. */
  #making: AbortController | undefined;
  /** The prompt of this completion was too long once and was made shorter: a second time is the end. */
  #shortened = false;
  readonly #resolveEnded: () => void;

  constructor(parts: RunnerParts, entry: OpenSession, turn: Turn, prompt: PromptOptions, order?: CompactionOrder) {
    this.#parts = parts;
    this.#order = order;
    this.entry = entry;
    this.#turn = turn;
    this.prompt = prompt;
    this.#state = queuedTurn(prompt.maxTurns);
    this.#steering = new Steering((bodies) => parts.hub.commit(entry.id, bodies));
    this.#calls = new StepCalls(
      { entry, turn: turn.id, prompt, result: (event) => this.#dispatch(event), storageFailed: (error) => this.#storageFailed(error) },
      parts,
    );
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#resolveEnded = resolve;
  }

  get turn(): Turn {
    return this.#turn;
  }

  get phase(): TurnState["phase"] {
    return this.#state.phase;
  }

  /**
   * Starts the turn. `opened` is the commit of its `turn.started`; the configuration is read while the disk writes. When that
   * commit fails, a turn that nobody has been told of (`known` false) is forgotten; one that had been queued ends as failed.
   */
  start(opened: Promise<unknown>, known: boolean): void {
    const { timeoutMs } = this.prompt;
    if (timeoutMs !== undefined)
      this.#cancelTimeout = this.#parts.options.clock.after(timeoutMs, () => this.stop(timeoutEnding(timeoutMs)));
    this.#opened = opened;
    this.#known = known;
    this.#dispatch({ e: "start" });
  }

  stop(ending: Ending): void {
    this.#dispatch({ e: "stop", ending });
  }

  /** What makes it a running turn, to be committed with or before everything else of it. */
  startedBodies(change: Partial<Session> = {}): DurableBody[] {
    this.#turn = { ...this.#turn, status: "running" };
    return [{ kind: "turn.started", data: { turn: this.#turn } }, this.#update({ ...change, status: "running" })];
  }

  #dispatch(event: TurnEvent): void {
    const { state, effects } = step(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: TurnEffect): void {
    switch (effect.do) {
      case "prepare":
        void this.#prepare();
        return;
      case "complete":
        this.#complete();
        return;
      case "cancel":
        this.#cancel();
        return;
      case "call":
        void this.#calls.run(this.#prepared!.config);
        return;
      case "abort":
        this.#calls.abort();
        return;
      case "end":
        void this.#end(effect.ending);
        return;
    }
  }

  async #prepare(): Promise<void> {
    const preparing = prepareTurn(this.entry, this.#parts).then(
      (prepared) => ({ prepared }),
      (error: unknown) => ({ error }),
    );
    try {
      await this.#opened;
    } catch (error) {
      if (this.#known) this.#dispatch({ e: "unprepared", ending: storageEnding(error) });
      else this.#vanish();
      return;
    }
    const result = await preparing;
    if ("prepared" in result) {
      this.#prepared = result.prepared;
      this.#dispatch({ e: "prepared" });
      return;
    }
    this.#dispatch({ e: "unprepared", ending: unpreparedEnding(result.error, this.entry.id, this.#parts.options.log) });
  }

  /**
   * Takes what the user says while the turn runs: the next completion is asked with it. A turn that would end now goes on.
   * @returns the commit; undefined when it is too late for this turn
   */
  steer(message: Message): Promise<unknown> | undefined {
    if (this.#order !== undefined || !canSteer(this.#state)) return undefined;
    this.entry.session = { ...this.entry.session, messageCount: this.entry.session.messageCount + 1 };
    return this.#steering.say({ ...message, turn: this.#turn.id });
  }

  /** A completion: as soon as there is room for it, and everything that was said is on its way to the worker. */
  #complete(): void {
    const asking = this.#asking();
    if (this.#order !== undefined) {
      void this.#compact(asking, this.#order);
      return;
    }
    this.#whenWritten(() => {
      const verdict = this.#parts.room.before(asking);
      if (verdict === undefined) this.#ask(asking.request);
      else void this.#judged(verdict);
    });
  }

  #asking(): Asking {
    const { config, model, request } = this.#prepared!;
    this.#making = new AbortController();
    return {
      entry: this.entry,
      turn: this.#turn,
      config,
      model,
      request: withPlan(request, this.entry.session, this.prompt.headless === true, this.#parts.toolbox),
      prompt: this.prompt,
      signal: this.#making.signal,
    };
  }

  #whenWritten(go: () => void): void {
    this.#steering.whenWritten(() => this.#goesOn(), go);
  }

  /** Stopped while there was no stream that could be canceled: it ends now. */
  #goesOn(): boolean {
    if (this.#state.phase !== "completing") return false;
    if (this.#state.stop === undefined) return true;
    this.#dispatch({ e: "gone" });
    return false;
  }

  async #judged(asked: Promise<Verdict>): Promise<void> {
    const verdict = await asked;
    this.#spend(verdict.usage);
    if (!this.#goesOn()) return;
    if ("ending" in verdict) this.#dispatch({ e: "broke", ending: verdict.ending });
    else this.#whenWritten(() => this.#ask(verdict.request));
  }

  async #compact(asking: Asking, order: CompactionOrder): Promise<void> {
    const outcome = await this.#parts.room.compact(asking, { force: true, ...order });
    this.#spend(outcome.usage);
    if (!this.#goesOn()) return;
    if (outcome.status === "done") this.#dispatch({ e: "answered", calls: [], finish: "end_turn", more: false });
    else this.#dispatch({ e: "broke", ending: outcome.status === "failed" ? failedCompaction(outcome) : nothingToCompact });
  }

  #ask(request: CompletionRequest): void {
    this.#steering.heard();
    this.#making = undefined;
    const shard = pin(this.entry, () => this.#parts.shards.place());
    this.#turn = { ...this.#turn, completions: this.#state.completions };
    const asked = { entry: this.entry, turn: this.#turn.id, model: this.#prepared!.model, request };
    const stream = answerStream(asked, this.#parts, {
      ended: (end) => void this.#streamEnded(end),
      retried: () => this.#steering.heard(),
      storageFailed: (error, unwritten) => this.#storageFailed(error, unwritten),
    });
    this.#stream = stream;
    ask(asked, stream, shard, this.#parts, (error) => this.#storageFailed(error));
  }

  #cancel(): void {
    const stream = this.#stream;
    this.#making?.abort();
    if (stream === undefined || this.entry.shard === undefined) return;
    this.#parts.shards.tellNow(this.entry.shard, { t: "completion.cancel", completion: stream.completion });
    this.#parts.options.clock.after(cancelGraceMs, () => {
      if (this.#stream !== stream) return;
      this.#parts.completions.drop(stream.completion);
      this.#dispatch({ e: "gone" });
    });
  }

  async #streamEnded(end: StreamEnd): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || this.#state.phase !== "completing") return;
    this.#stream = undefined;
    const bodies = finished(stream.message, end.parts, end.message, this.#parts.options.clock);
    if (end.usage !== undefined) {
      this.#spend(end.usage);
      bodies.push(this.#update({ usage: addUsage(this.entry.session.usage, end.usage), contextTokens: contextTokens(end.usage) }));
    }
    if (end.ending === undefined) this.#calls.take(end.parts.filter((part) => part.kind === "tool_call"));
    try {
      await this.#parts.hub.commit(this.entry.id, bodies);
    } catch (error) {
      // Its calls will not be run, so it is none that the model should be reminded of.
      this.#unwritten.push(...finished(stream.message, end.parts, { ...end.message, abandoned: true }, this.#parts.options.clock));
      this.#dispatch({ e: "broke", ending: storageEnding(error) });
      return;
    }
    if (end.ending === undefined) this.#tellAnswered();
    if (end.tooLong && !this.#shortened && this.#state.stop === undefined) {
      this.#shortened = true;
      void this.#judged(this.#parts.room.after(this.#asking()));
      return;
    }
    this.#shortened = false;
    if (end.ending !== undefined) this.#dispatch({ e: "broke", ending: end.ending });
    else
      this.#dispatch({
        e: "answered",
        calls: this.#calls.ids,
        finish: end.message.finish ?? "unknown",
        more: this.#steering.waits,
      });
  }

  #tellAnswered(): void {
    const { onAnswer } = this.entry;
    this.entry.onAnswer = undefined;
    onAnswer?.();
  }

  /** Something that was spent for the turn, by itself or by an agent of its. */
  pay(usage: Usage): void {
    this.#turn = { ...this.#turn, usage: addUsage(this.#turn.usage, usage) };
  }

  /** What an agent spends its parent has spent, too. */
  #spend(usage: Usage): void {
    this.pay(usage);
    if (this.entry.agent !== undefined && usage.cost > 0) payForAgent(this.entry.agent, usage.cost, this.#parts);
  }

  /** One commit: the message that was being written, a result for each open call, open questions, the end. */
  async #end(ending: Ending): Promise<void> {
    const { hub, desk, options } = this.#parts;
    const { clock, log } = options;
    this.#cancelTimeout?.();
    const wasRunning = this.#turn.status === "running";
    const bodies = this.#unwritten.splice(0);
    const stream = this.#stream;
    this.#stream = undefined;
    if (stream !== undefined) bodies.push(...finished(stream.message, [], { finish: "canceled", abandoned: true }, clock));
    bodies.push(...this.#calls.giveUp(this.#state.open, unfinishedCall(ending)));
    bodies.push(...desk.closeTurn(this.#turn.id, ending.cause === "timeout" ? "timeout" : "cancel"));
    this.#turn = endedTurn(this.#turn, ending, clock);
    bodies.push({ kind: "turn.completed", data: { turn: this.#turn } });
    // One that never started says nothing of the session: another turn may be running.
    if (wasRunning) bodies.push(this.#update({ status: "idle" }));
    await commitEnd(bodies, {
      commit: (list) => hub.commit(this.entry.id, list),
      clock,
      log,
      fields: { session: this.entry.id, turn: this.#turn.id },
    });
    if (wasRunning) hub.latest({ type: "activity", session: this.entry.id, state: "idle" });
    this.#dispatch({ e: "completed" });
    this.#resolveEnded();
  }

  #storageFailed(error: unknown, unwritten: DurableBody[] = []): void {
    this.#unwritten.push(...unwritten);
    this.stop(storageEnding(error));
  }

  /** Its `turn.started` could not be written: whoever prompted was told so. */
  #vanish(): void {
    this.#cancelTimeout?.();
    this.#state = { ...this.#state, phase: "ended" };
    this.entry.session = { ...this.entry.session, status: "idle" };
    this.#resolveEnded();
  }

  #update(change: Partial<Session>): DurableBody {
    return sessionUpdate(this.entry, change, this.#parts.options.clock);
  }
}
