import type { StreamRecord } from "../../contracts/wire-format.ts";
import { PlainPartial } from "../../kernels/reference/partial.ts";

type ToolRecord = Extract<StreamRecord, { kind: "tool" }>;
/**
 * `read` follows the arguments only of calls whose name was told twice, from then on: most servers tell it once. `unread` is what came
 * before that.
 */
type Call = { index: number; id?: string; name?: string; begun: boolean; unread: string; read?: PlainPartial };

/**
 * Puts fragments of tool calls to the call that they belong to, and numbers the calls by our own count. What servers do:
 * give every call index 0 and tell them apart by id; leave index or id out; make up another id for each fragment; repeat id and
 * name with each. So: another id with a name begins a call, another id alone does not; a second name begins one only after
 * arguments that are whole.
 */
export class ToolCalls {
  readonly #byIndex = new Map<number, Call>();
  readonly #out: (record: ToolRecord) => void;
  #count = 0;
  #last: Call | undefined;
  /** An id that differs from the known one, until it is seen whether a name comes with it. */
  #other: { context: number; id: string } | undefined;

  constructor(out: (record: ToolRecord) => void) {
    this.#out = out;
  }

  id(context: number, id: string): void {
    const call = this.#find(context);
    this.#other = undefined;
    if (call === undefined) this.#begin(context, { id });
    else if (call.id === undefined && !call.begun) {
      call.id = id;
      this.#out({ kind: "tool", index: call.index, id, arguments: "" });
    } else if (call.id !== id) this.#other = { context, id };
  }

  name(context: number, name: string): void {
    const call = this.#find(context);
    const other = this.#take(context);
    if (call === undefined) this.#begin(context, { name });
    else if (other !== undefined) this.#begin(context, { id: other, name });
    else if (call.name === undefined) {
      call.name = name;
      this.#out({ kind: "tool", index: call.index, name, arguments: "" });
    } else if (call.begun && isWhole(call)) this.#begin(context, { name });
  }

  arguments(context: number, text: string): void {
    // Without an index an id is all there is to tell calls apart.
    const other = this.#take(context);
    if (other !== undefined && context < 0) this.#begin(context, { id: other });
    const call = this.#find(context) ?? this.#begin(context, {});
    call.begun ||= text !== "";
    if (call.read) call.read.push(text);
    else call.unread += text;
    this.#out({ kind: "tool", index: call.index, arguments: text });
  }

  /** Our number of the call, undefined when there is none. */
  indexOf(context: number): number | undefined {
    return this.#find(context)?.index;
  }

  #find(context: number): Call | undefined {
    return context < 0 ? this.#last : this.#byIndex.get(context);
  }

  #take(context: number): string | undefined {
    const other = this.#other;
    this.#other = undefined;
    return other?.context === context ? other.id : undefined;
  }

  #begin(context: number, known: { id?: string; name?: string }): Call {
    const call: Call = { index: this.#count++, ...known, begun: false, unread: "" };
    if (context >= 0) this.#byIndex.set(context, call);
    this.#last = call;
    this.#out({ kind: "tool", index: call.index, ...known, arguments: "" });
    return call;
  }
}

/** Each piece is read once, however often it is asked. */
function isWhole(call: Call): boolean {
  call.read ??= new PlainPartial();
  if (call.unread !== "") call.read.push(call.unread);
  call.unread = "";
  return call.read.state === "whole";
}
