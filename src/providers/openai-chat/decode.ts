// Chat Completions stream -> records. The kernel (or its plain version) reads the bytes; here their meaning.
import type { FinishReason } from "../../protocol/index.ts";
import { SseDecoder } from "../shared/decoder.ts";
import { inside, type Json } from "../shared/json.ts";
import { keep } from "../shared/signature.ts";
import { ToolCalls } from "./calls.ts";
import { addDetails, isNeeded } from "./details.ts";
import { field } from "./schema.ts";
import { readUsage } from "./usage.ts";
import { wireId } from "./wire.ts";

const finishes: Record<string, FinishReason> = {
  stop: "end_turn",
  end_turn: "end_turn",
  eos: "end_turn",
  tool_calls: "tool_use",
  function_call: "tool_use",
  tool_use: "tool_use",
  length: "max_tokens",
  max_tokens: "max_tokens",
  content_filter: "content_filter",
  error: "error",
};

export class OpenAiChatDecoder extends SseDecoder {
  readonly #calls = new ToolCalls((record) => this.tool(record));
  readonly #details: Json[] = [];
  readonly #annotations: Json[] = [];
  #citations: unknown[] = [];
  readonly #extras: Json[] = [];

  text(at: number, context: number, text: string): void {
    switch (at) {
      case field.content:
      case field.refusal:
        this.delta("text", text);
        break;
      case field.reasoning:
        this.delta("reasoning", text);
        break;
      case field.toolId:
        this.flush();
        this.#calls.id(context, text);
        break;
      case field.toolName:
        this.flush();
        this.#calls.name(context, text);
        break;
      case field.toolArguments: {
        const whole = this.whole(context, text);
        if (whole !== "") this.#calls.arguments(context, whole);
        break;
      }
      case field.finish:
        this.#keep();
        this.finish(finishes[text] ?? "unknown");
        break;
    }
  }

  value(at: number, context: number, value: unknown): void {
    switch (at) {
      case field.usage: {
        const usage = readUsage(value);
        if (usage) this.push(usage);
        break;
      }
      case field.error:
        if (value !== false && value !== "") this.failBy(value);
        break;
      case field.details:
        addDetails(this.#details, value);
        break;
      case field.extra: {
        const call = this.#calls.indexOf(context);
        if (call !== undefined) this.#extras.push({ call, extra_content: value });
        break;
      }
      case field.annotations:
        if (Array.isArray(value)) this.#annotations.push(...value.map(inside));
        break;
      case field.citations:
        if (Array.isArray(value)) this.#citations = value;
        break;
    }
  }

  protected override ending(): void {
    this.#keep();
  }

  /** What stands behind the answer: reasoning as it is to go back, what the text cites. */
  #keep(): void {
    const details = this.#details.splice(0);
    if (isNeeded(details)) this.push(keep(wireId, "details", details));
    const extras = this.#extras.splice(0);
    if (extras.length > 0) this.push(keep(wireId, "extras", extras));
    const annotations = this.#annotations.splice(0);
    if (annotations.length > 0) this.push(keep(wireId, "annotations", annotations));
    if (this.#citations.length > 0) this.push(keep(wireId, "sources", { citations: this.#citations }));
    this.#citations = [];
  }

  protected override halfArguments(context: number): void {
    this.#calls.arguments(context, "\ufffd");
  }
}
