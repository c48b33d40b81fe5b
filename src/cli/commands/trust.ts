import fs from "node:fs";
import path from "node:path";
import { createTwoFilesPatch } from "diff";
import { createInterface } from "node:readline/promises";
import { ConfigError, decideTrust, listTrust, projectFiles, revokeTrust } from "../../config/index.ts";
import type { ProjectFileState } from "../../contracts/config.ts";
import { exitCode, flag, type Parsed, UsageError } from "../args.ts";
import { type Place, place } from "../connection.ts";
import { clientEnv } from "../environment.ts";
import { configDirectory } from "../paths.ts";
import { plain, plainJson } from "../plain.ts";

/**
 * `crush trust [DIR]`: shows what a project's configuration would set and asks; `--yes` answers. `--list` tells what is trusted,
 * `--revoke` takes it back. Works on files, so a server that runs sees it with the next turn.
 */
export async function trustCommand(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  if (flag(parsed.values, "list")) return list(parsed, at);
  const workspace = directory(parsed, at);
  if (flag(parsed.values, "revoke")) {
    const revoked = revokeTrust(at.dataDir, workspace);
    for (const file of revoked) process.stdout.write(`no longer trusted: ${plain(file)}\n`);
    if (revoked.length === 0) process.stdout.write(`nothing in ${plain(workspace)} was trusted\n`);
    return exitCode.done;
  }
  const request = { workspace, configDir: configDirectory(process.env), env: clientEnv(), dataDir: at.dataDir };
  const files = projectFiles(request);
  const open = files.filter(({ state }) => state !== "trusted");
  if (flag(parsed.values, "json")) {
    process.stdout.write(
      `${plainJson(
        files.map(({ text: _, before: __, ...file }) => file),
        2,
      )}\n`,
    );
    return exitCode.done;
  }
  if (open.length === 0) {
    process.stdout.write(
      files.length === 0
        ? `no file in ${plain(workspace)} sets anything that needs trust\n`
        : `${files.length} file${files.length > 1 ? "s" : ""} in ${plain(workspace)}: trusted as they are\n`,
    );
    return exitCode.done;
  }
  for (const file of open) show(file, workspace);
  if (!flag(parsed.values, "yes") && !(await ask(open.length))) {
    process.stdout.write("nothing was changed\n");
    return exitCode.denied;
  }
  try {
    decideTrust(request, "grant", open);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.message);
    throw error;
  }
  for (const { file, hash } of open) process.stdout.write(`trusted: ${plain(file)} (${hash.slice(0, 12)})\n`);
  return exitCode.done;
}

function directory(parsed: Parsed, at: Place): string {
  const [given, more] = parsed.words;
  if (more !== undefined) throw new UsageError("crush trust takes one directory");
  if (given === undefined) return at.cwd;
  try {
    return fs.realpathSync(path.resolve(at.cwd, given));
  } catch {
    throw new UsageError(`${given} is not a directory`);
  }
}

function list(parsed: Parsed, at: Place): number {
  const trusted = listTrust(at.dataDir);
  if (flag(parsed.values, "json")) process.stdout.write(`${plainJson(trusted, 2)}\n`);
  else
    for (const { file, hash, at: time } of trusted)
      process.stdout.write(`${new Date(time).toISOString()}  ${hash.slice(0, 12)}  ${plain(file)}\n`);
  return exitCode.done;
}

/** All of it: what is agreed to is what was shown. */
function show({ file, state, script, keys, text, before }: ProjectFileState, workspace: string): void {
  const name = path.relative(workspace, file);
  process.stdout.write(
    plain(
      `\n${file}: ${state === "changed" ? "changed since it was trusted" : "not trusted"}; ${script ? "a script, which will be run with all that it calls" : `sets ${keys.join(", ")}`}\n`,
    ),
  );
  process.stdout.write(plain(createTwoFilesPatch(name, name, before ?? "", text, before === undefined ? "nothing" : "trusted", "now")));
}

async function ask(count: number): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("crush trust: standard input is no terminal; to agree without being asked: --yes");
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await lines.question(`Trust exactly ${count === 1 ? "these contents" : `these ${count} files`}? [y/N] `);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
