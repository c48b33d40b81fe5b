// OpenAI Responses stream -> records.
//
// An answer is a list of items, each with a start, deltas and its whole self at the end. Items of tools that run at the provider or
// have a shape of their own (web search, shell, MCP, ...) are kept as the wire has them (shared/signature.ts), and so is what a text
// cites.
import { SseDecoder } from "../shared/decoder.ts";
import { makeFault } from "../shared/faults.ts";
import { inside, type Json, textOf } from "../shared/json.ts";
import { keep, sign } from "../shared/signature.ts";
import { field } from "./schema.ts";
import { readUsage } from "./usage.ts";
import { wireId } from "./wire.ts";

type Call = { index: number; arguments: string };

export class OpenAiResponsesDecoder extends SseDecoder {
  /** Calls by the index of their item. */
  readonly #byItem = new Map<number, Call>();
  #count = 0;
  #last: Call | undefined;
  #refused = false;
  /** The present item has begun and none of its deltas has come: its end has it all. */
  #untold = false;
  /** A part of a summary has been told, and not ended. */
  #thought = false;

  text(at: number, context: number, text: string): void {
    switch (at) {
      case field.text:
      case field.refusal:
        this.#untold = false;
        this.#refused ||= at === field.refusal;
        this.delta("text", text);
        break;
      case field.reasoning:
        this.#untold = false;
        this.#thought = true;
        this.delta("reasoning", text);
        break;
      case field.arguments: {
        const call = this.#call(context);
        const whole = this.whole(context, text);
        if (call && whole !== "") this.#arguments(call, whole);
        break;
      }
    }
  }

  value(at: number, context: number, value: unknown): void {
    this.flush();
    switch (at) {
      case field.itemAdded:
        this.#added(context, inside(value));
        break;
      case field.itemDone:
        this.#done(context, inside(value));
        break;
      case field.summaryPart:
        // Each part of a summary begins with its own heading: it is a part of its own here too.
        if (this.#thought) this.push({ kind: "signature", text: sign(wireId, { more: true }) });
        this.#thought = false;
        break;
      case field.response:
        this.#end(inside(value));
        break;
      case field.error:
        this.failBy(value);
        break;
    }
  }

  #added(index: number, item: Json): void {
    this.#untold = true;
    this.#thought = false;
    if (item.type === "function_call") this.#begin(index, item);
  }

  #done(index: number, item: Json): void {
    switch (item.type) {
      case "function_call": {
        const call = this.#byItem.get(index) ?? this.#begin(index, item);
        const all = textOf(item.arguments);
        if (all.startsWith(call.arguments) && all !== call.arguments) this.#arguments(call, all.slice(call.arguments.length));
        break;
      }
      case "message":
        if (this.#untold) this.#whole(item.content);
        this.#cited(item.content);
        break;
      case "reasoning": {
        if (this.#untold) for (const part of list(item.summary)) this.delta("reasoning", textOf(part.text));
        this.flush();
        // Without its content it cannot be sent back, but it ends here.
        const content = item.encrypted_content;
        this.push({ kind: "signature", text: sign(wireId, typeof content === "string" ? { id: item.id, content } : {}) });
        break;
      }
      default:
        if (typeof item.type === "string") this.push(keep(wireId, "item", item));
    }
    this.#untold = false;
    this.#thought = false;
  }

  #whole(content: unknown): void {
    for (const part of list(content)) {
      if (part.type === "output_text") this.delta("text", textOf(part.text));
      else if (part.type === "refusal") {
        this.#refused = true;
        this.delta("text", textOf(part.refusal));
      }
    }
  }

  #cited(content: unknown): void {
    const annotations = list(content).flatMap((part) => list(part.annotations));
    if (annotations.length > 0) this.push(keep(wireId, "annotations", annotations));
  }

  #begin(index: number, item: Json): Call {
    const call: Call = { index: this.#count++, arguments: "" };
    this.#byItem.set(index, call);
    this.#last = call;
    this.tool({ kind: "tool", index: call.index, id: textOf(item.call_id) || textOf(item.id), name: textOf(item.name), arguments: "" });
    if (textOf(item.arguments) !== "") this.#arguments(call, textOf(item.arguments));
    return call;
  }

  #call(context: number): Call | undefined {
    return context < 0 ? this.#last : this.#byItem.get(context);
  }

  #arguments(call: Call, text: string): void {
    call.arguments += text;
    this.tool({ kind: "tool", index: call.index, arguments: text });
  }

  protected override halfArguments(context: number): void {
    const call = this.#call(context);
    if (call) this.#arguments(call, "\ufffd");
  }

  #end(response: Json): void {
    const usage = readUsage(response.usage);
    if (response.status === "failed" || (response.error !== null && response.error !== undefined)) {
      this.failBy(response.error ?? "the answer failed");
      return;
    }
    if (response.status === "incomplete") {
      const why = inside(response.incomplete_details).reason;
      if (why === "max_output_tokens") this.finish("max_tokens");
      else if (why === "content_filter") this.finish("content_filter");
      else this.finish("error", `the answer is incomplete: ${textOf(why) || "no reason given"}`);
    } else if (response.status === "cancelled") {
      this.fail(makeFault("server", "The provider (in the stream)", "the answer was cancelled"));
      return;
    } else this.finish(this.#refused ? "content_filter" : this.#count > 0 ? "tool_use" : "end_turn");
    if (usage) this.push(usage);
    this.done();
  }
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? value.map(inside) : []);
