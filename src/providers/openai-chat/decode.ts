// Chat Completions stream -> records. The kernel (or its plain version) reads the bytes; here their meaning.
import type { FinishReason } from "../../protocol/index.ts";
import { SseDecoder } from "../shared/decoder.ts";
import { ToolCalls } from "./calls.ts";
import { field } from "./schema.ts";
import { readUsage } from "./usage.ts";

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
        const whole = this.whole(`call ${context}`, text);
        if (whole !== "") this.#calls.arguments(context, whole);
        break;
      }
      case field.finish:
        this.finish(finishes[text] ?? "unknown");
        break;
    }
  }

  value(at: number, _context: number, value: unknown): void {
    if (at === field.usage) {
      const usage = readUsage(value);
      if (usage) this.push(usage);
    } else if (at === field.error && value !== false && value !== "") this.failBy(value);
  }

  protected override halfArguments(context: number): void {
    this.#calls.arguments(context, "\ufffd");
  }
}
