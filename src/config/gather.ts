import type { ConfigNotice, UntrustedFile } from "../contracts/config.ts";
import { type CheckMore, checkText, checkValue, type ConfigProblem } from "./check.ts";
import { type ConfigPlaces, type ConfigSource, configSources, defaultDataDirectory, overrideFile } from "./files.ts";
import { type JsonObject, isObject, merge } from "./merge.ts";
import { pathKey, positionsOf } from "./positions.ts";
import { harmlessOnly } from "./project-keys.ts";
import { ConfigError, readProjectSource, readSource, type SourceText } from "./read.ts";
import { NoBash, runScript } from "./script/run.ts";
import type { Trust } from "./trust.ts";

export type GatherRequest = ConfigPlaces & {
  /** What the user said of projects' files; without it none is trusted. */
  trust?: Trust;
  /** Results of scripts by file and contents, so that one reading of the configuration runs each once. */
  scripts?: Map<string, Promise<{ value: JsonObject; sourced: string[] }>>;
  more?: CheckMore;
};

/** What all files say together, as it is written there: nothing is expanded yet. */
export type Gathered = { merged: JsonObject; notices: ConfigNotice[]; files: string[]; untrusted: UntrustedFile[] };

/**
 * Reads, checks and merges every file, lowest precedence first. Of a project's file that was not trusted only harmless keys count,
 * and its script is not run.
 * @throws ConfigError when one of the user's own files is wrong; a wrong project file is left out with a notice
 */
export async function gather(request: GatherRequest): Promise<Gathered> {
  const state: Gathered = { merged: {}, notices: [], files: [], untrusted: [] };
  for (const source of configSources(request)) await take(source, request, state);
  const options = isObject(state.merged.options) ? state.merged.options : {};
  const directory = typeof options.data_directory === "string" ? options.data_directory : defaultDataDirectory;
  await take(overrideFile(request.workspace, directory), request, state);
  return state;
}

async function take(source: ConfigSource, request: GatherRequest, state: Gathered): Promise<void> {
  const { file, trust } = source;
  try {
    const read = trust === "user" ? readSource(file) : readProjectSource(file, request.workspace);
    if (!read) return;
    state.files.push(file);
    const value = await (source.script ? ofScript : ofJson)(source, read, request, state);
    if (value) state.merged = merge(state.merged, value);
  } catch (error) {
    if (error instanceof NoBash) state.notices.push({ file, message: error.message });
    else if (trust === "user" || !(error instanceof ConfigError)) throw error;
    else
      state.notices.push({
        file,
        ...(error.line === undefined ? {} : { line: error.line }),
        // The file and its line are said before.
        message: `left out: ${error.message.replace(/^.*?crush(?:\.json|rc)(?::\d+)?: /s, "")}`,
      });
  }
}

async function ofScript(source: ConfigSource, read: SourceText, request: GatherRequest, state: Gathered): Promise<JsonObject | undefined> {
  const { file, trust } = source;
  if (trust === "project" && !request.trust?.isTrusted(file, read.hash)) {
    waits(source, read, [], request, state);
    state.notices.push({ file, message: "is a script and was not run: crush trust shows it and asks" });
    return undefined;
  }
  const key = `${file}\n${read.hash}`;
  let result = request.scripts?.get(key);
  if (result === undefined) {
    const sourced: string[] = [];
    const { workspace, env } = request;
    result = runScript({ file, text: read.text, workspace, env, onSource: (each) => sourced.push(each) }).then((value) => ({
      value,
      sourced,
    }));
    request.scripts?.set(key, result);
    // Whoever awaits it hears of it.
    result.catch(() => {});
  }
  const { value, sourced } = await result;
  state.files.push(...sourced);
  const problems = checkValue(file, value, undefined, request.more);
  refuse(source, problems, "script");
  state.notices.push(...problems.map(noticeOf));
  return value;
}

async function ofJson(source: ConfigSource, read: SourceText, request: GatherRequest, state: Gathered): Promise<JsonObject | undefined> {
  const { file, trust } = source;
  const { value, problems } = checkText(file, read.text, request.more);
  if (!value) {
    refuse(source, problems, "syntax");
    return undefined;
  }
  if (trust === "user" || request.trust?.isTrusted(file, read.hash)) {
    refuse(source, problems, "shape");
    state.notices.push(...problems.map(noticeOf));
    return value;
  }
  const { kept, left, notices } = harmlessOnly(file, value, request.workspace);
  if (left.length > 0) waits(source, read, left, request, state);
  const positions = positionsOf(read.text);
  const withLine = (notice: ConfigNotice): ConfigNotice => {
    const line = notice.key === undefined ? undefined : positions.keys.get(pathKey(notice.key.split(".")))?.line;
    return line === undefined ? notice : { ...notice, line };
  };
  state.notices.push(
    ...notices.map(withLine),
    ...left.map((key) => withLine({ file, key, message: "left out: it counts only when you trust this project (crush trust)" })),
  );
  const isLeft = ({ key }: ConfigProblem): boolean => left.some((each) => key === each || key?.startsWith(`${each}.`));
  const own = problems.filter((problem) => !isLeft(problem));
  refuse(source, own, "shape");
  state.notices.push(...own.map(noticeOf));
  return kept;
}

/** @throws ConfigError for the first error among the problems */
function refuse({ file }: ConfigSource, problems: readonly ConfigProblem[], code: "syntax" | "shape" | "script"): void {
  const first = problems.find(({ level }) => level === "error");
  if (first) throw new ConfigError(code, file, first.key === undefined ? first.message : `${first.key}: ${first.message}`, first.line);
}

function waits({ file, script }: ConfigSource, { hash }: SourceText, keys: string[], { trust }: GatherRequest, state: Gathered): void {
  state.untrusted.push({
    file,
    hash,
    state: trust?.trustedText(file) === undefined ? "new" : "changed",
    keys,
    script,
    declined: trust?.isDeclined(file, hash) ?? false,
  });
}

const noticeOf = ({ file, line, key, message }: ConfigProblem): ConfigNotice => ({
  file,
  ...(line === undefined ? {} : { line }),
  ...(key === undefined ? {} : { key }),
  message,
});
