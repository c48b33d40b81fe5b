import { type ConfigProblem, checkText } from "./check.ts";
import { type ConfigPlaces, configSources, defaultDataDirectory, overrideFile } from "./files.ts";
import { ConfigError, readProjectSource, readSource } from "./read.ts";

/** Checks one JSON file; undefined when there is none. */
export function checkSource(file: string, workspace?: string): ConfigProblem[] | undefined {
  try {
    const read = workspace === undefined ? readSource(file) : readProjectSource(file, workspace);
    return read && checkText(file, read.text).problems;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ file, level: "error", message: error.message.replace(`${file}: `, "") }];
  }
}

/** Checks every JSON file that counts for a workspace. Scripts are not run, so what they set is not checked. */
export function checkPlaces(places: ConfigPlaces): { files: string[]; problems: ConfigProblem[] } {
  const files: string[] = [];
  const problems: ConfigProblem[] = [];
  for (const { file, script, trust } of [...configSources(places), overrideFile(places.workspace, defaultDataDirectory)]) {
    const found = script ? undefined : checkSource(file, trust === "project" ? places.workspace : undefined);
    if (!found) continue;
    files.push(file);
    problems.push(...found);
  }
  return { files, problems };
}
