import { z } from "zod";

/** Keys that providers refuse, ignore, or that only repeat what "integer" says. */
const dropped = new Set(["$schema", "additionalProperties"]);

/** Plain JSON Schema of a tool's input: type, properties, required, description, enum, items and bounds. */
export function jsonSchema(input: z.ZodType): Record<string, unknown> {
  const made = z.toJSONSchema(input, { io: "output", target: "draft-7" });
  const clean = tidy(made) as Record<string, unknown>;
  return { type: "object", properties: clean.properties ?? {}, required: clean.required ?? [] };
}

function tidy(node: unknown, isProperties = false): unknown {
  if (Array.isArray(node)) return node.map((item) => tidy(item));
  if (typeof node !== "object" || node === null) return node;
  const entries = Object.entries(node).filter(
    ([key, value]) =>
      isProperties ||
      !(dropped.has(key) || ((key === "minimum" || key === "maximum") && Math.abs(value as number) >= Number.MAX_SAFE_INTEGER)),
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, tidy(value, key === "properties" && !isProperties)]));
}
