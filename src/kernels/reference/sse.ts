// The sse kernel in plain TypeScript: what it must say, and what runs with CRUSH_KERNELS=plain and for events larger than the
// kernel's memory.
import { TextDecoder } from "node:util";
import { Runs } from "../sse-runs.ts";
import type { SseParser, SseSchema, SseSink } from "../sse-schema.ts";
import { project } from "./sse-project.ts";

/** One event may have as many characters; more is an endless stream, not an event. */
export const eventCharsMax = 32 << 20;

export class PlainSse implements SseParser {
  readonly #schema: SseSchema;
  readonly #decoder: TextDecoder;
  readonly #runs = new Runs();
  /** Pieces of a line that has not ended. */
  #line: string[] = [];
  #chars = 0;
  #data: string[] = [];
  #name = "";
  /** The last character was a CR that ended a line: a LF now belongs to it. */
  #cr = false;

  /** `within`: it takes over in the middle of a stream, where a byte order mark is no such thing. */
  constructor(schema: SseSchema, within = false) {
    this.#schema = schema;
    this.#decoder = new TextDecoder("utf-8", { ignoreBOM: within });
  }

  /** Nothing of an event has been seen. */
  get idle(): boolean {
    return this.#line.length === 0 && this.#data.length === 0 && this.#name === "";
  }

  feed(bytes: Uint8Array, sink: SseSink): void {
    const runs = this.#runs;
    runs.begin(sink);
    this.#take(this.#decoder.decode(bytes, { stream: true }), runs);
    runs.finish();
  }

  end(sink: SseSink): void {
    const runs = this.#runs;
    runs.begin(sink);
    this.#take(this.#decoder.decode(), runs);
    if (this.#line.length > 0) this.#endLine("", runs);
    this.#dispatch(runs, true);
    runs.finish();
  }

  close(): void {}

  #take(text: string, runs: Runs): void {
    let from = this.#cr && text.startsWith("\n") ? 1 : 0;
    if (text !== "") this.#cr = false;
    // Lone CRs are looked for only where there is any: far the most streams have none.
    let cr = text.indexOf("\r", from);
    while (from < text.length) {
      const lf = text.indexOf("\n", from);
      if (cr >= 0 && cr < from) cr = text.indexOf("\r", from);
      const to = cr >= 0 && (lf < 0 || cr < lf) ? cr : lf;
      if (to < 0) {
        this.#chars += text.length - from;
        if (this.#chars > eventCharsMax) throw new RangeError("An event of the stream is larger than 32 MiB");
        this.#line.push(text.slice(from));
        return;
      }
      this.#endLine(text.slice(from, to), runs);
      from = to + 1;
      if (to !== lf && lf === from) from++;
      else if (to !== lf && from === text.length) this.#cr = true;
    }
  }

  #endLine(tail: string, runs: Runs): void {
    let line = tail;
    if (this.#line.length > 0) {
      line = this.#line.join("") + tail;
      this.#line = [];
    }
    if (line === "") this.#dispatch(runs, false);
    else if (line.startsWith("data")) {
      if (line.length === 4) this.#data.push("");
      else if (line[4] === ":") {
        this.#chars += tail.length;
        this.#data.push(line.slice(line[5] === " " ? 6 : 5));
      }
    } else if (line === "event") this.#name = "";
    else if (line.startsWith("event:")) this.#name = line.slice(line[6] === " " ? 7 : 6);
  }

  /** `ended`: the blank line is missing, so half an event is no mistake of the provider's but a cut. */
  #dispatch(runs: Runs, ended: boolean): void {
    const data = this.#data.join("\n").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
    const name = this.#name;
    this.#data = [];
    this.#name = "";
    this.#chars = 0;
    if (data !== "") readEvent(this.#schema, name === "error", data, runs, ended);
  }
}

/** What the data of one event says. */
export function readEvent(schema: SseSchema, error: boolean, data: string, runs: Runs, cut = false): void {
  if (data === "[DONE]") {
    runs.done();
    return;
  }
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    if (cut) return;
    if (error) runs.value(schema.errorField, 0, data);
    else runs.bad(data);
    return;
  }
  if (error) runs.value(schema.errorField, 0, value);
  else project(schema.root, data, value, runs);
}
