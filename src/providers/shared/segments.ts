// Wire objects of a message -> JSON, as a string or in pieces of which the long ones are bytes. Both are what JSON.stringify makes
// of the objects, joined with commas.
import type { CompletionRequest, SegmentSink, WireFormat } from "../../contracts/wire-format.ts";
import type { JsonStrings } from "../../kernels/json-string.ts";
import type { Message } from "../../protocol/index.ts";
import { isObject } from "./json.ts";

/** Texts from so many UTF-16 units on are written by the escape kernel; below, a call of it costs more than it saves (bench/escape.ts). */
const longUnits = 256;
/** Texts of messages stand three levels deep (arguments of calls a little more); what is nested deeper is small, or stringified whole. */
const levelsMax = 8;

/** The objects that stand for a message in the list of messages; none when nothing of it is sent. */
type Items = (message: Message, request: CompletionRequest) => readonly unknown[];

export function segments(items: Items, strings: () => JsonStrings): Pick<WireFormat, "segment" | "write"> {
  return {
    segment(message, request) {
      const list = items(message, request);
      return list.length === 0 ? undefined : list.map((item) => JSON.stringify(item)).join(",");
    },
    write(message, request, into) {
      const list = items(message, request);
      if (list.length === 0) return false;
      const writer = new Writer(into, strings);
      for (const [i, item] of list.entries()) {
        if (i > 0) writer.short(",");
        writer.value(item, 0);
      }
      writer.flush();
      return true;
    },
  };
}

/** JSON of plain data: what came out of JSON.parse, or is made here. */
class Writer {
  readonly #into: SegmentSink;
  readonly #strings: () => JsonStrings;
  /** What is short, gathered. */
  #short = "";

  constructor(into: SegmentSink, strings: () => JsonStrings) {
    this.#into = into;
    this.#strings = strings;
  }

  short(json: string): void {
    this.#short += json;
  }

  flush(): void {
    if (this.#short !== "") this.#into.text(this.#short);
    this.#short = "";
  }

  value(value: unknown, level: number): void {
    if (typeof value === "string" && value.length >= longUnits) {
      this.flush();
      this.#strings().text(value, (bytes) => this.#into.bytes(bytes));
    } else if (!hasLong(value, level)) this.#short += JSON.stringify(value) ?? "null";
    else if (Array.isArray(value)) {
      for (const [i, one] of value.entries()) {
        this.#short += i === 0 ? "[" : ",";
        this.value(one, level + 1);
      }
      this.#short += "]";
    } else {
      let before = "{";
      for (const [key, one] of Object.entries(value as object)) {
        if (one === undefined) continue;
        this.#short += `${before}${JSON.stringify(key)}:`;
        this.value(one, level + 1);
        before = ",";
      }
      this.#short += "}";
    }
  }
}

/** Is there a long text in it that is worth the walk? */
function hasLong(value: unknown, level: number): boolean {
  if (typeof value === "string") return value.length >= longUnits;
  if (level >= levelsMax) return false;
  if (Array.isArray(value)) return value.some((one) => hasLong(one, level + 1));
  return isObject(value) && Object.values(value).some((one) => hasLong(one, level + 1));
}
