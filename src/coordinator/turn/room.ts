// Before a completion: is there room for it in the model's window, and money for it in the budget? Most have plenty of both, which costs
// one indexed look into the store (30 us) and nothing else; tokens are counted only near a bound.
import { type Config, unknownModel } from "../../contracts/config.ts";
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { PromptOptions, Turn, Usage } from "../../protocol/index.ts";
import type { OpenSession } from "../registry/sessions.ts";
import type { Agents } from "./agents.ts";
import { type Compaction, type CompactionOutcome, type CompactionParts, compact } from "./compaction.ts";
import { type Gauge, reserveOf, thresholdOf } from "./context-limits.ts";
import type { Ending } from "./machine.ts";
import type { ChosenModel } from "./model.ts";
import { noUsage, worstCost } from "./usage.ts";

/** No provider takes more for a picture. */
const pictureTokensMax = 1_600;
/** A compaction of less than this share of the window would be made again at once. */
const worthShare = 0.1;
/** When the provider says that the window is full: of what was sent so much is assumed to fit. */
const assumedShare = 0.7;
const assumedMin = 1_000;
/** What an answer is taken to be when neither model nor configuration bound it. */
const unboundOutput = unknownModel.maxTokens;

export type Asking = {
  entry: OpenSession;
  turn: Turn;
  config: Config;
  model: ChosenModel;
  request: CompletionRequest;
  prompt: PromptOptions;
  signal: AbortSignal;
};
/** The request as it may be made, or why the turn ends. `usage`: what making room has cost the turn. */
export type Verdict = ({ request: CompletionRequest } | { ending: Ending }) & { usage: Usage };

const tooFull: Ending = {
  status: "failed",
  cause: "context",
  reason:
    "The conversation is larger than the model's context window. Compact it with /compact, choose a model with a larger one, or begin a new session",
};

export class Room {
  readonly #parts: CompactionParts;
  readonly #agents: Agents;
  /** Turns in which summarizing has failed: it is not tried before each of their completions again. */
  readonly #failed = new WeakMap<OpenSession, string>();

  constructor(parts: CompactionParts & { agents: Agents }) {
    this.#parts = parts;
    this.#agents = parts.agents;
  }

  /** undefined: there is room, go on. Never rejects. */
  before(asking: Asking): Promise<Verdict> | undefined {
    const { entry, request } = asking;
    const { log } = this.#parts.options;
    try {
      if (this.#isAmple(asking)) return undefined;
    } catch (error) {
      // The store cannot be read: the turn has worse to come than a full context.
      log.error("room in the context could not be looked at", { session: entry.id, error: String(error) });
      return undefined;
    }
    return this.#closely(asking).catch((error: unknown) => {
      log.error("room in the context could not be made", { session: entry.id, error: String(error) });
      return { request, usage: noUsage() };
    });
  }

  /** Whether it fits and may be paid for, however its tokens are counted. */
  #isAmple(asking: Asking): boolean {
    const { entry, model, config, request } = asking;
    const window = model.info.contextWindow;
    const { bytes, files } = this.#parts.options.queries.uncounted(entry.id);
    const known = entry.session.contextTokens > 0 ? entry.session.contextTokens : fixedBytes(request);
    // No token is less than a byte.
    const atMost = known + bytes + files * pictureTokensMax;
    const fits =
      window === 0 || (atMost < thresholdOf(window, config.options.node.compactAt) && atMost + request.model.maxOutputTokens <= window);
    return fits && this.#budget(asking, atMost, outputOf(request)) === undefined;
  }

  /** The provider says that the context is too long: whatever was counted, it is compacted. */
  async after(asking: Asking): Promise<Verdict> {
    if (asking.config.options.disableAutoSummarize) return { ending: tooFull, usage: noUsage() };
    this.#parts.options.log.info("the provider found the context too long, it is compacted", { session: asking.entry.id });
    const tokens = await this.#tokens(asking);
    // It has refused `tokens`: whatever the catalogue says, that many do not fit.
    const fits = Math.max(assumedMin, Math.floor(tokens * assumedShare));
    const window = Math.min(asking.model.info.contextWindow || unknownModel.contextWindow, fits);
    const outcome = await this.compact(asking, { force: true, window, tokens });
    if (outcome.status === "done") return { request: asking.request, usage: outcome.usage };
    return { ending: outcome.status === "failed" ? failedCompaction(outcome) : tooFull, usage: outcome.usage };
  }

  /** @param instructions  the user's, for a compaction by command */
  async compact(
    asking: Asking,
    { force, window: assumed, tokens, instructions }: { force: boolean; window?: number; tokens?: number; instructions?: string },
  ): Promise<CompactionOutcome> {
    const { entry, turn, model, request, config, signal } = asking;
    const window = assumed ?? (model.info.contextWindow || unknownModel.contextWindow);
    const { compactAt, compactKeep } = config.options.node;
    const reserve = reserveOf(window, thresholdOf(window, compactAt), request.model.maxOutputTokens);
    const gauge: Gauge = { tokens: tokens ?? (await this.#tokens(asking)), reserve };
    const work: Compaction = {
      entry,
      turn,
      model,
      request,
      window,
      gauge,
      signal,
      worthTokens: force ? 0 : Math.floor(window * worthShare),
      afford: (input, output, spent) => this.#budget(asking, input, output, spent.cost),
      ...(compactKeep !== undefined && { keepTokens: compactKeep }),
      ...(instructions !== undefined && { instructions }),
    };
    return compact(work, this.#parts);
  }

  async #closely(asking: Asking): Promise<Verdict> {
    const { entry, turn, model, config, signal } = asking;
    let { request } = asking;
    const window = model.info.contextWindow;
    let tokens = await this.#tokens(asking);
    let usage = noUsage();
    if (window > 0) {
      const threshold = thresholdOf(window, config.options.node.compactAt);
      const reserve = reserveOf(window, threshold, request.model.maxOutputTokens);
      const isFull = tokens + reserve > window;
      if (tokens >= threshold && !config.options.disableAutoSummarize && (isFull || this.#failed.get(entry) !== turn.id)) {
        const outcome = await this.compact(asking, { force: isFull, tokens });
        usage = outcome.usage;
        if (signal.aborted || outcome.status === "canceled")
          return { ending: { status: "interrupted", cause: "canceled", reason: "Canceled" }, usage };
        if (outcome.status === "done") tokens = outcome.tokens;
        else if (outcome.status === "failed") {
          this.#failed.set(entry, turn.id);
          if (isFull || outcome.ending !== undefined) return { ending: failedCompaction(outcome), usage };
          this.#parts.options.log.warn("conversation not compacted, it goes on while there is room", {
            session: entry.id,
            reason: outcome.reason,
          });
        }
      }
      // A provider that is asked for more than is left of the window refuses the request. Two values only: each makes the arena anew.
      if (tokens + request.model.maxOutputTokens > window) {
        if (tokens + reserve > window && !config.options.disableAutoSummarize) return { ending: tooFull, usage };
        request = { ...request, model: { ...request.model, maxOutputTokens: reserve } };
      }
    }
    const ending = this.#budget(asking, tokens, outputOf(request), usage.cost);
    return ending === undefined ? { request, usage } : { ending, usage };
  }

  /** What the provider told last and what has come since; all counted where it has told nothing. Never rejects. */
  async #tokens({ entry, turn, request }: Asking): Promise<number> {
    const { meter, options } = this.#parts;
    const known = entry.session.contextTokens;
    try {
      const { last } = options.queries.uncounted(entry.id);
      return known > 0 && last !== undefined
        ? known + (await meter.since(entry.id, turn.id, last))
        : await meter.prompt(entry, turn.id, request);
    } catch (error) {
      options.log.error("tokens could not be counted", { session: entry.id, error: String(error) });
      return known;
    }
  }

  /** Why the request may not be made. `more`: dollars that are spent and not yet in the turn's sum; they are in neither sum. */
  #budget({ entry, turn, config, prompt, model }: Asking, input: number, output: number, more = 0): Ending | undefined {
    const { budget } = config.options.node;
    const purse = this.#agents.purse(entry, turn, prompt);
    const ofTurn = purse.budget ?? budget?.turn;
    const ofSession = budget?.session;
    if (ofTurn === undefined && ofSession === undefined) return undefined;
    const worst = model.provider.flatRate ? 0 : worstCost(input, output, model.info);
    const bounds = [
      {
        name: "turn",
        most: ofTurn,
        spent: purse.turn + more,
        raise: purse.budget === undefined ? "options.node.budget.turn" : "the budget it was given",
      },
      { name: "session", most: ofSession, spent: purse.session + more, raise: "options.node.budget.session" },
    ];
    for (const { name, most, spent, raise } of bounds) {
      if (most === undefined || spent + worst <= most) continue;
      const counts = `${input.toLocaleString("en")} tokens in, at most ${output.toLocaleString("en")} out`;
      const reason = `Stopped before a request that could cost ${dollars(worst)} (${counts}): ${dollars(spent)} of the ${name}'s budget of ${dollars(most)} are spent. Raise ${raise}, or set a smaller max_tokens for the model`;
      return { status: "limit", cause: "budget", reason };
    }
    return undefined;
  }
}

export const nothingToCompact: Ending = {
  status: "failed",
  cause: "compaction",
  reason: "There is nothing to compact: all there is of the conversation is recent, or a summary already",
};

export const failedCompaction = ({ reason, ending }: Extract<CompactionOutcome, { status: "failed" }>): Ending =>
  ending ?? { status: "failed", cause: "compaction", reason: `The conversation could not be summarized: ${reason}` };

const outputOf = ({ model }: CompletionRequest): number => model.maxOutputTokens || unboundOutput;
const fixedBytes = ({ system, tools }: CompletionRequest): number =>
  system.reduce((sum, text) => sum + Buffer.byteLength(text), 0) + Buffer.byteLength(JSON.stringify(tools));
const dollars = (amount: number): string => `$${amount.toFixed(amount < 0.1 ? 4 : 2)}`;
