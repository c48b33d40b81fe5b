// Gemini streamGenerateContent -> records. Calls come whole. Code that ran at the provider, pictures and citations are left out.
import type { FinishReason } from "../../protocol/index.ts";
import { SseDecoder } from "../shared/decoder.ts";
import { inside, isObject, type Json, textOf } from "../shared/json.ts";
import { sign } from "../shared/signature.ts";
import { field, thought } from "./schema.ts";
import { wireId } from "./wire.ts";

const filters = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);

export class GoogleDecoder extends SseDecoder {
  #calls = 0;
  readonly #counts = new Map<number, number>();
  #finish = "";
  #message = "";

  text(at: number, context: number, text: string): void {
    switch (at) {
      case field.text:
        this.delta(context === thought ? "reasoning" : "text", text);
        break;
      case field.finish:
        // Kept for the end: calls may follow, and more of the reason.
        if (text !== "FINISH_REASON_UNSPECIFIED") this.#finish = text;
        break;
      case field.finishMessage:
        this.#message = text;
        break;
    }
  }

  value(at: number, _context: number, value: unknown): void {
    if (at >= field.prompt) this.#counts.set(at, value as number);
    else if (at === field.part) this.#part(inside(value));
    else if (at === field.feedback) {
      const why = textOf(inside(value).blockReason);
      if (why !== "" && why !== "BLOCK_REASON_UNSPECIFIED") this.#finish = "SAFETY";
    } else if (at === field.error) this.failBy(value);
  }

  /** A part with a call or a signature: the signature stands in front of the call, behind a text, and ends thoughts. */
  #part(part: Json): void {
    const signature = textOf(part.thoughtSignature);
    if (isObject(part.functionCall)) {
      if (signature !== "") this.push({ kind: "signature", text: sign(wireId, { of: "call", signature }) });
      const { id, name, args } = part.functionCall;
      // Pieces of a call come only to who asks for them, and have no name.
      if (typeof name !== "string" || name === "") return;
      this.flush();
      this.tool({
        kind: "tool",
        index: this.#calls++,
        ...(typeof id === "string" && id !== "" ? { id } : {}),
        name,
        arguments: JSON.stringify(isObject(args) ? args : {}),
      });
      return;
    }
    this.delta(part.thought === true ? "reasoning" : "text", textOf(part.text));
    if (signature !== "")
      this.push({ kind: "signature", text: sign(wireId, { of: part.thought === true ? "thought" : "text", signature }) });
  }

  protected override ending(): void {
    if (this.#finish !== "") {
      const reason = this.#reason(this.#finish);
      this.finish(reason, `${this.#finish}${this.#message === "" ? "" : `: ${this.#message}`}`);
      this.#finish = "";
    }
    const usage = this.#usage();
    if (usage) this.push(usage);
  }

  #reason(reason: string): FinishReason {
    if (reason === "STOP") return this.#calls > 0 ? "tool_use" : "end_turn";
    if (reason === "MAX_TOKENS") return "max_tokens";
    // MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, OTHER, ...: the answer is none, another attempt may be.
    return filters.has(reason) ? "content_filter" : "error";
  }

  /** The prompt's count has what came from the cache in it, that of the answer leaves out the thoughts. */
  #usage() {
    const counts = this.#counts;
    const of = (at: number): number => counts.get(at) ?? 0;
    const cacheRead = Math.min(of(field.cached), of(field.prompt));
    const input = of(field.prompt) - cacheRead + of(field.toolPrompt);
    const reasoning = of(field.thoughts);
    const output = of(field.candidates) + reasoning;
    counts.clear();
    if (input + cacheRead + output === 0) return undefined;
    return { kind: "usage" as const, usage: { input, output, cacheRead, cacheWrite: 0, reasoning } };
  }
}
