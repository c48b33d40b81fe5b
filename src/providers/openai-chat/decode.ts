// Chat Completions stream -> records. The kernel (or its plain version) reads the bytes; here their meaning.
import type { StreamDecoder, StreamRecord } from "../../contracts/wire-format.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import type { SseParser, SseSink } from "../../kernels/sse-schema.ts";
import type { FinishReason } from "../../protocol/index.ts";
import { ToolCalls } from "./calls.ts";
import { makeFault, streamFault } from "./faults.ts";
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

/** Broken events are quoted up to here. */
const quoteCharsMax = 200;

export class OpenAiChatDecoder implements StreamDecoder, SseSink {
  readonly #parser: SseParser;
  readonly #calls = new ToolCalls((record) => this.#tool(record));
  #records: StreamRecord[] = [];
  /** Half a surrogate pair at the end of a delta, waiting for the next one of the same kind and call. */
  #half = "";
  #halfOf = "";
  #finished = false;
  #failed = false;
  /** The finish reason is "error", and what the error is has not been told yet. */
  #unexplained = false;

  constructor(kernel: SseKernel) {
    this.#parser = kernel.open();
  }

  feed(bytes: Uint8Array): StreamRecord[] {
    try {
      this.#parser.feed(bytes, this);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#fail({ kind: "error", error: makeFault("protocol", "The provider (in the stream)", error.message) });
    }
    return this.#take();
  }

  end(): StreamRecord[] {
    this.#parser.end(this);
    this.#flushHalf();
    this.#explain();
    if (!this.#finished && !this.#failed) {
      this.#fail({ kind: "error", error: makeFault("network", "The provider", "the stream ended before the answer was finished") });
    }
    return this.#take();
  }

  close(): void {
    this.#parser.close();
  }

  text(at: number, context: number, text: string): void {
    switch (at) {
      case field.content:
      case field.refusal: {
        const whole = this.#whole("text", text);
        if (whole !== "") this.#delta("text", whole);
        break;
      }
      case field.reasoning: {
        const whole = this.#whole("reasoning", text);
        if (whole !== "") this.#delta("reasoning", whole);
        break;
      }
      case field.toolId:
        this.#flushHalf();
        this.#calls.id(context, text);
        break;
      case field.toolName:
        this.#flushHalf();
        this.#calls.name(context, text);
        break;
      case field.toolArguments: {
        const whole = this.#whole(`call ${context}`, text);
        if (whole !== "") this.#calls.arguments(context, whole);
        break;
      }
      case field.finish:
        this.#flushHalf();
        if (text === "error") this.#unexplained = true;
        else this.#finished = true;
        this.#records.push({ kind: "finish", reason: finishes[text] ?? "unknown" });
        break;
    }
  }

  value(at: number, _context: number, value: unknown): void {
    this.#flushHalf();
    if (at === field.usage) {
      const usage = readUsage(value);
      if (usage) this.#records.push(usage);
    } else if (at === field.error && value !== false && value !== "") {
      this.#fail({ kind: "error", error: streamFault(value) });
    }
  }

  done(): void {
    this.#flushHalf();
    this.#explain();
    this.#finished = true;
    this.#records.push({ kind: "done" });
  }

  bad(data: string): void {
    const quote = data.length > quoteCharsMax ? `${data.slice(0, quoteCharsMax)}…` : data;
    this.#fail({ kind: "error", error: makeFault("protocol", "The provider (in the stream)", `not JSON: ${quote}`) });
  }

  #take(): StreamRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  #fail(record: StreamRecord): void {
    this.#failed = true;
    this.#unexplained = false;
    this.#records.push(record);
  }

  /** The finish reason was "error", and nothing that followed said more. */
  #explain(): void {
    if (!this.#unexplained || this.#failed) return;
    this.#fail({ kind: "error", error: makeFault("server", "The provider (in the stream)", "finish_reason error") });
  }

  #delta(kind: "text" | "reasoning", text: string): void {
    const last = this.#records.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.#records.push({ kind, text });
  }

  /** Fragments of one call become one record; id and name stand in front of the arguments. */
  #tool(record: Extract<StreamRecord, { kind: "tool" }>): void {
    const last = this.#records.at(-1);
    if (last?.kind !== "tool" || last.index !== record.index) {
      this.#records.push(record);
      return;
    }
    if (record.id !== undefined) last.id = record.id;
    if (record.name !== undefined) last.name = record.name;
    last.arguments += record.arguments;
  }

  /** Text without half surrogate pairs: they are no UTF-8, and some providers cut a character over two deltas. */
  #whole(of: string, text: string): string {
    let all = text;
    if (this.#half !== "") {
      if (this.#halfOf !== of) this.#flushHalf();
      else {
        all = this.#half + text;
        this.#half = "";
      }
    }
    const last = all.charCodeAt(all.length - 1);
    if (last >= 0xd800 && last <= 0xdbff) {
      this.#half = all.slice(-1);
      this.#halfOf = of;
      all = all.slice(0, -1);
    }
    return all.isWellFormed() ? all : all.toWellFormed();
  }

  #flushHalf(): void {
    if (this.#half === "") return;
    const of = this.#halfOf;
    this.#half = "";
    if (of === "text" || of === "reasoning") this.#delta(of, "\ufffd");
    else this.#calls.arguments(Number(of.slice(5)), "\ufffd");
  }
}
