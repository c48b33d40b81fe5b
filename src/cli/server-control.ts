import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { alive } from "../client/alive.ts";
import type { Discovery } from "../protocol/discovery.ts";
import { protocolVersion } from "../protocol/version.ts";
import { makeDirectory } from "./make-directory.ts";
import { ensurePrivate, type RuntimePaths, runtimePaths } from "./paths.ts";

/** A cold server listens after about 0.15 s; ten seconds means that it cannot start, and its log says why. */
const startTimeoutMs = 10_000;
/** A server started for one `crush run` ends this long after it. */
export const runLingerMs = 4_000;
/** One started for a terminal stays this long after the last client and turn. */
export const screenLingerMs = 10 * 60_000;

export class ServerError extends Error {
  override readonly name = "ServerError";
}

/** Reads the discovery files; undefined when there is none. A server that was killed leaves its own behind, so the newest counts. */
export function readDiscovery(paths: RuntimePaths): Discovery | undefined {
  const read = (file: string): Discovery | undefined => {
    try {
      return JSON.parse(fs.readFileSync(file, "utf8")) as Discovery;
    } catch {
      return undefined;
    }
  };
  const [here, beside] = [read(paths.discovery), read(paths.beside)];
  return here && beside && beside.startedAt > here.startedAt ? beside : (here ?? beside);
}

/** True when somebody accepts connections there. */
export function accepts(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socket);
    const done = (answer: boolean) => {
      probe.destroy();
      resolve(answer);
    };
    probe.once("connect", () => done(true));
    probe.once("error", () => done(false));
  });
}

/** What a server says on its way out when another one owns the data directory (serve/lock.ts). */
export const alreadyRunningText = "another crush server uses";

const distDirectory = path.dirname(fileURLToPath(import.meta.url));

/** The newest Node within reach: the one that runs us, when it is new enough for the server, else the one installed beside us. */
export function serverNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > 22 || (major === 22 && minor >= 14)) return process.execPath;
  const platform = process.platform === "win32" ? "win" : process.platform;
  for (const modules of [path.join(distDirectory, "..", "node_modules"), path.join(distDirectory, "..", "..")]) {
    for (const name of [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]) {
      const file = path.join(modules, name, "bin", process.platform === "win32" ? "node.exe" : "node");
      if (fs.existsSync(file)) return file;
    }
  }
  throw new ServerError(
    `the server needs Node 22.14 or newer, this is ${process.versions.node}: install a newer Node, or run npm ci without --omit=optional`,
  );
}

/** Arguments that start the server in this process's place. */
export function serverCommand(dataDir: string, extra: string[]): { command: string; args: string[] } {
  return { command: serverNode(), args: [path.join(distDirectory, "serve.mjs"), "--data-dir", dataDir, ...extra] };
}

/**
 * Starts a server in the background and waits until it listens. Two clients may do this at once: the second server finds the
 * database locked and leaves, and both clients connect to the first.
 * @throws ServerError with the end of its log
 */
export async function startServer(env: NodeJS.ProcessEnv, dataDir: string, lingerMs: number, debug: boolean): Promise<Discovery> {
  const paths = runtimePaths(env, dataDir);
  ensurePrivate(paths.directory);
  makeDirectory(dataDir);
  const before = readDiscovery(paths);
  const logFile = path.join(paths.directory, "start.log");
  // Shared by clients that start at once; the directory is ours alone.
  fs.writeFileSync(logFile, "", { mode: 0o600 });
  const { command, args } = serverCommand(dataDir, ["--background", "--linger", String(lingerMs), ...(debug ? ["--debug"] : [])]);
  const child = await spawnDetached(command, args, { logFile, cwd: dataDir, env: { ...env, NODE_COMPILE_CACHE: compileCache(env) } });
  return await new Promise<Discovery>((resolve, reject) => {
    let watcher: fs.FSWatcher | undefined;
    let poll: NodeJS.Timeout | undefined;
    const finish = (done: () => void) => {
      watcher?.close();
      clearInterval(poll);
      clearTimeout(limit);
      done();
    };
    const fail = () => finish(() => reject(new ServerError(`the server did not start:\n${tail(logFile)}`)));
    const limit = setTimeout(fail, startTimeoutMs);
    let looking = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      const found = readDiscovery(paths);
      const ended = child.ended();
      const isNew = found && (found.epoch !== before?.epoch || ended);
      if (isNew && (found.pid === child.pid || (await accepts(found.socket)))) return finish(() => resolve(found));
      looking = false;
      // Ours may have left because another client's server holds the directory: that one will say where it is.
      if (ended && !tail(logFile).includes(alreadyRunningText)) fail();
    };
    try {
      watcher = fs.watch(paths.directory, () => void look());
    } catch {}
    poll = setInterval(() => void look(), 25);
  });
}

/**
 * Starts a process that belongs to nobody: not in our session, and not our child, so that whoever ends our process tree (a
 * terminal that is closed, an editor) does not end it. A shell in between does it on Unix.
 */
async function spawnDetached(
  command: string,
  args: string[],
  options: { logFile: string; cwd: string; env: NodeJS.ProcessEnv },
): Promise<{ pid: number | undefined; ended(): boolean }> {
  const { logFile, cwd, env } = options;
  // Only who starts a server loads it.
  const { spawn } = await import("node:child_process");
  if (process.platform === "win32") {
    const log = fs.openSync(logFile, "a", 0o600);
    const child = spawn(command, args, { detached: true, windowsHide: true, stdio: ["ignore", log, log], cwd, env });
    fs.closeSync(log);
    let ended = false;
    for (const event of ["exit", "error"] as const)
      child.once(event, () => {
        ended = true;
      });
    child.unref();
    return { pid: child.pid, ended: () => ended };
  }
  const shell = spawn("/bin/sh", ["-c", '"$0" "$@" </dev/null >>"$CRUSH_START_LOG" 2>&1 & echo $!', command, ...args], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    cwd,
    env: { ...env, CRUSH_START_LOG: logFile },
  });
  let said = "";
  for await (const chunk of shell.stdout) said += chunk;
  const pid = Number(said) || undefined;
  return { pid, ended: () => pid === undefined || !alive(pid) };
}

/** Compiled code of the server is kept between its starts; it takes the variable out of its own environment. */
function compileCache(env: NodeJS.ProcessEnv): string {
  return path.join(env.XDG_CACHE_HOME || path.join(env.HOME || os.tmpdir(), ".cache"), "crush-node", "compile");
}

function tail(file: string): string {
  try {
    return fs.readFileSync(file, "utf8").trim().split("\n").slice(-8).join("\n");
  } catch {
    return "(no log)";
  }
}

/** How to reach a server. */
export type ServerAddress = { socket?: string; url?: string; token?: string };

/** Why a running server cannot serve this client, or undefined. */
export function mismatch(found: Discovery): string | undefined {
  if (found.protocol !== protocolVersion) return `it speaks protocol ${found.protocol}, this client ${protocolVersion}`;
  if (found.build !== __BUILD_ID__) return "it is of another build";
  return undefined;
}
