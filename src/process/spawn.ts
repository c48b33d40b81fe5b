import type { Spawn, SpawnRequest, SpawnResult } from "../contracts/tool.ts";
import { startChild } from "./child.ts";
import { childEnvironment } from "./environment.ts";
import { endGroup, groupAlive } from "./group.ts";
import { OutputRing } from "./output.ts";

/** Kept of each stream when a request says nothing. */
const outputBytesDefault = 1 << 20;

export type SpawnOptions = {
  /** Environment of whoever asked; filtered here. */
  environment(): Readonly<Record<string, string | undefined>>;
  /** Names that pass the filter. */
  keep?: readonly string[];
  /** Named explicitly, e.g. in the configuration: taken as they are. */
  extra?: Readonly<Record<string, string>>;
};

/**
 * Runs children to their end. An abort or a timeout ends the child's whole group and resolves with what it said so far
 * (`exitCode` null); only a child that cannot be started rejects (ProcessError).
 */
export function createSpawn(options: SpawnOptions): Spawn {
  return { run: (request) => run(request, options) };
}

async function run(request: SpawnRequest, options: SpawnOptions): Promise<SpawnResult> {
  const half = Math.ceil((request.outputBytesMax ?? outputBytesDefault) / 2);
  const rings = { stdout: new OutputRing(half, half), stderr: new OutputRing(half, half) };
  if (request.signal?.aborted) return result(rings, null, "SIGTERM", false);
  const extra = { ...options.extra, ...request.env };
  const child = await startChild({
    command: request.command,
    cwd: request.cwd,
    env: childEnvironment(options.environment(), { ...(options.keep && { keep: options.keep }), extra }),
    ...(request.args && { args: request.args }),
    ...(request.shell && { shell: true }),
    ...(request.stdin !== undefined && { stdin: request.stdin }),
    onOutput(chunk, stream) {
      rings[stream].push(chunk);
      request.onOutput?.(chunk, stream);
    },
  });
  let timedOut = false;
  const stop = () => void endGroup(child.pid);
  const late = () => {
    timedOut = true;
    stop();
  };
  const timer = request.timeoutMs === undefined ? undefined : setTimeout(late, request.timeoutMs);
  request.signal?.addEventListener("abort", stop, { once: true });
  if (request.signal?.aborted) stop();
  try {
    const end = await child.ended;
    // Nobody waits for what it left behind.
    if (end.open || groupAlive(child.pid)) stop();
    child.release();
    return result(rings, end.exitCode, end.signal, timedOut);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener("abort", stop);
  }
}

function result(
  rings: { stdout: OutputRing; stderr: OutputRing },
  exitCode: number | null,
  signal: string | null,
  timedOut: boolean,
): SpawnResult {
  return {
    exitCode,
    signal,
    stdout: rings.stdout.text(),
    stderr: rings.stderr.text(),
    truncated: rings.stdout.truncated || rings.stderr.truncated,
    timedOut,
  };
}
