import type { z } from "zod";
import { isObject, type Json, type JsonObject } from "./merge.ts";
import { type Position, pathKey, positionsOf } from "./positions.ts";
import { fileSchema } from "./schema.ts";
import { nearest } from "./nearest.ts";

/** A mistake in one file. An error makes a key unusable; a warning is something that has no effect. */
export type ConfigProblem = { file: string; line?: number; column?: number; key?: string; level: "error" | "warning"; message: string };
export type Checked = { value: JsonObject | undefined; problems: ConfigProblem[] };

/** Looks at what only somebody else can judge (which actions there are to bind, say). Its problems are warnings. */
export type CheckMore = (value: JsonObject) => { path: string[]; message: string }[];

/** Reads and checks the text of a JSON configuration file: syntax, types, unknown and repeated keys. Expands and runs nothing. */
export function checkText(file: string, given: string, more?: CheckMore): Checked {
  const text = given.charCodeAt(0) === 0xfeff ? given.slice(1) : given;
  if (text.trim() === "") return { value: {}, problems: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { problem } = positionsOf(text);
    // The message of V8 quotes the text around the mistake, which may be a key.
    return {
      value: undefined,
      problems: [
        { file, ...(problem && at(problem)), level: "error", message: `is not valid JSON: ${problem?.message ?? "cannot be read"}` },
      ],
    };
  }
  if (!isObject(value)) return { value: undefined, problems: [{ file, line: 1, level: "error", message: "must hold a JSON object" }] };
  return { value, problems: checkValue(file, value, text, more) };
}

/** Checks a value that has been read; `text` is what it was read from, for lines. */
export function checkValue(file: string, value: JsonObject, text?: string, more?: CheckMore): ConfigProblem[] {
  const problems: { path: string[]; level: ConfigProblem["level"]; message: string }[] = [];
  const checked = fileSchema.safeParse(value);
  for (const issue of checked.error?.issues ?? []) {
    const path = issue.path.map(String);
    problems.push({ path, level: "error", message: words(issue, valueAt(value, path)) });
  }
  unknownKeys(fileSchema, value, [], problems);
  // Of a wrong shape there is nothing more to say.
  if (checked.success) for (const { path, message } of more?.(value) ?? []) problems.push({ path, level: "warning", message });
  for (const event of Object.keys(isObject(value.hooks) ? value.hooks : {}))
    if (!isHookEvent(event))
      problems.push({ path: ["hooks", event], level: "warning", message: "no such event: only PreToolUse is known" });
  if (problems.length === 0 && text === undefined) return [];
  const positions = text === undefined ? undefined : positionsOf(text);
  const place = (path: string[]): Partial<Position> => {
    for (let length = path.length; length > 0; length--) {
      const position = positions?.keys.get(pathKey(path.slice(0, length)));
      if (position) return at(position);
    }
    return {};
  };
  return [
    ...problems.map(({ path, level, message }) => ({ file, ...place(path), key: path.join("."), level, message })),
    ...(positions?.twice ?? []).map(
      ({ path, position }): ConfigProblem => ({
        file,
        ...at(position),
        key: path.join("."),
        level: "warning",
        message: "stands here for the second time: this one counts",
      }),
    ),
  ].sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
}

/** Events are matched without regard to case and underscores, as Crush does. */
export const isHookEvent = (name: string): boolean => name.replaceAll("_", "").toLowerCase() === "pretooluse";

const at = ({ line, column }: Position): Position => ({ line, column });

function words(issue: z.core.$ZodIssue, value: Json | undefined): string {
  if (issue.code === "invalid_value") {
    const fits = issue.values.map(String);
    const near = typeof value === "string" ? nearest(value, fits) : undefined;
    return `must be one of ${fits.join(", ")}${near === undefined ? "" : `; did you mean "${near}"?`}`;
  }
  if (issue.code === "invalid_type")
    return value === undefined
      ? `is missing: ${article(issue.expected)} is expected`
      : `must be ${article(issue.expected)}, not ${article(kindOf(value))}`;
  if (issue.code === "invalid_union") return "must be a string or a list of strings";
  return issue.message;
}

const names: Record<string, string> = { record: "object", int: "whole number", array: "list" };
const article = (kind: string): string =>
  kind === "null" ? "null" : `${/^[aeiou]/.test(names[kind] ?? kind) ? "an" : "a"} ${names[kind] ?? kind}`;
const kindOf = (value: Json): string => (value === null ? "null" : Array.isArray(value) ? "array" : typeof value);

function valueAt(value: Json, path: string[]): Json | undefined {
  let here: Json | undefined = value;
  for (const key of path) {
    if (Array.isArray(here)) here = here[Number(key)];
    else if (isObject(here)) here = Object.hasOwn(here, key) ? here[key] : undefined;
    else return undefined;
  }
  return here;
}

type Node = z.core.$ZodType;
const unwrap = (node: Node): Node => {
  const { def } = node._zod;
  return "innerType" in def ? unwrap(def.innerType as Node) : node;
};
const shapeOf = (node: Node): Record<string, Node> | undefined => {
  const { def } = node._zod;
  return def.type === "object" ? (def as z.core.$ZodObjectDef).shape : undefined;
};

function unknownKeys(
  schema: Node,
  value: Json,
  path: string[],
  problems: { path: string[]; level: "error" | "warning"; message: string }[],
): void {
  const node = unwrap(schema);
  const { def } = node._zod;
  if (def.type === "array" && Array.isArray(value)) {
    for (const [index, item] of value.entries())
      unknownKeys((def as z.core.$ZodArrayDef).element, item, [...path, String(index)], problems);
  } else if (def.type === "record" && isObject(value)) {
    for (const [key, item] of Object.entries(value)) unknownKeys((def as z.core.$ZodRecordDef).valueType, item, [...path, key], problems);
  }
  const shape = shapeOf(node);
  if (!shape || !isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (inner) unknownKeys(inner, item, [...path, key], problems);
    else problems.push({ path: [...path, key], level: "warning", message: `is not known${hintFor(key, Object.keys(shape), path)}` });
  }
}

/** The key that was probably meant: a near name here, or the same name elsewhere. */
function hintFor(key: string, siblings: string[], path: string[]): string {
  const near = nearest(key, siblings);
  if (near !== undefined) return `; did you mean "${near}"?`;
  const elsewhere = allKeys().filter(({ name }) => name === key);
  const [only] = elsewhere;
  return elsewhere.length === 1 && only!.path !== path.join(".") ? `; it belongs under ${only!.path || "the top"}` : "";
}

let everyKey: { name: string; path: string }[] | undefined;
function allKeys(): { name: string; path: string }[] {
  if (everyKey) return everyKey;
  const keys: { name: string; path: string }[] = [];
  const walk = (schema: Node, path: string[]): void => {
    const node = unwrap(schema);
    const { def } = node._zod;
    if (def.type === "array") walk((def as z.core.$ZodArrayDef).element, path);
    else if (def.type === "record") walk((def as z.core.$ZodRecordDef).valueType, [...path, "*"]);
    for (const [name, inner] of Object.entries(shapeOf(node) ?? {})) {
      keys.push({ name, path: path.join(".") });
      walk(inner, [...path, name]);
    }
  };
  walk(fileSchema, []);
  everyKey = keys;
  return keys;
}
