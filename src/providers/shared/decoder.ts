// What is common to the decoders: joining deltas, whole characters, errors, the end. A wire adds the meaning of its fields.
import type { ProviderFault, StreamDecoder, StreamRecord } from "../../contracts/wire-format.ts";
import type { SseKernel } from "../../kernels/sse.ts";
import type { SseParser, SseSink } from "../../kernels/sse-schema.ts";
import type { FinishReason } from "../../protocol/index.ts";
import { makeFault, streamFault } from "./faults.ts";

/** Broken events are quoted up to here. */
const quoteCharsMax = 200;
const inStream = "The provider (in the stream)";

/** Whose delta: a call's by its context. */
type DeltaOf = "text" | "reasoning" | number;

export abstract class SseDecoder implements StreamDecoder, SseSink {
  /** Set by the parser. */
  loose = true;
  readonly #parser: SseParser;
  #records: StreamRecord[] = [];
  /** Half a surrogate pair at the end of a delta, waiting for the next one of the same kind and call. */
  #half = "";
  #halfOf: DeltaOf = "text";
  #finished = false;
  #failed = false;
  /** The finish reason is "error", and what the error is has not been told yet: what to say if nothing follows. */
  #unexplained: string | undefined;

  constructor(kernel: SseKernel) {
    this.#parser = kernel.open();
  }

  abstract text(at: number, context: number, text: string): void;
  abstract value(at: number, context: number, value: unknown): void;

  feed(bytes: Uint8Array): StreamRecord[] {
    try {
      this.#parser.feed(bytes, this);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.fail(makeFault("protocol", inStream, error.message));
    }
    return this.#take();
  }

  end(): StreamRecord[] {
    this.#parser.end(this);
    this.flush();
    if (!this.#failed) this.ending();
    this.#explain();
    if (!this.#finished && !this.#failed)
      this.fail(makeFault("network", "The provider", "the stream ended before the answer was finished"));
    return this.#take();
  }

  close(): void {
    this.#parser.close();
  }

  done(): void {
    this.flush();
    if (!this.#failed) this.ending();
    this.#explain();
    this.#finished = true;
    this.#records.push({ kind: "done" });
  }

  bad(data: string): void {
    const quote = data.length > quoteCharsMax ? `${data.slice(0, quoteCharsMax)}…` : data;
    this.fail(makeFault("protocol", inStream, `not JSON: ${quote}`));
  }

  /** The stream is over, and has not failed: what was kept for its end. */
  protected ending(): void {}

  /** A text of deltas. */
  protected delta(kind: "text" | "reasoning", text: string): void {
    const whole = this.whole(kind, text);
    if (whole !== "") this.#delta(kind, whole);
  }

  /** Fragments of one call become one record; id and name stand in front of the arguments. */
  protected tool(record: Extract<StreamRecord, { kind: "tool" }>): void {
    const last = this.#records.at(-1);
    if (last?.kind !== "tool" || last.index !== record.index) {
      this.#records.push(record);
      return;
    }
    if (record.id !== undefined) last.id = record.id;
    if (record.name !== undefined) last.name = record.name;
    last.arguments += record.arguments;
  }

  /** Anything that is no delta. */
  protected push(record: StreamRecord): void {
    this.flush();
    this.#records.push(record);
  }

  /** `error` says why it is "error", unless the stream does. */
  protected finish(reason: FinishReason, error?: string): void {
    if (reason === "error") this.#unexplained = error ?? "finish_reason error";
    else this.#finished = true;
    this.push({ kind: "finish", reason });
  }

  protected fail(error: ProviderFault): void {
    this.#failed = true;
    this.#unexplained = undefined;
    this.push({ kind: "error", error });
  }

  /** An error as the stream has it: an object, or words. */
  protected failBy(error: unknown): void {
    this.fail(streamFault(error));
  }

  /** Text without half surrogate pairs: they are no UTF-8, and some providers cut a character over two deltas. */
  protected whole(of: DeltaOf, text: string): string {
    if (!this.loose && this.#half === "") return text;
    let all = text;
    if (this.#half !== "") {
      if (this.#halfOf !== of) this.flush();
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

  /** Whatever follows is no delta of the same text: half a character stays half. */
  protected flush(): void {
    if (this.#half === "") return;
    const of = this.#halfOf;
    this.#half = "";
    if (typeof of === "number") this.halfArguments(of);
    else this.#delta(of, "\ufffd");
  }

  /** Half a character ended the arguments of this context. */
  protected halfArguments(_context: number): void {}

  #delta(kind: "text" | "reasoning", text: string): void {
    const last = this.#records.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.#records.push({ kind, text });
  }

  #take(): StreamRecord[] {
    const records = this.#records;
    this.#records = [];
    return records;
  }

  /** The finish reason was "error", and nothing that followed said more. */
  #explain(): void {
    if (this.#unexplained !== undefined && !this.#failed) this.fail(makeFault("server", inStream, this.#unexplained));
  }
}
