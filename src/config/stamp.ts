import fs from "node:fs";
import { type ConfigPlaces, configSources } from "./files.ts";

/** Changes when a file that `loadConfig` reads changes, comes or goes: sizes and times of all of them. About 10 us a file. */
export function configStamp(places: ConfigPlaces): string {
  return configSources(places)
    .map(({ file }) => {
      const found = fs.statSync(file, { throwIfNoEntry: false });
      return found ? `${found.size}:${found.mtimeMs}:${found.ino}` : "-";
    })
    .join(" ");
}
