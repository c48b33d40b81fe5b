import path from "node:path";
import { type CheckMore, type ConfigProblem, checkText } from "./check.ts";
import { type ConfigPlaces, configSources, defaultDataDirectory, overrideFile } from "./files.ts";
import { ConfigError, readProjectSource, readSource } from "./read.ts";
import { checkScript } from "./script/run.ts";

type CheckRequest = ConfigPlaces & { more?: CheckMore };

/** Checks one file, a crushrc for its syntax alone; undefined when there is none. Nothing of it is run. */
export async function checkFile(
  file: string,
  { workspace, env, more }: CheckRequest,
  trust: "user" | "project" = "user",
): Promise<ConfigProblem[] | undefined> {
  try {
    const read = trust === "user" ? readSource(file) : readProjectSource(file, workspace);
    if (!read) return undefined;
    if (!/^\.?crushrc$/.test(path.basename(file))) return checkText(file, read.text, more).problems;
    return await checkScript({ file, text: read.text, workspace, env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [{ file, level: "error", message: error.message.replace(`${file}: `, "") }];
  }
}

/** Checks every file that counts for a workspace. Scripts are not run, so what they set is not checked. */
export async function checkPlaces(places: CheckRequest): Promise<{ files: string[]; problems: ConfigProblem[] }> {
  const files: string[] = [];
  const problems: ConfigProblem[] = [];
  for (const { file, trust } of [...configSources(places), overrideFile(places.workspace, defaultDataDirectory)]) {
    const found = await checkFile(file, places, trust);
    if (!found) continue;
    files.push(file);
    problems.push(...found);
  }
  return { files, problems };
}
