// What is wanted of the events of a stream, as data: the kernel reads it from its memory, the plain version as it is.
import {
  CASE_BYTES,
  CASE_VALUE,
  CASE_VALUE_BYTES_MAX,
  CASES_HEAD_BYTES,
  CASES_KEY,
  CONTEXT_MAX,
  ENTRY_ARRAY,
  ENTRY_ARRAY_FIRST,
  ENTRY_BYTES,
  ENTRY_CONTEXT,
  ENTRY_COUNT,
  ENTRY_FLAG,
  ENTRY_KEY,
  ENTRY_OBJECT,
  ENTRY_RAW,
  ENTRY_TEXT,
  ENTRY_WHOLE,
  FLAG_HEAD,
  FLAG_RUN,
  KEY_BYTES_MAX,
  NODE_HEAD_BYTES,
  SCHEMA,
  SCHEMA_BYTES,
  SCOPE_OPTIONAL,
  SCOPE_REQUIRED,
} from "../../assembly/abi/sse.ts";

/** A string. Empty ones and null say nothing. */
export type TextLeaf = {
  kind: "text";
  field: number;
  /** A delta: texts of the same field and context that follow one another are joined. */
  run?: boolean;
  /** Told before all that is no head in its scope, whatever the order of keys. */
  head?: boolean;
  /** 1..31: of the texts of one object with the same group only the first key of the schema is told. */
  group?: number;
  /** What a value means that is neither string nor null; without it, nothing. */
  other?: (value: unknown, emit: (field: number, text: string) => void) => void;
};
/** Any value but null, told as a JavaScript value. Rare things: usage, errors. */
export type RawLeaf = { kind: "raw"; field: number };
/** A whole number 0..65534 that tells what belongs to the scope apart; told with every record of the scope, -1 when absent. */
/** `flag`: true is context 1; false, null and absence are 0. */
export type ContextLeaf = { kind: "context"; flag?: boolean };
/** A whole number below 2^31 that grows from event to event: of those that one `feed` brings the last is told, after all else. */
export type CountLeaf = { kind: "count"; field: number };
/** Any value but null makes its whole object a value of this field, told instead of what else is in it. Rare shapes. */
export type WholeLeaf = { kind: "whole"; field: number };
/** `by`: the string at `key` decides which keys count; those of the node itself when it is no such case. */
export type ObjectNode = {
  kind: "object";
  scope?: boolean;
  keys: Record<string, SchemaNode>;
  by?: { key: string; cases: Record<string, ObjectNode> };
};
/** Its objects, or only the first element. Scopes do not nest. */
export type ArrayNode = { kind: "array"; only?: boolean; item: ObjectNode };
export type SchemaNode = TextLeaf | RawLeaf | ContextLeaf | CountLeaf | WholeLeaf | ObjectNode | ArrayNode;

export type SseSchema = {
  root: ObjectNode;
  /** The data of an event named "error" is told as a value of this field. */
  errorField: number;
};

/** Hears what the events of a stream say, in order. */
export interface SseSink {
  text(field: number, context: number, text: string): void;
  value(field: number, context: number, value: unknown): void;
  /** `[DONE]` */
  done(): void;
  /** An event whose data is not JSON. */
  bad(data: string): void;
}

/** One stream. The same bytes say the same however they are cut; only the joining of deltas goes by `feed`. */
export interface SseParser {
  feed(bytes: Uint8Array, sink: SseSink): void;
  /** The stream has ended: an event without its blank line is told if it is whole. */
  end(sink: SseSink): void;
  /** Ends it early; nothing may be called any more. */
  close(): void;
}

/** Joins deltas that follow one another, and keeps counts for the end of a feed. */
export class Runs implements SseSink {
  readonly #sink: SseSink;
  #field = -1;
  #context = 0;
  #text = "";
  /** Made for the streams that count: there is one of these a feed. */
  #counts: Map<number, number> | undefined;
  constructor(sink: SseSink) {
    this.#sink = sink;
  }
  /** A text whose field is a run. */
  run(field: number, context: number, text: string): void {
    if (field === this.#field && context === this.#context) this.#text += text;
    else {
      this.flush();
      this.#field = field;
      this.#context = context;
      this.#text = text;
    }
  }
  text(field: number, context: number, text: string): void {
    this.flush();
    this.#sink.text(field, context, text);
  }
  value(field: number, context: number, value: unknown): void {
    this.flush();
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
    this.#counts ??= new Map();
    this.#counts.set(field, value);
  }
  /** The feed is over. */
  finish(): void {
    this.flush();
    if (this.#counts) for (const [field, value] of this.#counts) this.#sink.value(field, 0, value);
  }
  flush(): void {
    if (this.#field < 0) return;
    const { text } = this.#sink;
    text.call(this.#sink, this.#field, this.#context, this.#text);
    this.#field = -1;
    this.#text = "";
  }
}

type Found = { leaf: TextLeaf | RawLeaf | CountLeaf | WholeLeaf; text?: string; field: number; value?: unknown };

/** The schema, applied to a parsed event: what the kernel does for the common shapes, done for any. */
export function project(root: ObjectNode, value: unknown, runs: Runs): void {
  if (!isObject(value)) return;
  const found: Found[] = [];
  visit(root, value, runs, found);
  tell(found, 0, runs);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object says outside of the scopes within it; those are told from here, after what came before them. */
function collect(node: ObjectNode, object: Record<string, unknown>, runs: Runs, into: Found[] = []): Found[] {
  const groups = new Map<number, string>();
  const order = Object.keys(node.keys);
  for (const key of order) {
    const leaf = node.keys[key]!;
    if (leaf.kind !== "whole" || object[key] === null || object[key] === undefined) continue;
    into.push({ leaf, field: leaf.field, value: object });
    return into;
  }
  for (const key of order) {
    const leaf = node.keys[key]!;
    if (leaf.kind === "text" && leaf.group !== undefined && !groups.has(leaf.group) && says(object[key], leaf)) groups.set(leaf.group, key);
  }
  for (const key of Object.keys(object)) {
    const leaf = Object.hasOwn(node.keys, key) ? node.keys[key]! : undefined;
    const value = object[key];
    if (leaf === undefined || value === null || value === undefined) continue;
    if (leaf.kind === "object") {
      if (isObject(value)) visit(leaf, value, runs, into);
    } else if (leaf.kind === "array") {
      if (Array.isArray(value))
        for (const item of leaf.only ? value.slice(0, 1) : value) if (isObject(item)) visit(leaf.item, item, runs, into);
    } else if (leaf.kind === "raw") into.push({ leaf, field: leaf.field, value });
    else if (leaf.kind === "count") {
      if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value < 2 ** 31)
        into.push({ leaf, field: leaf.field, value });
    } else if (leaf.kind === "text") {
      if (leaf.group !== undefined && groups.has(leaf.group) && groups.get(leaf.group) !== key) continue;
      if (typeof value === "string") {
        if (value !== "") into.push({ leaf, field: leaf.field, text: value });
      } else leaf.other?.(value, (field, text) => text !== "" && into.push({ leaf, field, text }));
    }
  }
  return into;
}

function says(value: unknown, leaf: TextLeaf): boolean {
  if (typeof value === "string") return value !== "";
  return value !== null && value !== undefined && leaf.other !== undefined;
}

function visit(any: ObjectNode, object: Record<string, unknown>, runs: Runs, into: Found[]): void {
  const choice = any.by && object[any.by.key];
  const node = typeof choice === "string" && Object.hasOwn(any.by!.cases, choice) ? any.by!.cases[choice]! : any;
  if (!node.scope) {
    collect(node, object, runs, into);
    return;
  }
  tell(into.splice(0), 0, runs);
  const found = collect(node, object, runs);
  const key = Object.keys(node.keys).find((name) => node.keys[name]!.kind === "context");
  const leaf = key === undefined ? undefined : node.keys[key];
  const value = key === undefined ? undefined : object[key];
  const context = leaf?.kind === "context" && leaf.flag ? Number(value === true) : value;
  const known = typeof context === "number" && Number.isInteger(context) && context >= 0 && context <= CONTEXT_MAX;
  const isHead = ({ leaf }: Found) => leaf.kind === "text" && leaf.head === true;
  tell([...found.filter(isHead), ...found.filter((one) => !isHead(one))], known ? context + 0 : -1, runs);
}

function tell(found: Found[], context: number, runs: Runs): void {
  for (const { leaf, field, text, value } of found) {
    if (leaf.kind === "raw" || leaf.kind === "whole") runs.value(field, context, value);
    else if (leaf.kind === "count") runs.count(field, value as number);
    else if (leaf.run) runs.run(field, context, text!);
    else runs.text(field, context, text!);
  }
}

/** Writes the schema where the kernel reads it. @throws RangeError when it does not fit: a mistake in the schema. */
export function writeSchema(root: ObjectNode, memory: ArrayBuffer): void {
  const view = new DataView(memory);
  let free = SCHEMA;
  const write = (node: ObjectNode): number => {
    const keys = Object.entries(node.keys);
    const at = free;
    free += NODE_HEAD_BYTES + keys.length * ENTRY_BYTES;
    if (keys.length > 31 || free > SCHEMA + SCHEMA_BYTES) throw new RangeError("The schema of a stream is too large for the sse kernel");
    view.setUint32(at, keys.length, true);
    const optional = keys.some(([, child]) => child.kind === "context" && child.flag);
    view.setUint32(at + 4, node.scope ? (optional ? SCOPE_OPTIONAL : SCOPE_REQUIRED) : 0, true);
    view.setUint32(at + 8, node.by ? writeCases(node.by) : 0, true);
    keys.forEach(([key, child], i) => {
      const entry = at + NODE_HEAD_BYTES + i * ENTRY_BYTES;
      const bytes = Buffer.from(key);
      if (bytes.length > KEY_BYTES_MAX) throw new RangeError(`The key ${key} is too long for the sse kernel`);
      new Uint8Array(memory, entry + ENTRY_KEY, KEY_BYTES_MAX).set(bytes);
      const [kind, arg, group] = encode(child, write);
      view.setUint32(entry, bytes.length, true);
      view.setUint32(entry + 4, kind, true);
      view.setUint32(entry + 8, arg, true);
      view.setUint32(entry + 12, group, true);
    });
    return at;
  };
  const writeCases = ({ key, cases }: NonNullable<ObjectNode["by"]>): number => {
    const at = free;
    const all = Object.entries(cases);
    free += CASES_HEAD_BYTES + all.length * CASE_BYTES;
    if (free > SCHEMA + SCHEMA_BYTES) throw new RangeError("The schema of a stream is too large for the sse kernel");
    view.setUint32(at, all.length, true);
    view.setUint32(at + 4, Buffer.byteLength(key), true);
    new Uint8Array(memory, at + CASES_KEY, KEY_BYTES_MAX).set(Buffer.from(key));
    all.forEach(([value, node], i) => {
      const one = at + CASES_HEAD_BYTES + i * CASE_BYTES;
      view.setUint32(one, Buffer.byteLength(value), true);
      view.setUint32(one + 4, write(node), true);
      new Uint8Array(memory, one + CASE_VALUE, CASE_VALUE_BYTES_MAX).set(Buffer.from(value));
    });
    return at;
  };
  write(root);
}

function encode(node: SchemaNode, write: (node: ObjectNode) => number): [kind: number, arg: number, group: number] {
  switch (node.kind) {
    case "text":
      return [ENTRY_TEXT, node.field | (node.run ? FLAG_RUN : 0) | (node.head ? FLAG_HEAD : 0), node.group ?? 0];
    case "raw":
      return [ENTRY_RAW, node.field, 0];
    case "context":
      return [node.flag ? ENTRY_FLAG : ENTRY_CONTEXT, 0, 0];
    case "count":
      return [ENTRY_COUNT, node.field, 0];
    case "whole":
      return [ENTRY_WHOLE, node.field, 0];
    case "object":
      return [ENTRY_OBJECT, write(node), 0];
    case "array":
      return [node.only ? ENTRY_ARRAY_FIRST : ENTRY_ARRAY, write(node.item), 0];
  }
}
