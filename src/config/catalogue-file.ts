// The catalogue that was fetched last, in the data directory.
import fs from "node:fs";
import path from "node:path";
import type { ModelInfo } from "../protocol/index.ts";
import { isObject } from "./merge.ts";

type Model = Omit<ModelInfo, "provider" | "providerName">;
/** `at`: when it was known to be the newest one, in ms. `etag`: of `source`. */
export type SavedCatalogue = { source: string; at: number; etag?: string; providers: Record<string, Model[]> };

/** Raised when the form of the file changes; older ones are fetched anew. */
const formVersion = 1;
const nameOf = (dataDir: string): string => path.join(dataDir, "catalogue.json");

/** Undefined when there is none, or none of this form. */
export function readSavedCatalogue(dataDir: string): SavedCatalogue | undefined {
  try {
    const value = JSON.parse(fs.readFileSync(nameOf(dataDir), "utf8")) as SavedCatalogue & { form?: unknown };
    return value.form === formVersion && isObject(value.providers as never) && Object.values(value.providers).every(isList)
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

const isList = (models: unknown): boolean =>
  Array.isArray(models) &&
  models.every((one: Partial<Model> | null) => typeof one?.model === "string" && typeof one.price?.input === "number");

/** Whole or not at all: it is renamed into its place. */
export function saveCatalogue(dataDir: string, catalogue: SavedCatalogue): void {
  const file = nameOf(dataDir);
  const fresh = `${file}.${process.pid}`;
  fs.writeFileSync(fresh, JSON.stringify({ form: formVersion, ...catalogue }), { mode: 0o600 });
  fs.renameSync(fresh, file);
}

export function dropCatalogue(dataDir: string): void {
  fs.rmSync(nameOf(dataDir), { force: true });
}
