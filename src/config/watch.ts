import fs from "node:fs";
import path from "node:path";
import { type ConfigPlaces, configSources, defaultDataDirectory, overrideFile } from "./files.ts";

/** Editors write a file in several steps; what they make of it is looked at once they are done. */
const debounceMs = 150;

/**
 * Calls `changed` some moments after one of the files that `loadConfig` reads, one of `more`, or any in
 * `directories`, was written, came or went. Watches
 * directories, since a file that is replaced is another one. No timer runs while nothing happens.
 * @returns what ends it
 */
export function watchConfig(
  places: ConfigPlaces,
  more: readonly string[],
  directories: readonly string[],
  changed: () => void,
): () => void {
  const files = [...configSources(places).map(({ file }) => file), overrideFile(places.workspace, defaultDataDirectory).file, ...more];
  const names = new Map<string, Set<string>>();
  for (const file of files) {
    const directory = path.dirname(file);
    names.set(directory, (names.get(directory) ?? new Set()).add(path.basename(file)));
  }
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(changed, debounceMs);
    timer.unref();
  };
  const watchers = new Map<string, fs.FSWatcher>();
  const watch = (directory: string, wanted: (name: string | null) => boolean): void => {
    if (watchers.has(directory)) return;
    try {
      const watcher = fs.watch(directory, { persistent: false }, (_, name) => {
        if (wanted(name)) later();
      });
      // A directory that goes takes its watcher with it; the next turn looks at the files all the same.
      watcher.on("error", () => watcher.close());
      watchers.set(directory, watcher);
    } catch {
      // Not there, or no watch is left on this machine: the next turn looks all the same.
    }
  };
  for (const directory of directories) if (fs.existsSync(directory)) watch(directory, () => true);
  for (const [directory, wanted] of names) {
    if (fs.existsSync(directory)) watch(directory, (name) => name === null || wanted.has(name));
  }
  return () => {
    clearTimeout(timer);
    for (const watcher of watchers.values()) watcher.close();
  };
}
