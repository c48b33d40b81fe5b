// What is wanted of the events of a stream, as data: the kernel reads it from its memory (sse-layout.ts), the plain version as it is.
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
/** Any value but null, told as the JSON text that stands in the stream: what goes on as text is not parsed and written again. */
export type JsonLeaf = { kind: "json"; field: number };
/** A whole number 0..65534 that tells what belongs to the scope apart; told with every record of the scope, -1 when absent. */
/** `flag`: true is context 1; false, null and absence are 0. */
export type ContextLeaf = { kind: "context"; flag?: boolean };
/**
 * A whole number below 2^31 that grows from event to event: of those that one `feed` brings the last is told, after all else, in the
 * order of fields. Its field is below COUNT_FIELDS_MAX.
 */
export type CountLeaf = { kind: "count"; field: number };
/** Any value but null makes its whole object a value of this field, told instead of what else is in it. Rare shapes. */
export type WholeLeaf = { kind: "whole"; field: number };
/**
 * `end`: a field told as an empty text behind a scope that said anything but deltas.
 * `by`: the string at `key` decides which keys count; those of the node itself when it is no such case.
 */
export type ObjectNode = {
  kind: "object";
  scope?: boolean;
  end?: number;
  keys: Record<string, SchemaNode>;
  by?: { key: string; cases: Record<string, ObjectNode> };
};
/** Its objects, or only the first element. Scopes do not nest. */
export type ArrayNode = { kind: "array"; only?: boolean; item: ObjectNode };
export type SchemaNode = TextLeaf | RawLeaf | JsonLeaf | ContextLeaf | CountLeaf | WholeLeaf | ObjectNode | ArrayNode;

export type SseSchema = {
  root: ObjectNode;
  /** The data of an event named "error" is told as a value of this field. */
  errorField: number;
};

/** Hears what the events of a stream say, in order. */
export interface SseSink {
  /** Set before each `text` and `value`: halves of surrogate pairs may be in it. Far the most texts cannot have any, and looking for them costs. */
  loose?: boolean;
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
