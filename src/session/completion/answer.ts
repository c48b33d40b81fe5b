// The message that an attempt builds: records in, parts and deltas out.
import type { StreamRecord } from "../../contracts/wire-format.ts";
import type { Delta, Part, ToolCallPart } from "../../protocol/index.ts";

type Open = {
  kind: "text" | "reasoning" | "tool_call";
  id: string;
  index: number;
  text: string;
  /** UTF-16 units that have been told. */
  told: number;
  signature: string;
  call: string | undefined;
  name: string;
  /** Its delta must be sent again though no text came: id or name is new. */
  news: boolean;
};

/** Why the attempt is over. `cut`: whatever is open is incomplete. `length`: the last call may be cut. */
export type Ending = "whole" | "length" | "cut";

export interface Answer {
  /** True for records that became part of a part. */
  take(record: StreamRecord): boolean;
  /** What is new since the last call, one delta a part. */
  deltas(): Delta[];
  /** True when a delta was given out: a repetition needs another message. */
  readonly shown: boolean;
  /** UTF-16 units of its text parts. */
  readonly textChars: number;
  /** UTF-8 bytes of all text, about: for an estimate of tokens. */
  readonly bytes: number;
  parts(ending: Ending): Part[];
}

const isObject = (json: string): boolean => {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

/**
 * Part ids are `<message>:<index>`: the same stream gives the same ids, so a delta and the part in the store name the same thing
 * without a table.
 * @param callKnown  whether the session has a call of this id. Some servers number their calls from 0 in each answer; such a call
 *   gets an id of its own, because everything behind this (results, permissions, views) tells calls apart by it
 */
export function openAnswer(session: string, message: string, callKnown: (call: string) => boolean): Answer {
  const open: Open[] = [];
  const calls = new Map<number, Open>();
  /** The ids as the server gave them: by these it tells its calls apart. */
  const ids = new Map<Open, string>();
  let shown = false;

  const begin = (kind: Open["kind"]): Open => {
    const part: Open = {
      kind,
      id: `${message}:${open.length}`,
      index: open.length,
      text: "",
      told: 0,
      signature: "",
      call: undefined,
      name: "",
      news: false,
    };
    open.push(part);
    return part;
  };
  const current = (kind: "text" | "reasoning"): Open => {
    const last = open.at(-1);
    // A signature ends its part: the next thought is another block of the provider's.
    return last?.kind === kind && last.signature === "" ? last : begin(kind);
  };
  const call = (record: Extract<StreamRecord, { kind: "tool" }>): Open => {
    let part = calls.get(record.index);
    // Some servers give every call index 0: another id at a known index is another call.
    const id = part && ids.get(part);
    if (id !== undefined && record.id !== undefined && record.id !== "" && record.id !== id) part = undefined;
    if (!part) {
      part = begin("tool_call");
      part.news = true;
      calls.set(record.index, part);
    }
    return part;
  };
  const close = (part: Open, ending: Ending): Part | undefined => {
    const base = { id: part.id, index: part.index };
    const cut = ending === "cut" && part === open.at(-1) ? { incomplete: true } : {};
    if (part.kind === "text") return part.text === "" ? undefined : { ...base, kind: "text", text: part.text, ...cut };
    if (part.kind === "reasoning")
      return part.text === "" && part.signature === ""
        ? undefined
        : { ...base, kind: "reasoning", text: part.text, ...(part.signature ? { signature: part.signature } : {}), ...cut };
    const made: ToolCallPart = { ...base, kind: "tool_call", call: part.call ?? callId(), name: part.name, input: part.text };
    // Calls without arguments come as nothing at all from some servers; in a stream that was cut nothing means: not yet.
    if (part.text.trim() === "" && ending === "whole") made.input = "{}";
    if (ending === "cut" || made.name === "" || !isObject(made.input)) made.incomplete = true;
    return made;
  };

  return {
    get shown() {
      return shown;
    },
    get textChars() {
      return open.reduce((sum, part) => (part.kind === "text" ? sum + part.text.length : sum), 0);
    },
    get bytes() {
      return open.reduce((sum, part) => sum + Buffer.byteLength(part.text) + part.name.length, 0);
    },
    take(record) {
      if (record.kind === "text" || record.kind === "reasoning") {
        if (record.text !== "") current(record.kind).text += record.text;
        return true;
      }
      if (record.kind === "signature") {
        // What is signed without words stands where it came: providers take it back in that order only.
        current("reasoning").signature = record.text;
        return true;
      }
      if (record.kind !== "tool") return false;
      const part = call(record);
      if (record.id && part.call === undefined) {
        ids.set(part, record.id);
        const isTaken = callKnown(record.id) || open.some((other) => other.call === record.id);
        part.call = isTaken ? callId() : record.id;
        part.news = true;
      }
      // The name comes whole; a server that repeats it with each fragment says the same.
      if (record.name && part.name === "") {
        part.name = record.name;
        part.news = true;
      }
      part.text += record.arguments;
      return true;
    },
    deltas() {
      const list: Delta[] = [];
      for (const part of open) {
        if (part.told === part.text.length && !part.news) continue;
        const delta: Delta = {
          type: "delta",
          session,
          message,
          part: part.id,
          index: part.index,
          kind: part.kind,
          offset: part.told,
          text: part.text.slice(part.told),
        };
        if (part.call !== undefined) delta.call = part.call;
        if (part.name !== "") delta.name = part.name;
        part.told = part.text.length;
        part.news = false;
        list.push(delta);
      }
      shown ||= list.length > 0;
      return list;
    },
    parts(ending) {
      return open.flatMap((part) => {
        const made = close(part, ending);
        // A call without an id gets one now, and keeps it.
        if (made?.kind === "tool_call") part.call = made.call;
        return made ? [made] : [];
      });
    },
  };
}

const callId = (): string => `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 24)}`;
