import type { z } from "zod";
import type { AgentRequest, AgentResult } from "./agent.ts";
import type { Permission, Question, ToolMeta } from "../protocol/index.ts";

export type ToolAccess = "none" | "read" | "list" | "write" | "execute" | "fetch" | "download" | "question" | "plan";

/** What a call wants to do, for permissions. Computed before anything happens. */
export type ToolIntent = {
  /** undefined: never asks. */
  action: ToolAccess;
  /** Absolute, resolved through symbolic links as far as it exists. */
  path?: string;
  /** For bash. */
  command?: string;
  url?: string;
  /** What a person reads in one line. */
  title: string;
  diff?: string;
  /** The path (or working directory) is outside of the workspace, judged after resolving links. */
  outside?: boolean;
  /** Set when the call cannot be run whatever the answer is: the model gets this text. */
  refuse?: string;
};

export type ToolResult = {
  /** What the model reads. */
  text: string;
  isError?: boolean;
  meta?: ToolMeta;
  /** The turn ends after this result. */
  stopTurn?: boolean;
};

/** Files of a workspace. Paths are absolute; errors are `CodedError`s with Node's codes. */
export interface Files {
  readonly workspace: string;
  /** Joins a relative path to the workspace; resolves links as far as it exists. `inside` is judged after resolving. */
  resolve(path: string): Promise<{ path: string; real: string; inside: boolean }>;
  stat(path: string): Promise<{ kind: "file" | "directory" | "other"; bytes: number; mtimeMs: number; mode: number } | undefined>;
  read(path: string): Promise<Uint8Array>;
  /** Lines from..from+count (1-based) without loading the whole file. A line over `lineBytesMax` is cut and ends in "...". */
  readLines(
    path: string,
    range: { from: number; count: number; lineBytesMax: number; bytesMax: number; signal: AbortSignal },
  ): Promise<{ lines: string[]; more: boolean; total?: number; binary: boolean; bytes: number }>;
  /** Atomic (temporary file and rename; mode and links are kept); makes parents. Saves the earlier version for undo. */
  write(path: string, content: string | Uint8Array): Promise<void>;
  list(path: string): Promise<{ name: string; kind: "file" | "directory" | "link" | "other" }[]>;
  /** Modification time (ms, rounded up, at least 1) that the file had when this session last read it; 0 = never read. */
  lastRead(path: string): number;
  recordRead(path: string): void;
  /** A command begins; what is returned is called when it has ended, and records what it made of files that this turn has written. */
  commandBegins?(): () => Promise<void>;
  /** Hierarchical .gitignore, .crushignore and Crush's built-in list. */
  ignored(path: string, directory: boolean): Promise<boolean>;
}

export type SpawnRequest = {
  command: string;
  args?: string[];
  shell?: boolean;
  cwd: string;
  env?: Record<string, string>;
  /** Its standard input; absent: empty. */
  stdin?: string;
  signal?: AbortSignal;
  onOutput?: (chunk: Uint8Array, stream: "stdout" | "stderr") => void;
  timeoutMs?: number;
  outputBytesMax?: number;
};
export type SpawnResult = {
  exitCode: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
  truncated: boolean;
  timedOut: boolean;
};

/** Children in a process group of their own, with an environment without secrets. Killing one kills its group. */
export interface Spawn {
  run(request: SpawnRequest): Promise<SpawnResult>;
}

export type JobState = {
  id: string;
  command: string;
  running: boolean;
  exitCode?: number;
  startedAt: number;
  stdout: string;
  stderr: string;
  bytes: number /** Where the whole output is, when it did not fit in memory. */;
  spill?: string /** The shell has ended (exitCode), processes that it left behind have not. */;
  lingering?: boolean;
};

/** Background jobs. Output beyond a bound goes to a file. */
export interface Jobs {
  /** `title`: what the job is called, when that is not the command itself. */
  start(request: {
    command: string;
    title?: string;
    cwd: string;
    session: string;
    onOutput?: (tail: string, bytes: number) => void;
  }): JobState;
  get(id: string): JobState | undefined;
  wait(id: string, signal: AbortSignal, timeoutMs?: number): Promise<JobState>;
  kill(id: string): Promise<JobState | undefined>;
  list(session?: string): JobState[];
}

export interface Http {
  /**
   * GET with a byte bound (with `body` a POST of it, which follows no redirect); follows at most 5 redirects. `toFile` streams there instead of gathering, atomically: nothing is left
   * of a download that failed or was too large. Private addresses are refused when connecting unless `allowPrivate`.
   */
  get(request: {
    url: string;
    timeoutMs: number;
    bytesMax: number;
    headers?: Record<string, string>;
    body?: string;
    signal: AbortSignal;
    toFile?: string;
    allowPrivate?: boolean;
  }): Promise<{ status: number; contentType: string; body: Uint8Array; bytes: number; truncated: boolean }>;
  /** Where an address leads, for a person who is asked. `private`: loopback, link-local, or a network of one's own. */
  lookup(url: string): Promise<{ host: string; addresses: string[]; private: boolean }>;
}

/** Heavy pure work, done on the compute worker when it is big enough. */
export interface Compute {
  diff(path: string, before: string, after: string): Promise<{ patch: string; additions: number; removals: number }>;
  htmlToText(html: string, format: "text" | "markdown"): Promise<string>;
}

/** Something that the user is asked by a tool itself, not about one. */
export type UserRequest = { action: "question"; title: string; questions: Question[] } | { action: "plan"; title: string };

/** All that a tool may touch. */
export type ToolContext = {
  session: string;
  turn: string;
  call: string;
  signal: AbortSignal;
  files: Files;
  spawn: Spawn;
  jobs: Jobs;
  http: Http;
  compute: Compute;
  limits: { lsMaxDepth: number; lsMaxItems: number; grepTimeoutMs: number; globTimeoutMs: number };
  /** Path of ripgrep. */
  ripgrep: string;
  /** Output so far, for the screen. */
  progress(tail: string, bytes: number): void;
  /** Asks the user and waits, durably, until somebody answers or the turn ends (denied). Absent: nobody can be asked. */
  ask?(request: UserRequest): Promise<Permission>;
  /** Gives work to an agent and waits for its end. Absent: this is an agent itself. */
  agents?: { run(request: AgentRequest): Promise<AgentResult> };
};

/**
 * A tool: schema, limits, what it wants to do, and a run. It imports nothing of the outside world.
 * `intent` is pure or only reads; it runs before permission is asked, `run` after it was given.
 */
export interface Tool<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  /** The text for the model. */
  readonly description: string;
  readonly input: Schema;
  /** May run beside other calls of the same message. */
  readonly parallel: boolean;
  /** Whom the model hears of it: only in plan mode, or only as an agent that fetches. Absent: always. */
  readonly offered?: "plan" | "fetch";
  intent(input: z.output<Schema>, context: ToolContext): Promise<ToolIntent> | ToolIntent;
  run(input: z.output<Schema>, context: ToolContext): Promise<ToolResult>;
}
