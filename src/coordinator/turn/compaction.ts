// Makes a conversation shorter: the model summarizes what is old, in parts that each fit, and a `summary` message takes its place in what
// is sent. Nothing of the history is changed, and until that message is committed nothing at all: whatever dies before is done again.
import { randomUUID } from "node:crypto";
import type { CompactionPlan } from "../../contracts/compaction.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { DurableBody, Message, Turn, Usage } from "../../protocol/index.ts";
import type { Hub } from "../events/hub.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { sessionUpdate } from "../registry/update.ts";
import { askBeside, type BesideParts, spentUpdate } from "./beside.ts";
import instruction from "./compaction.md";
import mergeInstruction from "./compaction-merge.md";
import { summaryText } from "./compaction-text.ts";
import { type ContextMeter, fixedTexts } from "./context-meter.ts";
import { type Gauge, keepTokensOf, summaryTokensOf } from "./context-limits.ts";
import type { Ending } from "./machine.ts";
import type { ChosenModel } from "./model.ts";
import { completionRequest } from "./prepare.ts";
import { addUsage, noUsage } from "./usage.ts";

/** Instruction, frame and wishes of the user around a part. */
const aroundTokens = 1_200;
/** Our vocabulary is not the model's: beside what its reports show, so much more room is left. */
const roomFactor = 1.1;
/** A provider that counts more than three times what we do does not exist; a broken report does. */
const ratioMax = 3;
/** A part that a provider still finds too long is made again at half the size, so often. */
const halvingsMax = 3;
/** The smallest window still gives a part so much. */
const partTokensMin = 150;
/** What stands between two summaries. */
const betweenTokens = 8;
/** A token is hardly ever more than this: servers that ignore the bound on tokens are cut here. */
const charsPerToken = 8;

export type Compaction = {
  entry: OpenSession;
  turn: Turn;
  model: ChosenModel;
  request: CompletionRequest;
  /** The window in tokens; what is known or assumed of it. */
  window: number;
  gauge: Gauge;
  keepTokens?: number;
  instructions?: string;
  /** Not worth it when less than this would be replaced. */
  worthTokens: number;
  /** Why a request of this size may not be made, if it may not. `spent`: by this compaction so far. */
  afford(input: number, output: number, spent: Usage): Ending | undefined;
  signal: AbortSignal;
};
export type CompactionParts = BesideParts & { hub: Hub; meter: ContextMeter };
/** `usage`: what was paid, whatever came of it; it is in the session's sum already. */
export type CompactionOutcome =
  | { status: "done"; tokens: number; usage: Usage }
  | { status: "nothing" | "canceled"; usage: Usage }
  | { status: "failed"; reason: string; usage: Usage; ending?: Ending };

type Tried = { summary: string } | { tooLong: true } | { stopped: CompactionOutcome };

/** Never throws. */
export async function compact(of: Compaction, parts: CompactionParts): Promise<CompactionOutcome> {
  const work = new Work(of, parts);
  try {
    const outcome = await work.run();
    if (outcome.status !== "done" && outcome.usage.input + outcome.usage.output > 0)
      await parts.hub.commit(of.entry.id, [spentUpdate(of.entry, outcome.usage, of.turn.id, parts.options)]);
    return outcome;
  } catch (error) {
    return { status: "failed", reason: error instanceof Error ? error.message : String(error), usage: work.usage };
  }
}

class Work {
  usage: Usage = noUsage();
  readonly #of: Compaction;
  readonly #parts: CompactionParts;
  readonly #summaryTokens: number;

  constructor(of: Compaction, parts: CompactionParts) {
    this.#of = of;
    this.#parts = parts;
    this.#summaryTokens = summaryTokensOf(of.window, of.model.info);
  }

  async run(): Promise<CompactionOutcome> {
    const { window, gauge, entry, worthTokens } = this.#of;
    const fixed = await this.#fixed();
    const room = window - gauge.reserve - fixed - this.#summaryTokens * 2;
    const keep = Math.max(0, Math.min(this.#of.keepTokens ?? keepTokensOf(window), room, Math.floor(gauge.tokens / 4)));
    let ratio = roomFactor;
    let partTokens = this.#partTokens(ratio);
    const bounds = { keep, unanswered: Math.max(0, room) };
    let plan = await this.#plan(bounds, ratio, partTokens);
    if (plan !== undefined && plan !== "canceled" && entry.session.contextTokens > 0) {
      const told = Math.min(ratioMax, entry.session.contextTokens / Math.max(1, plan.tokens + fixed)) * roomFactor;
      // The provider counts more than we do.
      if (told > ratio * roomFactor) {
        ratio = told;
        partTokens = this.#partTokens(ratio);
        plan = await this.#plan(bounds, ratio, partTokens);
      }
    }
    for (let halvings = 0; ; halvings++) {
      if (plan === "canceled") return this.#canceled();
      if (plan === undefined || plan.messages === 0 || plan.replacedTokens < worthTokens) return { status: "nothing", usage: this.usage };
      const tried = await this.#summarize(plan.parts, partTokens);
      if ("summary" in tried) return this.#commit(plan, tried.summary, { fixed, ratio: Math.max(1, ratio / roomFactor) });
      if ("stopped" in tried) return tried.stopped;
      if (halvings === halvingsMax) return this.#failed("the provider finds even small parts of it too long");
      partTokens = Math.max(partTokensMin, partTokens >> 1);
      plan = await this.#plan(bounds, ratio * 2 ** (halvings + 1), partTokens);
    }
  }

  #partTokens(ratio: number): number {
    return Math.max(partTokensMin, Math.floor((this.#of.window - this.#summaryTokens - aroundTokens) / ratio));
  }

  async #fixed(): Promise<number> {
    const counted = await this.#parts.meter.count(fixedTexts(this.#of.request));
    return counted.reduce((sum, tokens) => sum + tokens, 0);
  }

  /** @param ratio  how many of the model's tokens one of ours is taken for */
  async #plan(
    bounds: { keep: number; unanswered: number },
    ratio: number,
    partTokens: number,
  ): Promise<CompactionPlan | undefined | "canceled"> {
    const { entry, turn, signal } = this.#of;
    const [keepTokens, unansweredTokens] = [Math.floor(bounds.keep / ratio), Math.floor(bounds.unanswered / ratio)];
    const canceled = Promise.withResolvers<"canceled">();
    const cancel = (): void => canceled.resolve("canceled");
    if (signal.aborted) return "canceled";
    signal.addEventListener("abort", cancel, { once: true });
    const planned = this.#parts.options.planCompaction?.({
      session: entry.id,
      turn: turn.id,
      message: turn.message,
      keepTokens,
      unansweredTokens,
      partTokens,
    });
    return Promise.race([Promise.resolve(planned), canceled.promise]).finally(() => signal.removeEventListener("abort", cancel));
  }

  /** One summary of all texts: each by itself, then those together, until one is left. */
  async #summarize(texts: readonly string[], partTokens: number): Promise<Tried> {
    let summaries: string[] = [];
    for (const [at, text] of texts.entries()) {
      const part = texts.length === 1 ? text : `Part ${at + 1} of ${texts.length}.\n\n${text}`;
      const tried = await this.#ask(instruction, part, `part ${at + 1} of ${texts.length}`);
      if (!("summary" in tried)) return tried;
      summaries.push(tried.summary);
    }
    while (summaries.length > 1) {
      const groups = await this.#groups(summaries, partTokens);
      const merged: string[] = [];
      for (const group of groups) {
        const tried =
          group.length === 1 ? { summary: group[0]! } : await this.#ask(mergeInstruction, group.join("\n\n---\n\n"), "together");
        if (!("summary" in tried)) return tried;
        merged.push(tried.summary);
      }
      summaries = merged;
    }
    return { summary: summaries[0] ?? "" };
  }

  /** As many as fit, but two at least, so that it comes to an end; those are cut when they are too long together. */
  async #groups(summaries: readonly string[], partTokens: number): Promise<string[][]> {
    const half = Math.floor(partTokens / 2);
    const counted = await this.#parts.meter.count(summaries);
    const groups: string[][] = [];
    let used = 0;
    for (const [at, whole] of summaries.entries()) {
      let summary = whole;
      let tokens = counted[at]! + betweenTokens;
      while (tokens > half && summary.length > 1) {
        summary = head(summary, half, tokens);
        tokens = (await this.#parts.meter.count([summary]))[0]! + betweenTokens;
      }
      const open = groups.at(-1);
      if (open !== undefined && used + tokens <= partTokens) open.push(summary);
      else {
        groups.push([summary]);
        used = 0;
      }
      used += tokens;
    }
    return groups;
  }

  async #ask(instructions: string, text: string, note: string): Promise<Tried> {
    const { entry, model, instructions: wishes, signal, afford } = this.#of;
    const system = [instructions.trim(), ...(wishes === undefined ? [] : [`The user asks that the summary dwell on this: ${wishes}`])];
    const [input = 0] = await this.#parts.meter.count([text]);
    const ending = afford(input + aroundTokens, this.#summaryTokens, this.usage);
    if (ending !== undefined) return { stopped: { status: "failed", reason: ending.reason ?? "", usage: this.usage, ending } };
    this.#say(note);
    const answer = await askBeside(
      {
        entry,
        name: "summary",
        model,
        text,
        textCharsMax: this.#summaryTokens * charsPerToken,
        request: completionRequest(model, system, [], this.#summaryTokens),
        signal,
      },
      this.#parts,
    );
    if (answer === "canceled") return { stopped: this.#canceled() };
    this.usage = addUsage(this.usage, answer.usage);
    if ("fault" in answer)
      return answer.fault.kind === "context_too_long" ? { tooLong: true } : { stopped: this.#failed(answer.fault.message) };
    const summary = answer.text.replace(/<think>.*?(<\/think>|$)/gs, "").trim();
    if (summary === "") return { stopped: this.#failed("the model answered with an empty summary") };
    return { summary: answer.cut ? `${summary} [...]` : summary };
  }

  async #commit(plan: CompactionPlan, summary: string, { fixed, ratio }: { fixed: number; ratio: number }): Promise<CompactionOutcome> {
    const { entry, turn, model, gauge } = this.#of;
    const { hub, meter, options } = this.#parts;
    const text = summaryText(summary, plan, entry.session.todos);
    const [summaryTokens = 0] = await meter.count([text]);
    const tokens = Math.ceil((fixed + plan.keptTokens + summaryTokens) * ratio);
    const now = options.clock.now();
    const message: Message = {
      id: randomUUID(),
      session: entry.id,
      turn: turn.id,
      role: "system",
      createdAt: now,
      finishedAt: now,
      model: { provider: model.provider.id, model: model.info.model },
      usage: this.usage,
      summary: {
        upTo: plan.upTo,
        kept: plan.kept,
        waiting: plan.waiting,
        messages: plan.messages,
        tokensBefore: Math.max(gauge.tokens, Math.ceil((fixed + plan.tokens) * ratio)),
        tokensAfter: tokens,
        prompts: plan.prompts,
        filesRead: plan.filesRead,
        filesChanged: plan.filesChanged,
      },
      parts: [{ id: randomUUID(), index: 0, kind: "text", text }],
    };
    const bodies: DurableBody[] = [{ kind: "message.created", data: { message } }];
    const { usage, messageCount } = entry.session;
    bodies.push(
      sessionUpdate(entry, { usage: addUsage(usage, this.usage), contextTokens: tokens, messageCount: messageCount + 1 }, options.clock),
    );
    await hub.commit(entry.id, bodies);
    meter.compacted(entry, { tokens: plan.keptTokens + summaryTokens, after: plan.upTo });
    return { status: "done", tokens, usage: this.usage };
  }

  #say(note: string): void {
    this.#parts.hub.latest({ type: "activity", session: this.#of.entry.id, state: "compacting", note });
  }

  #canceled(): CompactionOutcome {
    return { status: "canceled", usage: this.usage };
  }

  #failed(reason: string): CompactionOutcome {
    return { status: "failed", reason, usage: this.usage };
  }
}

/** The beginning of a text of `tokens`, of about `most`. */
const head = (text: string, most: number, tokens: number): string =>
  `${text.slice(0, Math.floor((text.length * most * 0.8) / tokens)).replace(/[\ud800-\udbff]$/, "")} [...]`;
