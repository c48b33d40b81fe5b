import path from "node:path";
import type { Store } from "../../contracts/store.ts";
import type { TimeStore } from "../../contracts/time.ts";
import type { Compute, Files, Http, Jobs, Spawn, ToolContext } from "../../contracts/tool.ts";
import type { Config } from "../../contracts/config.ts";
import { ignorePlaces } from "../paths.ts";

type Request = { session: string; turn: string; workspace: string; config: Config; env: Record<string, string>; owner?: Owner };
type Owner = { session: string; turn: string };
type Surroundings = Omit<ToolContext, "session" | "turn" | "call" | "signal" | "progress">;
type ReadTimes = { readTime(session: string, path: string): number | undefined };

/** Sessions whose read times and ignore rules are kept in memory; the store knows the read times of older ones. */
const sessionsMax = 256;

type Entry = { files: Promise<Files>; owner: Owner; spawn: Spawn; env: Record<string, string>; config: Config };

/** Makes what tools touch: files, children, jobs, HTTP. Everything is loaded with the first tool call of the server. */
export function openSurroundings(options: {
  dataDir: string;
  store: Store & TimeStore;
  queries: ReadTimes;
  compute: Compute;
  env: Record<string, string>;
}): {
  context(request: Request): Promise<Surroundings>;
  jobs: Jobs;
  ripgrep(): Promise<string>;
  forget(session: string): void;
  close(): Promise<void>;
} {
  const { dataDir, store, queries, compute } = options;
  const entries = new Map<string, Entry>();
  let http: (Http & { close(): Promise<void> }) | undefined;
  let jobs: Promise<Jobs & { close(): Promise<void> }> | undefined;
  let ready: (Jobs & { close(): Promise<void> }) | undefined;

  const openJobs = () =>
    (jobs ??= import("../../process/index.ts").then(({ createJobs }) => {
      ready = createJobs({
        directory: path.join(dataDir, "jobs"),
        environment: (session) => {
          const entry = entries.get(session);
          return { base: entry?.env ?? options.env, extra: entry?.config.env ?? {} };
        },
      });
      return ready;
    }));

  const open = async (request: Request): Promise<Entry> => {
    const known = entries.get(request.session);
    if (known) {
      known.owner = request.owner ?? { session: request.session, turn: request.turn };
      known.env = request.env;
      known.config = request.config;
      // Newest last, so that the oldest is the first to go.
      entries.delete(request.session);
      entries.set(request.session, known);
      return known;
    }
    const [{ openFiles, globalIgnoreRules }, { createSpawn }] = await Promise.all([
      import("../../workspace/index.ts"),
      import("../../process/index.ts"),
    ]);
    const { session } = request;
    const entry: Entry = {
      owner: request.owner ?? { session: request.session, turn: request.turn },
      env: request.env,
      config: request.config,
      files: undefined as unknown as Promise<Files>,
      spawn: undefined as unknown as Spawn,
    };
    entry.spawn = createSpawn({ environment: () => entry.env, extra: request.config.env });
    const globalRules = await globalIgnoreRules(ignorePlaces(request.env));
    entry.files = openFiles({
      workspace: request.workspace,
      ...(globalRules !== "" && { globalRules }),
      readTime: (file) => queries.readTime(session, file),
      recordRead: (file, time) => store.recordRead(session, file, time),
      saveVersion: (version) => store.saveFile({ ...entry.owner, ...version }),
      turn: () => entry.owner.turn,
      recordWrite: (write) => store.recordWrite({ ...entry.owner, ...write }),
    });
    entries.set(session, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= sessionsMax) break;
      entries.delete(oldest);
    }
    return entry;
  };

  /** Empty where the package has no binary for this platform: search falls back to what the system has. */
  const ripgrep = async (): Promise<string> => {
    try {
      return (await import("@vscode/ripgrep")).rgPath;
    } catch {
      return "";
    }
  };

  return {
    async context(request) {
      const [entry, loadedJobs, { createHttp }, rg] = await Promise.all([
        open(request),
        openJobs(),
        import("../../net/index.ts"),
        ripgrep(),
      ]);
      http ??= createHttp();
      return { files: await entry.files, spawn: entry.spawn, jobs: loadedJobs, http, compute, limits: request.config.tools, ripgrep: rg };
    },
    jobs: {
      start: (request) => {
        if (!ready) throw new Error("jobs are started by tools only");
        return ready.start(request);
      },
      get: (id) => ready?.get(id),
      wait: async (id, signal, timeoutMs) => (await openJobs()).wait(id, signal, timeoutMs),
      kill: async (id) => ready?.kill(id),
      list: (session) => ready?.list(session) ?? [],
    },
    ripgrep,
    forget: (session) => void entries.delete(session),
    async close() {
      await ready?.close();
      await http?.close();
    },
  };
}
