import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { makeDirectory } from "./make-directory.ts";

type Env = Record<string, string | undefined>;

/** Longest path of a Unix socket on the systems we run on (macOS: 104 with the final zero). */
const socketPathMax = 103;

const home = (env: Env): string => env.HOME || env.USERPROFILE || os.homedir();

/**
 * Directory of the product's own database, logs and blobs: `--data-dir`, else $CRUSH_NODE_DATA, else
 * $XDG_DATA_HOME/crush-node, else ~/.local/share/crush-node (Windows: %LOCALAPPDATA%\crush-node). A Crush database lives elsewhere and is never touched.
 */
export function dataDirectory(env: Env, given?: string): string {
  if (given) return path.resolve(given);
  if (env.CRUSH_NODE_DATA) return path.resolve(env.CRUSH_NODE_DATA);
  if (process.platform === "win32") return path.join(env.LOCALAPPDATA || path.join(home(env), "AppData", "Local"), "crush-node");
  return path.join(env.XDG_DATA_HOME || path.join(home(env), ".local", "share"), "crush-node");
}

/** Directory of the user's own `crush.json` and `CRUSH.md`, the same as Crush's. */
export function configDirectory(env: Env): string {
  if (env.CRUSH_GLOBAL_CONFIG) return env.CRUSH_GLOBAL_CONFIG;
  return path.join(env.XDG_CONFIG_HOME || path.join(home(env), ".config"), "crush");
}

/** Where the user's ignore rules for all workspaces are looked for. */
export const ignorePlaces = (env: Env) => ({
  configDir: configDirectory(env),
  homeDir: env.HOME ?? "",
  ...(env.XDG_CONFIG_HOME && { xdgConfig: env.XDG_CONFIG_HOME }),
});

/** Where sockets and discovery files live: 0700, per user, gone after a reboot. */
function runtimeBase(env: Env): string {
  if (env.XDG_RUNTIME_DIR && fs.existsSync(env.XDG_RUNTIME_DIR)) return path.join(env.XDG_RUNTIME_DIR, "crush-node");
  const user = process.getuid?.() ?? os.userInfo().username;
  return path.join(os.tmpdir(), `crush-node-${user}`);
}

/**
 * One server a data directory: its runtime files are named by the directory's digest. `beside` is a second discovery file in the data
 * directory itself: a client under ssh, cron or sudo may have another runtime directory than the server, or none.
 */
export type RuntimePaths = { directory: string; discovery: string; beside: string; socket: string };

/** Computes the names only; `ensurePrivate` makes the directory. */
export function runtimePaths(env: Env, dataDir: string): RuntimePaths {
  const name = shortName(dataDir);
  const directory = path.join(runtimeBase(env), name);
  let socket = process.platform === "win32" ? `\\\\.\\pipe\\crush-node-${name}` : path.join(directory, "sock");
  if (process.platform !== "win32" && Buffer.byteLength(socket) > socketPathMax)
    socket = path.join("/tmp", `crush-node-${process.getuid?.() ?? 0}-${name}`, "sock");
  return { directory, discovery: path.join(directory, "server.json"), beside: path.join(dataDir, "server.json"), socket };
}

/**
 * Twelve hex digits that tell data directories of one user apart. It guards nothing, so it needs no digest of node:crypto, whose
 * loading takes 5 ms of each start (this is murmur's mixing, two lanes).
 */
function shortName(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0xcc9e2d51);
    b = Math.imul(b ^ code, 0x1b873593);
    a ^= a >>> 15;
    b ^= b >>> 13;
  }
  a = Math.imul(a ^ (b >>> 16), 0x85ebca6b);
  b = Math.imul(b ^ (a >>> 16), 0xc2b2ae35);
  return ((a ^ (a >>> 13)) >>> 0).toString(16).padStart(8, "0") + ((b ^ (b >>> 16)) & 0xffff).toString(16).padStart(4, "0");
}

/** Makes a directory that only its owner can enter. @throws Error when it exists and belongs to somebody else or is a link. */
export function ensurePrivate(directory: string): void {
  makeDirectory(directory);
  if (process.platform === "win32") return;
  const found = fs.lstatSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${directory} is not a directory of yours: remove it, or set XDG_RUNTIME_DIR to a private directory`);
  if ((found.mode & 0o077) !== 0) fs.chmodSync(directory, 0o700);
}
