import { COUNT_FIELDS_MAX } from "../../assembly/abi/sse.ts";
import type { SseSink } from "./sse-schema.ts";

/** Joins deltas that follow one another, and keeps counts for the end of a feed. One a stream: begin, ..., finish, begin, ... */
export class Runs implements SseSink {
  #sink: SseSink = deaf;
  #field = -1;
  #context = 0;
  #text = "";
  #loose = false;
  #counted = 0;
  readonly #counts: number[] = [];
  /** A feed begins, that is told to `sink`. */
  begin(sink: SseSink): void {
    this.#sink = sink;
  }
  /** A text whose field is a run. `loose`: there may be halves of surrogate pairs in it. */
  run(field: number, context: number, text: string, loose: boolean): void {
    if (field === this.#field && context === this.#context) {
      this.#text += text;
      this.#loose ||= loose;
    } else {
      this.flush();
      this.#field = field;
      this.#context = context;
      this.#text = text;
      this.#loose = loose;
    }
  }
  text(field: number, context: number, text: string): void {
    this.flush();
    this.#sink.loose = true;
    this.#sink.text(field, context, text);
  }
  value(field: number, context: number, value: unknown): void {
    this.flush();
    this.#sink.loose = true;
    this.#sink.value(field, context, value);
  }
  done(): void {
    this.flush();
    this.#sink.done();
  }
  bad(data: string): void {
    this.flush();
    this.#sink.bad(data);
  }
  count(field: number, value: number): void {
    this.#counted |= 1 << field;
    this.#counts[field] = value;
  }
  /** The feed is over. */
  finish(): void {
    this.flush();
    if (this.#counted === 0) return;
    const counted = this.#counted;
    this.#counted = 0;
    for (let field = 0; field < COUNT_FIELDS_MAX; field++) if ((counted >>> field) & 1) this.#sink.value(field, 0, this.#counts[field]);
  }
  flush(): void {
    if (this.#field < 0) return;
    const field = this.#field;
    const text = this.#text;
    this.#field = -1;
    this.#text = "";
    this.#sink.loose = this.#loose;
    this.#sink.text(field, this.#context, text);
  }
}

/** Hears nothing. */
const deaf: SseSink = { text() {}, value() {}, done() {}, bad() {} };
