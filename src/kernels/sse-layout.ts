// A schema as the sse kernel reads it: nodes and entries of assembly/abi/sse.ts.
import {
  CASE_BYTES,
  CASE_VALUE,
  CASE_VALUE_BYTES_MAX,
  CASES_HEAD_BYTES,
  CASES_KEY,
  COUNT_FIELDS_MAX,
  ENTRY_ARRAY,
  ENTRY_ARRAY_FIRST,
  ENTRY_BYTES,
  ENTRY_CONTEXT,
  ENTRY_COUNT,
  ENTRY_FLAG,
  ENTRY_JSON,
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
import type { ObjectNode, SchemaNode } from "./sse-schema.ts";

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
    view.setUint32(at + 12, node.end ?? 0, true);
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
    case "json":
      return [ENTRY_JSON, node.field, 0];
    case "count":
      if (node.field >= COUNT_FIELDS_MAX) throw new RangeError(`The count field ${node.field} is too large for the sse kernel`);
      return [ENTRY_COUNT, node.field, 0];
    case "whole":
      return [ENTRY_WHOLE, node.field, 0];
    case "object":
      return [ENTRY_OBJECT, write(node), 0];
    case "array":
      return [node.only ? ENTRY_ARRAY_FIRST : ENTRY_ARRAY, write(node.item), 0];
  }
}
