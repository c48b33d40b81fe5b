// Anthropic Messages stream -> records.
//
// A message is a list of blocks, each with a start, deltas and a stop. Blocks of tools that ran at the provider and what else has no
// place in our parts are kept as the wire has them (shared/signature.ts), citations together behind the answer: they cut a text into
// pieces that are no paragraphs.
import type { FinishReason } from "../../protocol/index.ts";
import { SseDecoder } from "../shared/decoder.ts";
import { makeFault } from "../shared/faults.ts";
import { argumentsObject, inside, isObject, type Json, textOf } from "../shared/json.ts";
import { keep, sign } from "../shared/signature.ts";
import { field } from "./schema.ts";
import { readUsage } from "./usage.ts";
import { wireId } from "./wire.ts";

const finishes: Record<string, FinishReason> = {
  end_turn: "end_turn",
  stop_sequence: "end_turn",
  pause_turn: "pause",
  compaction: "end_turn",
  tool_use: "tool_use",
  max_tokens: "max_tokens",
  model_context_window_exceeded: "max_tokens",
  refusal: "content_filter",
};

/** Blocks that are whole with what we read of them: input comes as deltas, results with the start. */
const kept = /^(?:server_tool_use|mcp_tool_use|\w+_tool_result|container_upload|compaction)$/;

/** `cites`: what a text rests on, told in front of it. `json`: the input of a kept block so far. */
type Block =
  | { kind: "text"; from: number; cites: unknown[] }
  | { kind: "thinking" | "other" }
  | { kind: "kept"; block: Json; json: string; content: string }
  | { kind: "tool"; call: number; seen: boolean; input: unknown };

export class AnthropicDecoder extends SseDecoder {
  /** Open blocks by their index. */
  readonly #blocks = new Map<number, Block>();
  #calls = 0;
  #signature = "";
  /** UTF-16 units of text so far. */
  #chars = 0;
  /** {from, to, citations}: a piece of all the text, in such units, and what it rests on. */
  readonly #citations: Json[] = [];
  #usage: Json = {};
  #begun = false;
  /** Two answers are mixed up: what follows belongs to neither for sure. */
  #mixed = false;

  text(at: number, context: number, text: string): void {
    if (this.#mixed) return;
    const block = this.#blocks.get(context);
    switch (at) {
      case field.text:
        if (block?.kind !== "other") this.#text(text);
        break;
      case field.thinking:
        this.delta("reasoning", text);
        break;
      case field.signature:
        this.#signature += text;
        break;
      case field.arguments:
        if (block?.kind === "tool") this.#arguments(block, context, text);
        else if (block?.kind === "kept") block.json += text;
        break;
      case field.compaction:
        if (block?.kind === "kept") block.content += text;
        break;
      case field.stopReason:
        this.finish(finishes[text] ?? "unknown");
        break;
    }
  }

  value(at: number, context: number, value: unknown): void {
    if (this.#mixed) return;
    switch (at) {
      case field.blockStart:
        this.#start(context, inside(value));
        break;
      case field.blockStop:
        this.#stop(context);
        break;
      case field.citation: {
        const block = this.#blocks.get(context);
        if (block?.kind === "text") block.cites.push(value);
        break;
      }
      case field.start:
        if (this.#begun) {
          this.#mixed = true;
          this.fail(makeFault("protocol", "The provider (in the stream)", "another message began within the answer"));
        }
        this.#begin(inside(value));
        break;
      case field.usage:
        // The last counts are of the whole message; what is null there was said at its start.
        for (const [key, one] of Object.entries(inside(value))) if (one !== null) this.#usage[key] = one;
        break;
      case field.stop:
        this.#begun = false;
        this.done();
        break;
      case field.error:
        this.failBy(value);
        break;
    }
  }

  #text(text: string): void {
    this.#chars += text.length;
    this.delta("text", text);
  }

  protected override ending(): void {
    if (this.#citations.length > 0) this.push(keep(wireId, "citations", this.#citations.splice(0)));
    const usage = readUsage(this.#usage);
    this.#usage = {};
    if (usage) this.push(usage);
  }

  #begin(message: Json): void {
    this.#begun = true;
    this.#usage = { ...this.#usage, ...inside(message.usage) };
    // Calls that code at the provider makes of our tools stand in the message itself.
    for (const block of Array.isArray(message.content) ? message.content : []) {
      this.#start(-1, inside(block));
      this.#stop(-1);
    }
  }

  #start(index: number, block: Json): void {
    this.flush();
    switch (block.type) {
      case "tool_use": {
        const call = this.#calls++;
        this.#blocks.set(index, { kind: "tool", call, seen: false, input: block.input });
        this.tool({ kind: "tool", index: call, id: textOf(block.id), name: textOf(block.name), arguments: "" });
        break;
      }
      case "redacted_thinking":
        this.#blocks.set(index, { kind: "other" });
        this.push({ kind: "signature", text: sign(wireId, { redacted: textOf(block.data) }) });
        break;
      case "text":
        this.#blocks.set(index, { kind: "text", from: this.#chars, cites: Array.isArray(block.citations) ? block.citations : [] });
        this.#text(textOf(block.text));
        break;
      case "thinking":
        this.#blocks.set(index, { kind: "thinking" });
        this.#signature = textOf(block.signature);
        this.delta("reasoning", textOf(block.thinking));
        break;
      default:
        this.#blocks.set(index, kept.test(textOf(block.type)) ? { kind: "kept", block, json: "", content: "" } : { kind: "other" });
    }
  }

  #stop(index: number): void {
    this.flush();
    const block = this.#blocks.get(index);
    this.#blocks.delete(index);
    if (block?.kind === "text") {
      if (block.cites.length > 0) this.#citations.push({ from: block.from, to: this.#chars, citations: block.cites });
    } else if (block?.kind === "thinking") {
      // Ends the part also when nothing was signed.
      this.push({ kind: "signature", text: sign(wireId, this.#signature === "" ? {} : { signature: this.#signature }) });
      this.#signature = "";
    } else if (block?.kind === "kept") {
      if (block.json !== "") block.block.input = argumentsObject(block.json);
      if (block.content !== "") block.block.content = block.content;
      this.push(keep(wireId, "block", block.block));
    } else if (block?.kind === "tool" && !block.seen) {
      // Some servers send the whole input with the start of the block.
      this.tool({ kind: "tool", index: block.call, arguments: JSON.stringify(isObject(block.input) ? block.input : {}) });
    }
  }

  #arguments(block: Extract<Block, { kind: "tool" }>, context: number, text: string): void {
    const whole = this.whole(context, text);
    if (whole === "") return;
    block.seen = true;
    this.tool({ kind: "tool", index: block.call, arguments: whole });
  }

  protected override halfArguments(context: number): void {
    const block = this.#blocks.get(context);
    if (block?.kind === "tool") this.tool({ kind: "tool", index: block.call, arguments: "\ufffd" });
  }
}
