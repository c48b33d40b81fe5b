// Gemini streamGenerateContent -> records. Calls come whole, or in pieces (pieces.ts), and are told when they are whole. Code that ran at
// the provider, pictures and what the answer rests on are kept as the wire has them (shared/signature.ts).
import type { FinishReason } from "../../protocol/index.ts";
import { SseDecoder } from "../shared/decoder.ts";
import { inside, isObject, type Json, textOf } from "../shared/json.ts";
import { keep, sign } from "../shared/signature.ts";
import { ArgumentPieces } from "./pieces.ts";
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

const sources = {
  [field.grounding]: "groundingMetadata",
  [field.citations]: "citationMetadata",
  [field.urls]: "urlContextMetadata",
} as const;

/** `pieces`: of its arguments, when they come so. */
type Call = { id: string; name: string; arguments: string; pieces: unknown[]; continues: boolean };

export class GoogleDecoder extends SseDecoder {
  #calls = 0;
  /** Of the part that is being read: a call and a signature. */
  #call: Call | undefined;
  #signature = "";
  /** A call that has begun and whose arguments come in pieces. */
  #begun: { call: Call; arguments: ArgumentPieces } | undefined;
  readonly #counts = new Map<number, number>();
  /** What the answer rests on, by the keys of the wire; told at its end. */
  readonly #sources: Json = {};
  #finish = "";
  #message = "";

  text(at: number, context: number, text: string): void {
    switch (at) {
      case field.text:
        this.delta(context === thought ? "reasoning" : "text", text);
        break;
      case field.callName:
        this.#open().name = text;
        break;
      case field.callId:
        this.#open().id = text;
        break;
      case field.callArguments:
        this.#open().arguments = text;
        break;
      case field.signature:
        this.#signature = text;
        break;
      case field.partEnd:
        this.#end(context === thought ? "thought" : "text");
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
    switch (at) {
      case field.part:
        this.push(keep(wireId, "part", inside(value)));
        break;
      case field.callPieces:
        this.#open().pieces.push(value);
        break;
      case field.callContinues:
        if (value === true) this.#open().continues = true;
        break;
      case field.feedback: {
        const why = textOf(inside(value).blockReason);
        if (why !== "" && why !== "BLOCK_REASON_UNSPECIFIED") this.#finish = "SAFETY";
        break;
      }
      case field.error:
        this.failBy(value);
        break;
      case field.grounding:
      case field.citations:
      case field.urls:
        // Each event has all so far, or nothing.
        if (isObject(value) && Object.keys(value).length > 0) this.#sources[sources[at]] = value;
        break;
      default:
        this.#counts.set(at, value as number);
    }
  }

  #open(): Call {
    this.#call ??= { id: "", name: "", arguments: "{}", pieces: [], continues: false };
    return this.#call;
  }

  /** A part had more than text: its signature stands in front of the call, behind a text, and ends thoughts. */
  #end(of: "thought" | "text"): void {
    const call = this.#call;
    const signature = this.#signature;
    this.#call = undefined;
    this.#signature = "";
    if (signature !== "") this.push({ kind: "signature", text: sign(wireId, { of: call ? "call" : of, signature }) });
    if (call === undefined) return;
    if (call.name !== "") {
      // Some servers do not say where the one before has ended.
      this.#endBegun();
      if (!call.continues && call.pieces.length === 0) {
        this.#tell(call, call.arguments.startsWith("{") ? call.arguments : "{}");
        return;
      }
      this.#begun = { call, arguments: new ArgumentPieces() };
    }
    for (const pieces of call.pieces) this.#begun?.arguments.add(pieces);
    if (!call.continues) this.#endBegun();
  }

  #endBegun(isWhole = true): void {
    const begun = this.#begun;
    this.#begun = undefined;
    if (begun === undefined) return;
    const { json } = begun.arguments;
    // The values so far are JSON wherever it was cut: what is not all there must not look as if it were.
    this.#tell(begun.call, isWhole ? json : json.slice(0, -1));
  }

  #tell({ id, name }: Call, json: string): void {
    this.flush();
    this.tool({ kind: "tool", index: this.#calls++, ...(id === "" ? {} : { id }), name, arguments: json });
  }

  protected override ending(): void {
    this.#endBegun(this.#finish === "STOP");
    if (Object.keys(this.#sources).length > 0) {
      this.push(keep(wireId, "sources", { ...this.#sources }));
      for (const key of Object.keys(this.#sources)) delete this.#sources[key];
    }
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
