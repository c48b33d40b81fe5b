// Markdown files in directories: what custom commands and skills are made of.
import fs from "node:fs";
import path from "node:path";
import { ConfigError, type SourceText } from "./read.ts";

export type MarkdownFile = SourceText & {
  file: string;
  /** Names of the directories between the one that was looked in and the file. */
  inside: string[];
};

/** Files of one kind in a directory: more than anybody chooses among. */
const filesMax = 200;
/** Entries looked at for them: a directory of skills may hold their material, too. */
const entriesMax = 5_000;
const depthMax = 6;

/**
 * Files below a directory whose names fit, in one order; links to directories are followed, not in circles.
 * @param read  undefined or a ConfigError: there is no such file, as far as anybody is concerned
 */
export function markdownFiles(
  directory: string,
  fits: (name: string) => boolean,
  read: (file: string) => SourceText | undefined,
): MarkdownFile[] {
  const found: MarkdownFile[] = [];
  const seen = new Set<string>();
  let looked = 0;
  const walk = (at: string, inside: string[]): void => {
    let names: string[];
    try {
      const real = fs.realpathSync(at);
      if (seen.has(real)) return;
      seen.add(real);
      names = fs.readdirSync(at).sort();
    } catch {
      return;
    }
    for (const name of names) {
      if (found.length >= filesMax || ++looked > entriesMax) return;
      const file = path.join(at, name);
      if (fits(name)) {
        const source = readOrNone(file, read);
        if (source) found.push({ file, inside, ...source });
      } else if (inside.length < depthMax && isDirectory(file)) walk(file, [...inside, name]);
    }
  };
  walk(directory, []);
  return found;
}

function isDirectory(file: string): boolean {
  try {
    return fs.statSync(file).isDirectory();
  } catch {
    return false;
  }
}

function readOrNone(file: string, read: (file: string) => SourceText | undefined): SourceText | undefined {
  try {
    return read(file);
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}
