import { z } from "zod";

// Models write "200" for 200, "true" for true and null for nothing. Saying no to that costs a whole completion, so it is read as meant.

const absent = (value: unknown) => (value === null || value === "" ? undefined : value);

/** A string that must be there (it may be empty). */
export const text = (description: string) => z.string().describe(description);

export const optionalText = (description: string) => z.preprocess(absent, z.string().optional()).describe(description);

export const optionalInteger = (description: string, bounds: { min: number; max?: number }) => {
  const integer = z
    .int()
    .min(bounds.min)
    .max(bounds.max ?? Number.MAX_SAFE_INTEGER);
  const read = (value: unknown) => (typeof value === "string" && /^\s*-?\d+(\.0+)?\s*$/.test(value) ? Number(value) : absent(value));
  return z.preprocess(read, integer.optional()).describe(description);
};

const readFlag = (value: unknown) =>
  value === "true" || value === "True" ? true : value === "false" || value === "False" ? false : absent(value);

export const flag = (description: string) => z.preprocess(readFlag, z.boolean()).describe(description);
export const optionalFlag = (description: string) => z.preprocess(readFlag, z.boolean().optional()).describe(description);

/** An array, also when it was written as a string of JSON. */
export const list = <T extends z.ZodType>(item: T, description: string) => z.preprocess(readList, z.array(item)).describe(description);
export const optionalList = <T extends z.ZodType>(item: T, description: string) =>
  z.preprocess((value) => absent(readList(value)), z.array(item).optional()).describe(description);

function readList(value: unknown): unknown {
  if (typeof value !== "string" || !value.trimStart().startsWith("[")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
