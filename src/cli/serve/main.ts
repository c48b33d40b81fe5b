// The server's main thread: puts the parts together. Everything that could be tested lives elsewhere.
import { randomBytes, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { createCompute } from "../../compute/index.ts";
import type { Clock } from "../../contracts/base.ts";
import type { CompactionPlan } from "../../contracts/compaction.ts";
import type { TokensAnswer } from "../../contracts/tokens.ts";
import { wireOfType } from "../../contracts/config.ts";
import { openCoordinator } from "../../coordinator/index.ts";
import { openComputePool, openDemoPool } from "../../coordinator/link/pools.ts";
import type { JudgeRequest, Verdict } from "../../coordinator/options.ts";
import { createCounters } from "../../metrics/counters.ts";
import { openLog } from "../../metrics/log.ts";
import { systemPrompt } from "../../prompt/system.ts";
import { protocolVersion } from "../../protocol/index.ts";
import { demoProvider } from "../../providers/demo/config.ts";
import { type Listening, listen } from "../../server/index.ts";
import { attachmentsDirectory, openAttachments } from "../../store/attachments.ts";
import { openStore } from "../../store/client.ts";
import { openQueries } from "../../store/queries/queries.ts";
import type { SearchAnswer } from "../../store/queries/search.ts";
import { toolSpecs, tools } from "../../tools/index.ts";
import { clientEnv } from "../environment.ts";
import { configDirectory, ensurePrivate, runtimePaths } from "../paths.ts";
import type { ServeArguments } from "./arguments.ts";
import { openConfigSource } from "./config-source.ts";
import { publishDiscovery, withdrawDiscovery } from "./discovery.ts";
import { watchIdle } from "./idle.ts";
import { modelSkills, openPromptCommands } from "./prompt-commands.ts";
import { lockDataDirectory } from "./lock.ts";
import { openScratch } from "./scratch.ts";
import { openProviderKeeper } from "./provider-keeper.ts";
import { openSurroundings } from "./surroundings.ts";
import type { Threads } from "./threads.ts";

/** A stop that takes longer than this has lost somebody; what is acknowledged is on disk anyway. */
const stopTimeoutMs = 5_000;

const clock: Clock = {
  now: Date.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** @throws AlreadyRunning when another server owns the data directory */
export async function serve(args: ServeArguments, threads: Threads): Promise<void> {
  const { dataDir, database, links, planes, delay, storePool, openLinks, worker } = threads;
  const lock = lockDataDirectory(dataDir);
  const runtime = runtimePaths(process.env, args.dataDir);
  ensurePrivate(runtime.directory);

  const log = openLog({ file: path.join(dataDir, "logs", "crush.log"), level: args.debug ? "debug" : "info" });
  const counters = createCounters();
  const env = clientEnv();

  const computeWorker = worker("compute");
  const computePool = openComputePool(computeWorker);
  const demoPool = openDemoPool(worker("demo"));
  const compute = createCompute((task) => computePool.compute(task));
  const slow = counters.counter("store.slow_statements");
  const store = openStore({
    run: (batch) => storePool.run(batch),
    end: () => storePool.close(),
    clock,
    onSlow: (statement, ms) => {
      slow.value += 1;
      log.warn("slow statement", { statement, ms });
    },
    onIndexFailed: (why) => log.error("the search index does not go on until the next start", { why }),
  });
  const opening = store.ready();
  const config = openConfigSource({ dataDir, log });
  await opening;
  const queries = openQueries(database);
  const surroundings = openSurroundings({ dataDir, store, queries, compute, env });
  const started = Date.now();

  let stop: (why: string) => void = () => {};
  const opened = await openCoordinator({
    epoch: randomUUID(),
    version: __VERSION__,
    build: __BUILD_ID__,
    clock,
    log,
    store,
    queries,
    links: openLinks,
    linkCounters: links,
    planes,
    env,
    configStamp: (request) => config.stamp(request),
    loadConfig: (request) => config.load(request),
    watchConfig: (request, changed) => config.watch(request, changed),
    systemPrompt: async (request) => {
      const provider = request.config.providers.find((p) => p.id === request.model.provider);
      return systemPrompt({
        workspace: request.workspace,
        config: request.config,
        configDir: configDirectory(env),
        homeDir: env.HOME ?? "",
        ...(provider?.systemPromptPrefix ? { systemPromptPrefix: provider.systemPromptPrefix } : {}),
        skills: await modelSkills({ workspace: request.workspace, env, config: request.config }, dataDir),
        day: new Date().toISOString().slice(0, 10),
        platform: process.platform,
      });
    },
    wire: (provider) => wireOfType[provider.type] !== undefined,
    tools,
    toolSpecs,
    toolContext: (request) => surroundings.context(request),
    forgetSession: (session) => surroundings.forget(session),
    jobs: surroundings.jobs,
    // On the compute worker: loading the grammar takes 25 ms, which nobody's keys should wait for.
    judge: async (request: JudgeRequest) => (await computePool.compute({ kind: "judge", ...request })) as Verdict,
    saveRule: (workspace, pattern) => config.saveRule(workspace, pattern),
    trust: {
      status: async (request) =>
        Promise.all(
          (await config.projectFiles(request)).map(async ({ text, before, ...file }) => ({
            ...file,
            patch: (await compute.diff(path.relative(request.workspace, file.file), before ?? "", text)).patch,
          })),
        ),
      decide: (request, decision, files) => config.decideTrust(request, decision, files),
      revoke: (workspace) => config.revokeTrust(workspace),
    },
    agents: (request) => config.agents(request),
    scratch: () => openScratch(path.join(dataDir, "agents")),
    providers: openProviderKeeper({ log }),
    keyRefused: () => config.outdated(),
    checkProvider: async (provider) => (await import("../../providers/check.ts")).checkKey(provider),
    updateCatalogue: (env, source) => config.updateCatalogue(env, source),
    time: { store, queries, diff: (name, before, after) => compute.diff(name, before, after) },
    demo: async () => demoProvider((await demoPool.run({ kind: "start" })) as { port: number; token: string }),
    search: async (request) => (await computePool.compute({ kind: "search", database, ...request })) as SearchAnswer,
    countTokens: async (request) => {
      const kernels = path.join(path.dirname(computeWorker.filename), "../kernels");
      return (await computePool.compute({ kind: "tokens", database, kernels, ...request })) as TokensAnswer | undefined;
    },
    planCompaction: async (request) => {
      const kernels = path.join(path.dirname(computeWorker.filename), "../kernels");
      return (await computePool.compute({ kind: "compaction", database, kernels, ...request })) as CompactionPlan | undefined;
    },
    completeFiles: async (request) => compute.complete({ ...request, ripgrep: await surroundings.ripgrep() }),
    attachments: openAttachments({ directory: attachmentsDirectory(dataDir), inUse: () => queries.attachments() }),
    promptCommands: openPromptCommands({ dataDir }),
    counters: () => ({
      ...counters.snapshot(),
      ...Object.fromEntries(Object.entries(delay.summary()).map(([name, value]) => [`coordinator.delay.${name}`, value])),
    }),
    stop: () => stop("asked to"),
  });

  let listening: Listening | undefined;
  const { coordinator, idle } = watchIdle({
    coordinator: opened,
    lingerMs: args.lingerMs,
    clients: () => listening?.clients() ?? 0,
    stop: () => stop("idle"),
  });
  const token = randomBytes(32).toString("base64url");
  listening = await listen({
    coordinator,
    version: __VERSION__,
    socket: runtime.socket,
    token,
    allowedOrigins: args.origins,
    allowedHosts: args.hosts,
    log,
    metrics: counters,
    planes,
    ...(args.listen
      ? {
          tcp: {
            ...args.listen,
            allowInsecureLan: args.insecureLan,
            ...(args.tlsCert && args.tlsKey
              ? { tls: { cert: fs.readFileSync(args.tlsCert, "utf8"), key: fs.readFileSync(args.tlsKey, "utf8") } }
              : {}),
          },
        }
      : {}),
  });
  listening.onIdle(idle);
  publishDiscovery(runtime, {
    protocol: protocolVersion,
    build: __BUILD_ID__,
    version: __VERSION__,
    pid: process.pid,
    epoch: coordinator.epoch,
    socket: runtime.socket,
    ...(listening.tcp ? { tcp: listening.tcp } : {}),
    token,
    dataDir,
    startedAt: started,
  });
  log.info("listening", { pid: process.pid, socket: runtime.socket, ...(listening.tcp ? { tcp: listening.tcp } : {}) });
  if (!args.background) {
    const { tcp } = listening;
    process.stdout.write(
      `crush server ${__VERSION__}, pid ${process.pid}\nsocket ${runtime.socket}\n${tcp ? `${tcp.tls ? "wss" : "ws"}://${tcp.host}:${tcp.port}/v1 (token in ${runtime.discovery})\n` : ""}`,
    );
  }

  let stopping = false;
  stop = (why) => {
    if (stopping) return;
    stopping = true;
    log.info("stopping", { why });
    withdrawDiscovery(runtime, coordinator.epoch);
    setTimeout(() => process.exit(1), stopTimeoutMs).unref();
    void (async () => {
      await listening?.close();
      await coordinator.shutdown();
      await surroundings.close();
      await Promise.all([computePool.close(), demoPool.close()]);
      queries.close();
      await store.close();
      log.close();
      lock.release();
      process.exit(0);
    })().catch((error: unknown) => {
      log.error("stopping failed", { error: String(error) });
      process.exit(1);
    });
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop(signal));
  process.on("unhandledRejection", (reason) =>
    log.error("unhandled rejection", { error: reason instanceof Error ? reason.stack : String(reason) }),
  );
  process.on("uncaughtException", (error) => {
    log.error("uncaught exception", { error: error.stack });
    process.stderr.write(`crush server: ${error.stack}\n`);
    stop("a fault of ours");
  });
}
