// The product as a user has it: src/cli/bin/crush and dist/serve.mjs in a home of their own, with a provider on loopback. Everything that was
// started carries a tag in its environment, by which `leftBehind` and `dispose` find it, whoever its parent is by now.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { type ConnectOptions, connect } from "../../src/sdk/node.ts";
import type { Client } from "../../src/sdk/index.ts";
import type { Discovery } from "../../src/protocol/index.ts";
import { openSimulator, type Simulator } from "./simulator.ts";

/** Where bin/ and dist/ are. Another installation than this tree is tested by naming its directory. */
const installed = path.resolve(process.env.CRUSH_TEST_ROOT ?? path.join(import.meta.dirname, "../.."));
const tagName = "CRUSH_TEST_TAG";
/** A server whose test was killed ends by itself after this long without a client. */
const orphanMs = 60_000;
/** A key that no log, transcript or message may ever hold. */
export const apiKey = "sk-test-3f9c1d7ab26e4b0895";

export type Result = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type RunOptions = { stdin?: string | Buffer; cwd?: string; env?: Record<string, string | undefined> };

export interface Running {
  readonly child: ChildProcess;
  /** What it has printed until now. */
  stdout(): string;
  /** Resolves when its standard output holds `text`; rejects when it ends without. */
  prints(text: string): Promise<void>;
  readonly ended: Promise<Result>;
}

export interface Product {
  readonly simulator: Simulator;
  /** Real path of the directory that holds everything. */
  readonly root: string;
  readonly workspace: string;
  readonly dataDir: string;
  readonly env: Record<string, string>;
  /** `crush ARGS` to its end. */
  run(args: string[], options?: RunOptions): Promise<Result>;
  start(args: string[], options?: RunOptions): Running;
  /** A server that stays until it is stopped, started as a client would; one that runs already is found. */
  serve(args?: string[]): Promise<Discovery>;
  discovery(): Discovery | undefined;
  /** The SDK on this product's server, which is started when it is not there. */
  connect(options?: Partial<ConnectOptions>): Client;
  /** Command lines of processes of this product that live. */
  processes(): { pid: number; command: string }[];
  writeConfig(config: unknown): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const model = (id: string) => ({ id, name: id, context_window: 100_000, default_max_tokens: 4_000 });

/** The configuration that tests begin with: one provider, two models. */
export const simulatedProvider = (url: string): Record<string, unknown> => ({
  providers: {
    sim: { type: "openai-compat", base_url: `${url}/v1`, api_key: "$SIM_API_KEY", models: [model("large-one"), model("small-one")] },
  },
});

export async function openProduct(options: { env?: Record<string, string> } = {}): Promise<Product> {
  const simulator = await openSimulator();
  // Short: a Unix socket's path has 103 bytes.
  const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "ce-")));
  const tag = randomUUID();
  const at = (name: string) => {
    const directory = path.join(root, name);
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    return directory;
  };
  const workspace = at("work");
  const config = path.join(at("config"), "crush");
  fs.mkdirSync(config);
  const dataDir = path.join(at("data"), "crush-node");
  const env: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    LANG: "C.UTF-8",
    HOME: at("home"),
    TMPDIR: at("tmp"),
    XDG_CONFIG_HOME: path.join(root, "config"),
    XDG_DATA_HOME: path.join(root, "data"),
    XDG_RUNTIME_DIR: at("run"),
    // Shared on purpose: compiled code is the same for all, and compiling it again in each test takes a third of their time.
    XDG_CACHE_HOME: path.join(import.meta.dirname, "../../node_modules/.cache/crush-test"),
    SIM_API_KEY: apiKey,
    [tagName]: tag,
    ...options.env,
  };
  const writeConfig = (value: unknown) =>
    fs.writeFileSync(path.join(config, "crush.json"), typeof value === "string" ? value : JSON.stringify(value));
  writeConfig(simulatedProvider(simulator.url));

  const start = (args: string[], { stdin, cwd = workspace, env: more = {} }: RunOptions = {}): Running => {
    const childEnv = { ...env, ...more };
    const child = spawn(path.join(installed, "src/cli/bin/crush"), args, {
      cwd,
      env: childEnv,
      stdio: [stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
    });
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
    const output: { out: Buffer[]; err: Buffer[] } = { out: [], err: [] };
    const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
    let waiting: (() => void)[] = [];
    child.stdout!.on("data", (data: Buffer) => {
      output.out.push(data);
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    });
    child.stderr!.on("data", (data: Buffer) => output.err.push(data));
    let isOver = false;
    const ended = once(child, "close").then(([code, signal]): Result => {
      isOver = true;
      for (const wake of waiting) wake();
      return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout: text(output.out), stderr: text(output.err) };
    });
    return {
      child,
      ended,
      stdout: () => text(output.out),
      async prints(wanted) {
        while (!text(output.out).includes(wanted)) {
          if (isOver) throw new Error(`it ended without printing ${JSON.stringify(wanted)}: ${text(output.out)}${text(output.err)}`);
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      },
    };
  };

  const runtime = () => {
    const base = path.join(root, "run", "crush-node");
    const [name] = fs.existsSync(base) ? fs.readdirSync(base) : [];
    return name === undefined ? undefined : path.join(base, name);
  };
  const discovery = (): Discovery | undefined => {
    try {
      return JSON.parse(fs.readFileSync(path.join(runtime() ?? "", "server.json"), "utf8")) as Discovery;
    } catch {
      return undefined;
    }
  };
  const processes = () => tagged(tag);
  const lives = (pid: number) => processes().some((found) => found.pid === pid);

  let starting: Promise<Discovery> | undefined;
  const clients: Client[] = [];
  let disposed = false;
  const serve = async (args: string[] = []): Promise<Discovery> => {
    if (disposed) throw new Error("this product is gone");
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = path.join(root, "serve.log");
    for (;;) {
      const log = fs.openSync(file, "a");
      const child = spawn(
        process.execPath,
        [path.join(installed, "dist/serve.mjs"), "--data-dir", dataDir, "--background", "--linger", String(orphanMs), ...args],
        {
          cwd: dataDir,
          env,
          stdio: ["ignore", log, log],
          detached: true,
        },
      );
      fs.closeSync(log);
      const exit = once(child, "exit");
      let exited = false;
      void exit.then(() => (exited = true));
      for (;;) {
        const found = discovery();
        if (found !== undefined && found.pid === child.pid) return found;
        // 75: another one has the data directory, and will publish itself.
        if (exited && child.exitCode === 75) {
          if (!found) await sleep(10);
          else if (lives(found.pid)) return found;
          else break;
        } else if (exited && child.exitCode !== null) throw new Error(`the server did not start: ${fs.readFileSync(file, "utf8")}`);
        else if (exited) break; // killed while it started: once more
        await sleep(5);
      }
    }
  };

  return {
    simulator,
    root,
    workspace,
    dataDir,
    env,
    start,
    run: (args, runOptions) => start(args, runOptions).ended,
    serve,
    discovery,
    processes,
    writeConfig,
    connect(more = {}) {
      const found = discovery();
      const client = connect({
        client: { name: "test", version: "1" },
        socket: found?.socket ?? path.join(root, "nowhere"),
        ...(found ? { token: found.token } : {}),
        async onReconnect() {
          starting ??= serve().finally(() => (starting = undefined));
          const { socket, token } = await starting;
          return { socket, token };
        },
        ...more,
      });
      clients.push(client);
      return client;
    },
    async [Symbol.asyncDispose]() {
      // First, because a client that is still there would start the server again.
      disposed = true;
      await Promise.all(clients.map((client) => client.close()));
      for (const { pid } of processes()) kill(pid);
      while (processes().length > 0) await sleep(5);
      await simulator.close();
      fs.rmSync(root, { recursive: true, force: true });
    },
  };
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until it holds; a test that waits forever fails by its timeout. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await sleep(5);
}

export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has just ended.
  }
}

/** Processes with our tag in their environment: by /proc where there is one, else as `ps` tells it. */
function tagged(tag: string): { pid: number; command: string }[] {
  const found: { pid: number; command: string }[] = [];
  if (fs.existsSync("/proc/self/environ")) {
    for (const name of fs.readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        if (!fs.readFileSync(`/proc/${name}/environ`, "latin1").includes(`${tagName}=${tag}`)) continue;
        if (/^State:\s+Z/m.test(fs.readFileSync(`/proc/${name}/status`, "latin1"))) continue;
        found.push({ pid: Number(name), command: fs.readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ").trim() });
      } catch {
        // Gone, or somebody else's.
      }
    }
    return found;
  }
  for (const line of execFileSync("ps", ["axeww", "-o", "pid=,command="], { encoding: "utf8" }).split("\n"))
    if (line.includes(tag)) found.push({ pid: Number.parseInt(line, 10), command: line.trim().split(" ")[1] ?? "" });
  return found;
}
