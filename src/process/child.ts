import { type ChildProcess, spawn } from "node:child_process";
import { ProcessError } from "./error.ts";
import { findShell } from "./shell.ts";

/** A child may deliver this much in one window; then it is not read until the next, so that a shouting one cannot starve the thread. */
const windowBytes = 8 << 20;
const windowMs = 100;
/** After the leader has ended its pipes are drained this long; a process it left behind may hold them open for ever. */
const drainMs = 150;

export type ChildEnd = {
  exitCode: number | null;
  signal: string | null /** Its pipes were still open: it left processes behind. */;
  open: boolean;
};

export type Child = {
  pid: number;
  ended: Promise<ChildEnd> /** Stop or go on reading its output. */;
  pause(): void;
  resume(): void /** Closes our end of its pipes. */;
  release(): void;
};

/**
 * Starts a child in a process group of its own. Its standard input is `stdin`, or empty.
 * @throws ProcessError  code of the system (ENOENT, EACCES, ...) when it cannot be started
 */
export async function startChild(request: {
  command: string;
  args?: readonly string[];
  shell?: boolean;
  cwd: string;
  env: Record<string, string>;
  stdin?: string;
  onOutput(chunk: Buffer, stream: "stdout" | "stderr"): void;
}): Promise<Child> {
  const shell = findShell();
  const file = request.shell ? shell.file : request.command;
  const args = request.shell ? [...shell.flags, request.command] : [...(request.args ?? [])];
  const child = spawn(file, args, {
    cwd: request.cwd,
    env: request.env,
    stdio: [request.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    detached: process.platform !== "win32",
    windowsHide: true,
  });
  // One that ends without reading all of it breaks the pipe, which is its right.
  child.stdin?.on("error", () => {});
  await started(child, file, request.cwd);
  child.stdin?.end(request.stdin);

  const streams = [child.stdout, child.stderr] as const;
  let paused = 0;
  let spent = 0;
  let received = 0;
  let windowStart = 0;
  let ended = false;
  const pause = () => {
    if (paused++ === 0) for (const stream of streams) stream!.pause();
  };
  const resume = () => {
    if (--paused === 0) for (const stream of streams) stream!.resume();
  };
  const onChunk = (name: "stdout" | "stderr") => (chunk: Buffer) => {
    const now = performance.now();
    if (now - windowStart > windowMs) {
      windowStart = now;
      spent = 0;
    }
    spent += chunk.length;
    received += chunk.length;
    request.onOutput(chunk, name);
    if (spent < windowBytes || ended) return;
    spent = 0;
    pause();
    setTimeout(resume, windowMs - (now - windowStart));
  };
  child.stdout!.on("data", onChunk("stdout"));
  child.stderr!.on("data", onChunk("stderr"));
  for (const stream of streams) stream!.on("error", () => {});

  const end = new Promise<ChildEnd>((resolve) => {
    let drain: NodeJS.Timeout | undefined;
    child.once("exit", (exitCode, signal) => {
      ended = true;
      // Output that was written before the end is still in the pipes; only silence counts as drained.
      let seen = -1;
      const check = () => {
        if (paused === 0 && received === seen) return resolve({ exitCode, signal, open: true });
        seen = received;
        drain = setTimeout(check, drainMs);
      };
      check();
    });
    child.once("close", (exitCode, signal) => {
      clearTimeout(drain);
      resolve({ exitCode, signal, open: false });
    });
  });
  const release = () => {
    child.stdin?.destroy();
    for (const stream of streams) stream!.destroy();
  };
  return { pid: child.pid!, ended: end, pause, resume, release };
}

function started(child: ChildProcess, file: string, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error: NodeJS.ErrnoException) => {
      reject(
        new ProcessError(
          error.code ?? "EUNKNOWN",
          `Cannot start ${file} in ${cwd}: ${error.message}. Check that both exist and may be used`,
          error,
        ),
      );
    });
  });
}
