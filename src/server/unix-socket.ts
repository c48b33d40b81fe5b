import { randomBytes, createHash } from "node:crypto";
import fs from "node:fs";
import type { Server } from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { ServerError } from "./error.ts";

/** sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero. */
const socketPathBytesMax = process.platform === "darwin" ? 103 : 107;

/** The socket of a runtime directory: a file in it, or on Windows a pipe whose name is derived from user and directory. */
export function socketPath(runtimeDir: string): string {
  if (process.platform !== "win32") return path.join(runtimeDir, "crush.sock");
  const name = createHash("sha256").update(`${os.userInfo().username}\0${runtimeDir}`).digest("hex").slice(0, 32);
  return `\\\\.\\pipe\\crush-${name}`;
}

/** Resolves true when somebody accepts connections there. Only "refused" and "no such file" mean that nobody does. */
export function isLive(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = net.connect(socket);
    probe.once("connect", () => {
      probe.destroy();
      resolve(true);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code !== "ECONNREFUSED" && error.code !== "ENOENT"));
  });
}

/** Makes the directory, for us alone. @throws ServerError */
function privateDir(dir: string): void {
  fs.mkdirSync(dir, { recursive: true, mode: 0o700 });
  const stat = fs.lstatSync(dir);
  if (!stat.isDirectory())
    throw new ServerError("not_private", `${dir} is no directory (a symbolic link?): remove it or set another runtime directory`);
  if (process.getuid && stat.uid !== process.getuid())
    throw new ServerError("not_private", `${dir} belongs to another user: set a runtime directory of your own`);
  if ((stat.mode & 0o077) !== 0) fs.chmodSync(dir, 0o700);
}

/**
 * Listens at `socket`. A file left by a dead server is replaced; a live one is never taken away, even when several servers
 * start at once: bind() fails while the name exists, and only the very file that refused a connection is removed.
 * @throws ServerError `in_use`, `not_a_socket`, `not_private`, `path_too_long`, `failed`
 */
export async function listenUnix(server: Server, socket: string): Promise<void> {
  if (process.platform === "win32") return bind(server, socket);
  if (Buffer.byteLength(socket) > socketPathBytesMax)
    throw new ServerError(
      "path_too_long",
      `${socket} is longer than ${socketPathBytesMax} bytes, which no socket can be: set a shorter runtime directory`,
    );
  privateDir(path.dirname(socket));
  for (let attempt = 0; ; attempt++) {
    const found = fileAt(socket);
    try {
      await bind(server, socket);
      fs.chmodSync(socket, 0o600);
      return;
    } catch (error) {
      if (!(error instanceof ServerError) || error.code !== "in_use" || attempt === startAttemptsMax) throw error;
      if (found && !found.isSocket) throw new ServerError("not_a_socket", `${socket} exists and is no socket: move it away`);
      if (await isLive(socket)) throw error;
    }
    if (found) removeFile(socket, found);
  }
}

/** Each attempt but the last means that another server came or went in between. */
const startAttemptsMax = 10;

type FileId = { ino: bigint; mtimeNs: bigint; isSocket: boolean };

/** Which file has the name. Inode numbers are used again at once; the time tells two of them apart, and rename() keeps it. */
function fileAt(name: string): FileId | undefined {
  const stat = fs.lstatSync(name, { bigint: true, throwIfNoEntry: false });
  return stat && { ino: stat.ino, mtimeNs: stat.mtimeNs, isSocket: stat.isSocket() };
}

const isSame = (a: FileId | undefined, b: FileId) => a !== undefined && a.ino === b.ino && a.mtimeNs === b.mtimeNs;

/**
 * Removes the name if it still is that file. There is no unlink-if; so it is renamed first, looked at, and put back when
 * another server bound the name in the microseconds between.
 */
function removeFile(socket: string, dead: FileId): void {
  if (!isSame(fileAt(socket), dead)) return;
  const aside = `${socket}.${randomBytes(6).toString("hex")}`;
  try {
    fs.renameSync(socket, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return; // another starting server was faster
    throw error;
  }
  if (!isSame(fileAt(aside), dead)) fs.linkSync(aside, socket);
  fs.unlinkSync(aside);
}

function bind(server: Server, socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => {
      server.removeListener("listening", done);
      if (error.code === "EADDRINUSE") reject(new ServerError("in_use", `a server already listens at ${socket}`, error));
      else reject(new ServerError("failed", `cannot listen at ${socket}: ${error.message}`, error));
    };
    const done = () => {
      server.removeListener("error", failed);
      resolve();
    };
    server.once("error", failed);
    server.once("listening", done);
    server.listen(socket);
  });
}

/**
 * Stops accepting and removes the socket file if it is still ours: closing unlinks whatever has the name by then, so a
 * successor's file is moved out of the way for that moment.
 */
export function closeUnix(server: Server, socket: string, inode: number): void {
  const current = process.platform === "win32" ? undefined : fs.lstatSync(socket, { throwIfNoEntry: false });
  if (!current || current.ino === inode) {
    server.close();
    return;
  }
  const aside = `${socket}.${randomBytes(6).toString("hex")}`;
  fs.renameSync(socket, aside);
  server.close();
  fs.renameSync(aside, socket);
}
