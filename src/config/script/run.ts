import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ConfigProblem } from "../check.ts";
import type { JsonObject } from "../merge.ts";
import { ConfigError, isInside } from "../read.ts";
import { applyBuiltin, BuiltinError } from "./builtins.ts";

/** A script that asks a password manager needs a moment; one that hangs must not hold up a session for long. Crush waits 30 s. */
const scriptTimeoutMs = 20_000;
/** What a configuration can say at most. */
const recordsBytesMax = 1 << 20;
/** The end of what a failing script wrote, for its message. */
const stderrBytesMax = 4_096;

/** There is no bash on this machine. */
export class NoBash extends Error {
  override readonly name = "NoBash";
}

/**
 * Our commands as functions: each notes where and how it was called. `model large` alone prints what was chosen, as in Crush. Works
 * with the bash 3.2 of macOS.
 */
const prelude = `__crush_out=$1
__crush_script=$2
set --
__crush_large= __crush_small=
__crush_note() {
  printf '%s\\0' "\${BASH_LINENO[1]}" "\${BASH_SOURCE[2]}" "$#" "$@" >>"$__crush_out"
}
provider() { __crush_note provider "$@"; }
mcp() { __crush_note mcp "$@"; }
lsp() { __crush_note lsp "$@"; }
hook() { __crush_note hook "$@"; }
permissions() { __crush_note permissions "$@"; }
option() { __crush_note option "$@"; }
model() {
  if [[ $# -eq 1 && $1 == large ]]; then printf '%s\\n' "$__crush_large"; return; fi
  if [[ $# -eq 1 && $1 == small ]]; then printf '%s\\n' "$__crush_small"; return; fi
  if [[ $1 == large ]]; then __crush_large=$2; fi
  if [[ $1 == small ]]; then __crush_small=$2; fi
  __crush_note model "$@"
}
source "$__crush_script"
`;

/** Variables by which an environment runs code of its own in each shell, or in each program. */
const unclean =
  /^(BASH_ENV|ENV|SHELLOPTS|BASHOPTS|PS4|PROMPT_COMMAND|CDPATH|GLOBIGNORE|LD_PRELOAD|LD_AUDIT|DYLD_.*|NODE_OPTIONS|BASH_FUNC_.*|__crush_.*)$/;

export type ScriptRequest = {
  /** What is shown in messages; its directory is where the script runs. */
  file: string;
  /** The text that was read and trusted: the file itself is not read again. */
  text: string;
  workspace: string;
  env: Record<string, string | undefined>;
  /** Told of each file that it sourced which configured something: its contents count, too. */
  onSource?: (file: string) => void;
};

/**
 * Runs a crushrc in bash and answers what it configures. No profile is read, standard input is empty, and the environment is the
 * user's without what would run code in the shell.
 * @throws NoBash; ConfigError script, with the line, when it fails, takes too long or calls a command with wrong words
 */
export async function runScript(request: ScriptRequest): Promise<JsonObject> {
  const { file, text, workspace, env } = request;
  const bash = findBash(env, workspace);
  if (bash === undefined) throw new NoBash("needs bash, which is not on the path: install it, or say the same in crush.json");
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-rc-"));
  try {
    const [main, script, out] = ["main", "crushrc", "out"].map((name) => path.join(directory, name)) as [string, string, string];
    fs.writeFileSync(main, prelude, { mode: 0o600 });
    fs.writeFileSync(script, text, { mode: 0o600 });
    fs.writeFileSync(out, "", { mode: 0o600 });
    const clean: Record<string, string> = { CRUSH_VERSION: __VERSION__ };
    for (const [name, value] of Object.entries(env)) if (value !== undefined && !unclean.test(name)) clean[name] = value;
    const end = await run(bash, ["--noprofile", "--norc", main, out, script], path.dirname(file), clean);
    const shown = (message: string): string => message.replaceAll(script, file);
    if (end.timedOut) throw new ConfigError("script", file, `did not end within ${scriptTimeoutMs / 1_000} s and was stopped`);
    if (end.code !== 0) {
      const last = shown(end.stderr.trimEnd().split("\n").at(-1) ?? "").slice(0, 300);
      const line = /: line (\d+): /.exec(last);
      throw new ConfigError(
        "script",
        file,
        `ended with ${end.code === null ? `signal ${end.signal}` : `exit code ${end.code}`}${last === "" ? "" : `: ${last}`}`,
        line && last.startsWith(file) ? Number(line[1]) : undefined,
      );
    }
    const calls = readRecords(out, file);
    for (const source of new Set(calls.map((call) => call.source)))
      if (source !== script) request.onSource?.(path.resolve(path.dirname(file), source));
    return configOf(calls, script, file);
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

/** What bash says of the syntax of a script, which it reads and does not run. */
export async function checkScript({ file, text, workspace, env }: ScriptRequest): Promise<ConfigProblem[]> {
  const bash = findBash(env, workspace);
  if (bash === undefined) return [{ file, level: "warning", message: "needs bash, which is not on the path" }];
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "crush-rc-"));
  try {
    const script = path.join(directory, "crushrc");
    fs.writeFileSync(script, text, { mode: 0o600 });
    const end = await run(bash, ["--noprofile", "--norc", "-n", script], directory, { PATH: env.PATH ?? "" });
    if (end.code === 0) return [];
    const [first = ""] = end.stderr.split("\n");
    const line = /: line (\d+): (.*)$/.exec(first);
    return [{ file, ...(line && { line: Number(line[1]) }), level: "error", message: line?.[2] ?? "is no script that bash understands" }];
  } finally {
    fs.rmSync(directory, { recursive: true, force: true });
  }
}

type Call = { line: number; source: string; words: string[] };

function configOf(calls: Call[], script: string, file: string): JsonObject {
  const config: JsonObject = {};
  for (const { line, source, words } of calls) {
    try {
      applyBuiltin(config, words);
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error;
      throw new ConfigError("script", source === script ? file : source, error.message, line);
    }
  }
  return config;
}

/** Line, file, number of words, words; each ended by a NUL, which no word of a shell can hold. */
function readRecords(out: string, file: string): Call[] {
  if (fs.statSync(out).size > recordsBytesMax) throw new ConfigError("script", file, `says more than ${recordsBytesMax >> 20} MiB`);
  const fields = fs.readFileSync(out, "utf8").split("\0");
  const calls: Call[] = [];
  for (let at = 0; at + 3 <= fields.length; ) {
    const count = Number(fields[at + 2]);
    calls.push({ line: Number(fields[at]), source: fields[at + 1]!, words: fields.slice(at + 3, at + 3 + count) });
    at += 3 + count;
  }
  return calls;
}

/** The first bash of the path that is no part of the project. Git for Windows is looked for as well: what System32 has is Linux. */
function findBash(env: Record<string, string | undefined>, workspace: string): string | undefined {
  const windows = process.platform === "win32";
  const own = windows ? [env.ProgramFiles, env.LOCALAPPDATA && path.join(env.LOCALAPPDATA, "Programs")] : [];
  const candidates = [
    ...own.filter(Boolean).map((directory) => path.join(directory!, "Git", "bin", "bash.exe")),
    ...(env.PATH ?? env.Path ?? "").split(path.delimiter).map((directory) => path.join(directory, windows ? "bash.exe" : "bash")),
  ];
  return candidates.find((file) => {
    if (!path.isAbsolute(file) || isInside(file, workspace) || (windows && /\\system32\\/i.test(file))) return false;
    try {
      fs.accessSync(file, fs.constants.X_OK);
      return fs.statSync(file).isFile();
    } catch {
      return false;
    }
  });
}

type End = { code: number | null; signal: NodeJS.Signals | null; stderr: string; timedOut: boolean };

function run(command: string, args: string[], cwd: string, env: Record<string, string>): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"], detached: process.platform !== "win32" });
    let stderr = Buffer.alloc(0);
    let timedOut = false;
    const kill = (): void => {
      try {
        if (process.platform === "win32") child.kill("SIGKILL");
        else process.kill(-child.pid!, "SIGKILL");
      } catch {
        // It has just ended.
      }
    };
    const timer = setTimeout(() => {
      timedOut = true;
      kill();
    }, scriptTimeoutMs);
    child.stderr.on("data", (chunk: Buffer) => {
      stderr = Buffer.concat([stderr, chunk]).subarray(-stderrBytesMax);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // `exit`, not `close`: a child that the script left behind may hold the pipe for ever.
    child.on("exit", (code, signal) => {
      clearTimeout(timer);
      // What the script left behind goes with it.
      kill();
      setImmediate(() => {
        child.stderr.destroy();
        resolve({ code, signal, stderr: stderr.toString("utf8"), timedOut });
      });
    });
  });
}
