// A schema applied to an event that JSON.parse has read.
import { CONTEXT_MAX } from "../../../assembly/abi/sse.ts";
import type { Runs } from "../sse-runs.ts";
import type { CountLeaf, JsonLeaf, ObjectNode, RawLeaf, TextLeaf, WholeLeaf } from "../sse-schema.ts";
import { jsonAt } from "./json-source.ts";

type Found = { leaf: TextLeaf | RawLeaf | JsonLeaf | CountLeaf | WholeLeaf; text?: string; field: number; value?: unknown };

/** Where an object stands in the text of its event. */
type Place = { json: string } | { up: Place; key: string | number };

/**
 * The schema, applied to a parsed event: what the kernel does for the common shapes, done for any.
 * @param json  the text that `value` was parsed from
 */
export function project(root: ObjectNode, json: string, value: unknown, runs: Runs): void {
  if (!isObject(value)) return;
  const found: Found[] = [];
  visit(root, value, runs, found, { json });
  tell(found, 0, runs);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What an object says outside of the scopes within it; those are told from here, after what came before them. */
function collect(node: ObjectNode, object: Record<string, unknown>, runs: Runs, place: Place, into: Found[] = []): Found[] {
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
      if (isObject(value)) visit(leaf, value, runs, into, { up: place, key });
    } else if (leaf.kind === "array") {
      if (!Array.isArray(value)) continue;
      for (const [i, item] of (leaf.only ? value.slice(0, 1) : value).entries())
        if (isObject(item)) visit(leaf.item, item, runs, into, { up: { up: place, key }, key: i });
    } else if (leaf.kind === "json") into.push({ leaf, field: leaf.field, text: sourceOf({ up: place, key }) });
    else if (leaf.kind === "raw") into.push({ leaf, field: leaf.field, value });
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

function visit(any: ObjectNode, object: Record<string, unknown>, runs: Runs, into: Found[], place: Place): void {
  const choice = any.by && object[any.by.key];
  const node = typeof choice === "string" && Object.hasOwn(any.by!.cases, choice) ? any.by!.cases[choice]! : any;
  if (!node.scope) {
    collect(node, object, runs, place, into);
    return;
  }
  tell(into.splice(0), 0, runs);
  const found = collect(node, object, runs, place);
  const key = Object.keys(node.keys).find((name) => node.keys[name]!.kind === "context");
  const leaf = key === undefined ? undefined : node.keys[key];
  const value = key === undefined ? undefined : object[key];
  const context = leaf?.kind === "context" && leaf.flag ? Number(value === true) : value;
  const known = typeof context === "number" && Number.isInteger(context) && context >= 0 && context <= CONTEXT_MAX;
  const isHead = ({ leaf }: Found) => leaf.kind === "text" && leaf.head === true;
  const told = known ? context + 0 : -1;
  tell([...found.filter(isHead), ...found.filter((one) => !isHead(one))], told, runs);
  if (node.end !== undefined && found.some(({ leaf }) => leaf.kind !== "text" || leaf.run !== true)) runs.text(node.end, told, "");
}

function tell(found: Found[], context: number, runs: Runs): void {
  for (const { leaf, field, text, value } of found) {
    if (leaf.kind === "raw" || leaf.kind === "whole") runs.value(field, context, value);
    else if (leaf.kind === "count") runs.count(field, value as number);
    else if (leaf.kind === "text" && leaf.run) runs.run(field, context, text!, true);
    else runs.text(field, context, text!);
  }
}

/** The text of a value, as it stands in the event. */
function sourceOf(place: Place): string {
  const path: (string | number)[] = [];
  let at = place;
  while ("up" in at) {
    path.unshift(at.key);
    at = at.up;
  }
  return jsonAt(at.json, path);
}
