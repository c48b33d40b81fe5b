// How full a context may be, and what is done about it: numbers only.
import { contextLeft, type ModelInfo } from "../../protocol/index.ts";

/** Recent turns stay word by word up to this share of the window, and no more than so many tokens. */
const keepShare = 0.1;
const keepTokensMax = 20_000;
/** A summary may take this share of the window: enough for days of work in a large one. What a model thinks comes on top. */
const summaryShare = 0.125;
const summaryTokensMax = 8_000;
const thinkingFactor = 2;
const summaryTokensMin = 128;

/** Tokens that the next request has, as far as is known, and what must be left of the window for its answer. */
export type Gauge = { tokens: number; reserve: number };

/** From so many tokens on it is compacted. @param at share of the window, from the configuration */
export function thresholdOf(window: number, at: number | undefined): number {
  if (at !== undefined) return Math.floor(window * at);
  return window - contextLeft(window);
}

/** What is left for the answer when the context is just not compacted yet. */
export function reserveOf(window: number, threshold: number, maxOutput: number): number {
  const left = window - threshold;
  return maxOutput > 0 ? Math.min(maxOutput, left) : left;
}

export const keepTokensOf = (window: number): number => Math.min(keepTokensMax, Math.floor(window * keepShare));

export function summaryTokensOf(window: number, { maxTokens, canReason }: ModelInfo): number {
  const most = Math.min(summaryTokensMax, Math.max(summaryTokensMin, Math.floor(window * summaryShare))) * (canReason ? thinkingFactor : 1);
  return maxTokens > 0 ? Math.min(maxTokens, most) : most;
}
