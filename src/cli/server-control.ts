import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Discovery } from "../protocol/discovery.ts";
import { protocolVersion } from "../protocol/version.ts";
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

/** Reads the discovery file; undefined when there is none or it is torn. */
export function readDiscovery(paths: RuntimePaths): Discovery | undefined {
  try {
    return JSON.parse(fs.readFileSync(paths.discovery, "utf8")) as Discovery;
  } catch {
    return undefined;
  }
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
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const before = readDiscovery(paths);
  const logFile = path.join(paths.directory, "start.log");
  const log = fs.openSync(logFile, "w", 0o600);
  const { command, args } = serverCommand(dataDir, ["--background", "--linger", String(lingerMs), ...(debug ? ["--debug"] : [])]);
  const child = spawn(command, args, {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...env, NODE_COMPILE_CACHE: compileCache(env) },
    cwd: dataDir,
  });
  fs.closeSync(log);
  let ended = false;
  child.once("exit", () => {
    ended = true;
  });
  child.once("error", () => {
    ended = true;
  });
  child.unref();
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
      const isNew = found && (found.epoch !== before?.epoch || ended);
      if (isNew && (found.pid === child.pid || (await accepts(found.socket)))) return finish(() => resolve(found));
      looking = false;
      if (ended && !(found && (await accepts(found.socket)))) fail();
    };
    try {
      watcher = fs.watch(paths.directory, () => void look());
    } catch {}
    poll = setInterval(() => void look(), 25);
  });
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
