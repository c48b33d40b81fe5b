import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { rgPath } from "@vscode/ripgrep";
import { afterAll } from "vitest";
import { type ComputeTask, createCompute, runTask } from "../../src/compute/index.ts";
import type { Http, Tool, ToolContext, ToolIntent, ToolResult } from "../../src/contracts/tool.ts";
import { createJobs, createSpawn } from "../../src/process/index.ts";
import { parseInput, tools } from "../../src/tools/index.ts";
import { openFiles } from "../../src/workspace/index.ts";

const undo: (() => unknown)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

/** A directory that is gone after the file's tests, links resolved. */
export function temporary(): string {
  const directory = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "crush-tools-")));
  undo.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const noHttp: Http = {
  get: () => Promise.reject(new Error("no network in this test")),
  lookup: () => Promise.reject(new Error("no network in this test")),
};

export type Bench = {
  root: string;
  context: ToolContext;
  /** Every progress report. */
  told: { tail: string; bytes: number }[];
  versions: { path: string; content?: Uint8Array; mode?: number }[];
  put(name: string, content: string | Uint8Array): string;
  text(name: string): string;
  intent(tool: string, input: unknown): Promise<ToolIntent>;
  /** As the coordinator does it: intent, then run with the same input, unless refused. */
  call(tool: string, input: unknown, signal?: AbortSignal): Promise<ToolResult>;
};

/** A workspace in a temporary directory with real files, children and diffs. */
export async function bench(files: Record<string, string | Uint8Array> = {}, changes: Partial<ToolContext> = {}): Promise<Bench> {
  const root = temporary();
  const told: Bench["told"] = [];
  const versions: Bench["versions"] = [];
  const environment = () => ({ ...process.env, MY_API_KEY: "sk-do-not-show" });
  const jobs = createJobs({ directory: path.join(temporary(), "jobs"), environment: () => ({ base: environment() }) });
  undo.push(() => jobs.close());
  const context: ToolContext = {
    session: "s1",
    turn: "t1",
    call: "c1",
    signal: new AbortController().signal,
    files: await openFiles({ workspace: root, saveVersion: (version) => Promise.resolve(void versions.push(version)) }),
    spawn: createSpawn({ environment }),
    jobs,
    http: noHttp,
    compute: createCompute((task: ComputeTask) => runTask(task as Parameters<typeof runTask>[0])),
    limits: { lsMaxDepth: 0, lsMaxItems: 1000, grepTimeoutMs: 10_000, globTimeoutMs: 10_000 },
    ripgrep: rgPath,
    progress: (tail, bytes) => told.push({ tail, bytes }),
    ...changes,
  };
  const put = (name: string, content: string | Uint8Array) => {
    const file = path.join(root, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    return file;
  };
  for (const [name, content] of Object.entries(files)) put(name, content);
  const prepare = (name: string, input: unknown): { tool: Tool; value: unknown } => {
    const tool = tools.find((one) => one.name === name)!;
    const parsed = parseInput(tool, JSON.stringify(input));
    if ("error" in parsed) throw new Error(parsed.error);
    return { tool, value: parsed.input };
  };
  return {
    root,
    context,
    told,
    versions,
    put,
    text: (name) => fs.readFileSync(path.join(root, name), "utf8"),
    intent: async (name, input) => {
      const { tool, value } = prepare(name, input);
      return tool.intent(value, context);
    },
    call: async (name, input, signal) => {
      const { tool, value } = prepare(name, input);
      const own = signal === undefined ? context : { ...context, signal };
      const intent = await tool.intent(value, own);
      return intent.refuse === undefined ? tool.run(value, own) : { text: intent.refuse, isError: true };
    },
  };
}

/** Waits until something is so, at most 5 s. */
export async function until(what: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("it did not come true within 5 s");
}
