import fs from "node:fs";
import path from "node:path";
import type { Client } from "../sdk/index.ts";
import { connect } from "../sdk/node.ts";
import { flag, type Parsed, text, UsageError } from "./args.ts";
import { dataDirectory, type RuntimePaths, runtimePaths } from "./paths.ts";
import { mismatch, readDiscovery, type ServerAddress, startServer } from "./server-control.ts";

/** What every command knows about where it runs. */
export type Place = { cwd: string; dataDir: string; runtime: RuntimePaths; debug: boolean; host: ServerAddress | undefined };

/** Starts of a server that dies at once again before we give up. */
const startsMax = 4;

/** @throws UsageError when the directory does not exist or the host is not an address */
export function place(parsed: Parsed): Place {
  const cwd = path.resolve(text(parsed.values, "cwd") ?? process.cwd());
  let real: string;
  try {
    real = fs.realpathSync(cwd);
    if (!fs.statSync(real).isDirectory()) throw new Error();
  } catch {
    throw new UsageError(`${cwd} is not a directory`);
  }
  const dataDir = dataDirectory(process.env, text(parsed.values, "data-dir"));
  return {
    cwd: real,
    dataDir,
    runtime: runtimePaths(process.env, dataDir),
    debug: flag(parsed.values, "debug"),
    host: hostAddress(text(parsed.values, "host")),
  };
}

function hostAddress(given: string | undefined): ServerAddress | undefined {
  if (given === undefined) return undefined;
  const token = process.env.CRUSH_TOKEN;
  const unix = /^unix:\/\/(.+)$/.exec(given);
  if (unix) return { socket: unix[1]!, ...(token ? { token } : {}) };
  const tcp = /^(tcp|tls):\/\/(.+):(\d+)\/?$/.exec(given);
  if (tcp) return { url: `${tcp[1] === "tls" ? "wss" : "ws"}://${tcp[2]}:${tcp[3]}/v1`, ...(token ? { token } : {}) };
  throw new UsageError(`--host takes unix://PATH, tcp://HOST:PORT or tls://HOST:PORT, not "${given}"`);
}

const identity = { name: "crush", version: __VERSION__ };

export type ConnectChoice = {
  /** How long a server that is started here stays after its last client and turn. */
  lingerMs: number;
  /** Also start it again when it dies while we are connected. */
  revive?: boolean;
  onRevive?(): void;
};

/**
 * A client of the server of this data directory, starting one in the background when none runs. Returns at once: requests may
 * be made before it is connected. A server of another build is replaced when nothing runs in it.
 */
export async function connectToServer(at: Place, choice: ConnectChoice): Promise<Client> {
  if (at.host) return connect({ ...at.host, client: identity, ...(choice.revive ? {} : { reconnect: false as const }) });
  const found = readDiscovery(at.runtime);
  const why = found && mismatch(found);
  const usable = found && (!why || !(await replaceStale(found, why)));
  const target: ServerAddress = usable ? found : { socket: at.runtime.socket };
  return connect({
    socket: target.socket ?? at.runtime.socket,
    ...(target.token ? { token: target.token } : {}),
    client: identity,
    onReconnect: async ({ attempt, wasOpen }) => {
      if (attempt > startsMax || (wasOpen && !choice.revive)) return false;
      const running = readDiscovery(at.runtime);
      // Somebody else may have started it meanwhile; only the first try may trust the file.
      if (running && attempt === 1 && running.pid !== found?.pid) return { socket: running.socket, token: running.token };
      const started = await startServer(process.env, at.dataDir, choice.lingerMs, at.debug);
      if (wasOpen) choice.onRevive?.();
      return { socket: started.socket, token: started.token };
    },
  });
}

/** Asks a server of another build to end. @returns false when it must be used as it is, because turns run in it */
async function replaceStale(found: ServerAddress, why: string): Promise<boolean> {
  const client = connect({ ...found, reconnect: false, client: identity });
  try {
    await client.request("server.stop", {}, { timeoutMs: 5_000 });
    return true;
  } catch (error) {
    if ((error as { code?: string }).code !== "conflict") return true;
    process.stderr.write(`crush: the running server is used although ${why}: turns run in it\n`);
    return false;
  } finally {
    void client.close();
  }
}
