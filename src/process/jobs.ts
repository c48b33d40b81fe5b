import type { JobState, Jobs } from "../contracts/tool.ts";
import { type Child, startChild } from "./child.ts";
import { childEnvironment } from "./environment.ts";
import { ProcessError } from "./error.ts";
import { endGroup, groupAlive, jobVariable } from "./group.ts";
import { OutputRing, outputHeadBytes, outputTailBytes } from "./output.ts";
import { removeStrays, Spill } from "./spill.ts";

/** Jobs that run at the same time, as in Crush. */
export const jobsRunningMax = 50;
/** A finished job's output can be asked for this long, as in Crush. */
const finishedKeptMs = 8 * 60 * 60_000;
/** Finished jobs that are kept: bounds their files on disk to this times `spillBytesMax`. */
const finishedKeptMax = 50;
/** Progress for the screen: at most ten a second, each at most this long. */
const progressMs = 100;
const progressTailBytes = 8 << 10;

export type JobsOptions = {
  /** Where output goes that does not fit in memory. Made when needed. */
  directory: string;
  /** Environment of a session's children: `base` is filtered, `extra` and names in `keep` are not. */
  environment(session: string): {
    base: Readonly<Record<string, string | undefined>>;
    keep?: readonly string[];
    extra?: Readonly<Record<string, string>>;
  };
  now?(): number;
  /** Bytes of one job's file. */
  spillBytesMax?: number;
};

type Job = {
  id: string;
  mark: string;
  command: string;
  session: string;
  startedAt: number;
  endedAt: number | undefined;
  child: Child | undefined;
  stdout: OutputRing;
  stderr: OutputRing;
  /** The last bytes of both, as they came. */
  both: OutputRing;
  spill: Spill | undefined;
  running: boolean;
  lingering: boolean;
  exitCode: number | undefined;
  failure: string | undefined;
  /** Resolves when the shell runs, or could not be started. */
  started: PromiseWithResolvers<void>;
  /** Resolves when the shell has ended. */
  ended: Promise<void>;
};

/** Output before the spill file exists: as much as the rings hold. */
const spillAfterBytes = outputHeadBytes + outputTailBytes;

/** The table of background jobs; `close` ends all of them and removes their files. */
export function createJobs(options: JobsOptions): Jobs & { close(): Promise<void> } {
  const jobs = new Map<string, Job>();
  const now = options.now ?? Date.now;
  let counter = 0;
  let swept = false;

  const prune = () => {
    const finished = [...jobs.values()].filter((job) => !refresh(job).running).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    for (const [index, job] of finished.entries()) {
      if (finished.length - index <= finishedKeptMax && now() - (job.endedAt ?? 0) < finishedKeptMs) continue;
      job.spill?.remove();
      jobs.delete(job.id);
    }
  };

  return {
    start({ command, title = command, cwd, session, onOutput }) {
      prune();
      if (!swept) void removeStrays(options.directory, now());
      swept = true;
      const running = [...jobs.values()].filter((job) => job.running).length;
      if (running >= jobsRunningMax)
        throw new ProcessError("jobs_full", `${running} background jobs are running, the most there may be: end one with job_kill first`);
      const id = (++counter).toString(16).toUpperCase().padStart(3, "0");
      const ring = () => new OutputRing();
      const job: Job = {
        id,
        command: title,
        session,
        mark: `${process.pid}-${id}-${now()}`,
        startedAt: now(),
        endedAt: undefined,
        child: undefined,
        stdout: ring(),
        stderr: ring(),
        both: new OutputRing(0, progressTailBytes),
        spill: undefined,
        running: true,
        lingering: false,
        exitCode: undefined,
        failure: undefined,
        started: Promise.withResolvers<void>(),
        ended: Promise.resolve(),
      };
      jobs.set(id, job);
      const { base, keep, extra } = options.environment(session);
      const env = childEnvironment(base, { ...(keep && { keep }), extra: { ...extra, [jobVariable]: job.mark } });
      job.ended = runJob(job, { command, cwd, env, onOutput, options, now });
      return state(job);
    },
    get(id) {
      const job = jobs.get(id.toUpperCase());
      return job && state(refresh(job));
    },
    async wait(id, signal, timeoutMs) {
      const job = jobs.get(id.toUpperCase());
      if (job === undefined) throw new ProcessError("not_found", `There is no background job ${id}`);
      await before(job.ended, signal, timeoutMs);
      return state(refresh(job));
    },
    async kill(id) {
      const job = jobs.get(id.toUpperCase());
      if (job === undefined) return undefined;
      await endJob(job);
      return state(refresh(job));
    },
    list(session) {
      return [...jobs.values()].filter((job) => session === undefined || job.session === session).map((job) => state(refresh(job)));
    },
    async close() {
      await Promise.all([...jobs.values()].map(endJob));
      for (const job of jobs.values()) job.spill?.remove();
      jobs.clear();
    },
  };
}

async function runJob(
  job: Job,
  run: {
    command: string;
    cwd: string;
    env: Record<string, string>;
    onOutput: ((tail: string, bytes: number) => void) | undefined;
    options: JobsOptions;
    now(): number;
  },
): Promise<void> {
  let told = 0;
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    told = performance.now();
    run.onOutput?.(job.both.last(progressTailBytes), job.both.bytes);
  };
  let early: Buffer[] | undefined = [];
  let child: Child | undefined;
  let blocked = false;
  const onDrain = () => {
    if (!blocked) return;
    blocked = false;
    child?.resume();
  };
  const onOutput = (chunk: Buffer, stream: "stdout" | "stderr") => {
    job[stream].push(chunk);
    job.both.push(chunk);
    if (early !== undefined && job.both.bytes <= spillAfterBytes) early.push(chunk);
    else {
      if (early !== undefined) {
        job.spill = openSpill(job, run.options, onDrain);
        for (const earlier of early) job.spill?.write(earlier);
        early = undefined;
      }
      if (job.spill !== undefined && !job.spill.write(chunk) && !blocked) {
        blocked = true;
        child?.pause();
      }
    }
    if (run.onOutput !== undefined && timer === undefined) timer = setTimeout(tell, Math.max(0, progressMs - (performance.now() - told)));
  };
  try {
    child = await startChild({ command: run.command, shell: true, cwd: run.cwd, env: run.env, onOutput });
    job.child = child;
    job.started.resolve();
    const end = await child.ended;
    job.exitCode = end.exitCode ?? signalExit(end.signal);
    job.lingering = end.open || groupAlive(child.pid);
  } catch (error) {
    job.failure = (error as Error).message;
    job.exitCode = 127;
  } finally {
    job.started.resolve();
    clearTimeout(timer);
    if (timer !== undefined) tell();
    if (!job.lingering) {
      early = undefined;
      await finish(job, run.now());
    }
  }
}

function openSpill(job: Job, options: JobsOptions, onDrain: () => void): Spill | undefined {
  try {
    return new Spill(options.directory, `job-${job.mark}.log`, onDrain, options.spillBytesMax);
  } catch {
    // No directory to write to: head and tail are all there is.
    return undefined;
  }
}

async function finish(job: Job, time: number): Promise<void> {
  job.running = false;
  job.lingering = false;
  job.endedAt = time;
  job.child?.release();
  await job.spill?.end();
}

async function endJob(job: Job): Promise<void> {
  if (!job.running) return;
  await job.started.promise;
  if (job.child !== undefined) await endGroup(job.child.pid, job.mark);
  await job.ended;
  if (job.running) await finish(job, Date.now());
}

/** A job whose shell has ended is over as soon as nobody is left in its group; nothing tells us, so we look when asked. */
function refresh(job: Job): Job {
  if (job.lingering && job.child !== undefined && !groupAlive(job.child.pid)) void finish(job, Date.now());
  return job;
}

function state(job: Job): JobState {
  const whole = job.spill?.file;
  const stderr = job.stderr.text(whole);
  return {
    id: job.id,
    command: job.command,
    running: job.running,
    startedAt: job.startedAt,
    stdout: job.stdout.text(whole),
    stderr: job.failure === undefined ? stderr : `${stderr}${job.failure}`,
    bytes: job.both.bytes,
    ...(job.exitCode !== undefined && { exitCode: job.exitCode }),
    ...(whole !== undefined && { spill: whole }),
    ...(job.lingering && { lingering: true }),
  };
}

/** As a shell reports a child that a signal ended. */
function signalExit(signal: string | null): number {
  const numbers: Record<string, number> = {
    SIGHUP: 1,
    SIGINT: 2,
    SIGQUIT: 3,
    SIGABRT: 6,
    SIGKILL: 9,
    SIGSEGV: 11,
    SIGPIPE: 13,
    SIGTERM: 15,
  };
  return 128 + (numbers[signal ?? ""] ?? 0);
}

function before(done: Promise<void>, signal: AbortSignal, timeoutMs: number | undefined): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
    function end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    }
    signal.addEventListener("abort", end, { once: true });
    void done.then(end, end);
  });
}
