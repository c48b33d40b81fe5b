import fs from "node:fs";
import { type ConfigPlaces, configSources } from "./files.ts";

/** Size, time and identity of a file, or that there is none. */
const stampOf = (file: string): string => {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found ? `${found.size}:${found.mtimeMs}:${found.ino}` : "-";
};

/** Changes when a file that `loadConfig` reads changes, comes or goes, or one of `more`. About 10 us a file. */
export function configStamp(places: ConfigPlaces, more: readonly string[] = []): string {
  return [...configSources(places).map(({ file }) => file), ...more].map(stampOf).join(" ");
}
