import path from "node:path";
import { type ConfigProblem, checkFile, checkPlaces, ConfigError, gather, openTrust, withoutSecrets } from "../../config/index.ts";
import { exitCode, flag, type Parsed, UsageError } from "../args.ts";
import { type Place, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { keyProblems } from "../key-problems.ts";
import { configDirectory } from "../paths.ts";
import { plain, plainJson } from "../plain.ts";

/** `crush config check [FILE...]` and `crush config show`; both read files only and need no server. */
export async function configCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  if (parsed.sub === "check") return await check(parsed, at);
  if (parsed.sub === "show") return await show(parsed, at);
  throw new UsageError("crush config: check or show?");
}

const placesOf = ({ cwd, dataDir }: Place) => {
  const env = clientEnv();
  return { workspace: cwd, configDir: configDirectory(env), env, trust: openTrust(dataDir), more: keyProblems };
};

/** Names every mistake with file, line and key; nothing is expanded or run. Exit code 1 when there is an error among them. */
async function check(parsed: Parsed, at: Place): Promise<number> {
  const places = placesOf(at);
  const named = async (file: string): Promise<ConfigProblem[]> => {
    const found = await checkFile(path.resolve(file), places);
    if (found === undefined) throw new UsageError(`${file} does not exist`);
    return found;
  };
  const { files, problems } =
    parsed.words.length > 0
      ? { files: parsed.words, problems: (await Promise.all(parsed.words.map(named))).flat() }
      : await checkPlaces(places);
  const bad = problems.some(({ level }) => level === "error");
  if (flag(parsed.values, "json")) process.stdout.write(`${plainJson({ files, problems }, 2)}\n`);
  else {
    for (const problem of problems) process.stdout.write(`${plain(lineOf(problem))}\n`);
    if (problems.length === 0)
      process.stdout.write(
        files.length === 0 ? "there is no configuration file\n" : plain(`${files.map((file) => `${file}: ok`).join("\n")}\n`),
      );
  }
  return bad ? exitCode.failed : exitCode.done;
}

const lineOf = ({ file, line, column, key, level, message }: ConfigProblem): string =>
  `${[file, line, column].filter((part) => part !== undefined).join(":")}: ${level}: ${key === undefined ? "" : `${key} `}${message}`;

/** What all files say together, before anything is expanded; secrets are replaced, and standard error tells what was left out. */
async function show(parsed: Parsed, at: Place): Promise<number> {
  try {
    const { merged, files, notices } = await gather(placesOf(at));
    const config = withoutSecrets(merged);
    process.stdout.write(`${plainJson(flag(parsed.values, "json") ? { config, files, notices } : config, 2)}\n`);
    if (flag(parsed.values, "json")) return exitCode.done;
    for (const file of files) process.stderr.write(`read: ${plain(file)}\n`);
    for (const { file, line, key, message } of notices)
      process.stderr.write(
        `note: ${plain(`${file}${line === undefined ? "" : `:${line}`}: ${key === undefined ? "" : `${key}: `}${message}`)}\n`,
      );
    return exitCode.done;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`crush: ${plain(error.message)}\n`);
    return exitCode.failed;
  }
}
