// What a whole answer amounts to: why it ended, and what it cost.
import type { StreamRecord } from "../../contracts/wire-format.ts";
import type { FinishReason, Part, Usage } from "../../protocol/index.ts";
import type { Ending } from "./answer.ts";

/** Bytes a token, where a provider tells no usage (as Crush estimates). */
const bytesPerToken = 4;

/** A stream that stopped at its length limit may have cut the last call: its own JSON tells. What a filter stopped is not run. */
export function endingOf(reason: FinishReason | undefined): Ending {
  return reason === "content_filter" ? "cut" : reason === "max_tokens" ? "length" : "whole";
}

/**
 * With a whole call to run the turn goes on, whatever the provider calls it. So it does with calls whose arguments are no JSON
 * though the stream was whole: the model is told. Cut calls at the length limit are nobody's.
 */
export function finishOf(reason: FinishReason | undefined, parts: readonly Part[]): FinishReason {
  if (reason === "content_filter") return reason;
  const calls = parts.filter((part) => part.kind === "tool_call");
  if (calls.some((part) => !part.incomplete) || (calls.length > 0 && reason !== "max_tokens")) return "tool_use";
  return reason === "tool_use" ? "end_turn" : (reason ?? "unknown");
}

export type Spent = { usage: Omit<Usage, "cost">; cost?: number; estimated?: boolean };

export function spentOf(told: Extract<StreamRecord, { kind: "usage" }> | undefined, sentBytes: number, answerBytes: number): Spent {
  if (told) return { usage: told.usage, ...(told.cost === undefined ? {} : { cost: told.cost }) };
  const [input, output] = [Math.ceil(sentBytes / bytesPerToken), Math.ceil(answerBytes / bytesPerToken)];
  return { usage: { input, output, cacheRead: 0, cacheWrite: 0, reasoning: 0 }, estimated: true };
}
