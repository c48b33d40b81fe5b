import { spawn } from "node:child_process";
import { alive } from "../../client/alive.ts";
import type { ServerStatus } from "../../protocol/index.ts";
import type { Client } from "../../sdk/index.ts";
import { connect } from "../../sdk/node.ts";
import { flag, list, type Parsed, text, UsageError } from "../args.ts";
import { place } from "../connection.ts";
import { loadLines } from "../load-lines.ts";
import { readDiscovery, serverCommand } from "../server-control.ts";

/** How long the load of running turns is looked at. */
const loadSampleMs = 1_000;

/** The server gives itself five seconds. */
const stopWaitMs = 6_000;

/** `crush server`: in the foreground until a signal; `status` and `stop` speak to a running one. */
export async function serverCommandLine(parsed: Parsed): Promise<number> {
  const at = place(parsed);
  if (parsed.sub === undefined) return await foreground(parsed, at.dataDir);
  const json = flag(parsed.values, "json");
  const found = at.host ?? readDiscovery(at.runtime);
  const none = () => {
    if (json) process.stdout.write(`${JSON.stringify({ running: false })}\n`);
    else process.stdout.write("no server is running\n");
    return parsed.sub === "stop" ? 0 : 1;
  };
  if (!found) return none();
  const client = connect({ ...found, reconnect: false, client: { name: "crush", version: __VERSION__ } });
  try {
    try {
      await client.ready;
    } catch (error) {
      if ((error as { code?: string }).code === "refused") throw error;
      return none();
    }
    if (parsed.sub === "stop") {
      const { pid } = await client.request("server.status", {});
      await client.request("server.stop", { force: flag(parsed.values, "force") });
      await gone(pid);
      process.stdout.write(json ? `${JSON.stringify({ stopped: true })}\n` : "stopped\n");
      return 0;
    }
    const status = await client.request("server.status", {});
    if (json) process.stdout.write(`${JSON.stringify({ running: true, ...status }, null, 2)}\n`);
    else {
      const minutes = Math.round((Date.now() - status.startedAt) / 60_000);
      process.stdout.write(
        `pid ${status.pid}, version ${status.version}, up ${minutes} min\n${status.clients} clients, ${status.screens} screens, ${status.sessionsOpen} sessions open, ${status.turnsRunning} turns running\n`,
      );
      // While turns run, what they cost now; else what the server has done since it was started.
      const lines =
        status.turnsRunning > 0
          ? await loadNow(client, status.counters)
          : loadLines({}, status.counters, (Date.now() - status.startedAt) / 1_000);
      process.stdout.write(lines.map((line) => `${line}\n`).join(""));
    }
    return 0;
  } finally {
    void client.close();
  }
}

async function loadNow(client: Client, before: ServerStatus["counters"]): Promise<string[]> {
  const from = performance.now();
  await new Promise((resolve) => setTimeout(resolve, loadSampleMs));
  const { counters } = await client.request("server.status", {});
  return loadLines(before, counters, (performance.now() - from) / 1_000);
}

/** Waits until a server process of this machine has ended, so that the next one finds the data directory free. */
async function gone(pid: number): Promise<void> {
  for (const limit = Date.now() + stopWaitMs; Date.now() < limit; ) {
    if (!alive(pid)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function foreground(parsed: Parsed, dataDir: string): Promise<number> {
  const { values } = parsed;
  const extra: string[] = [];
  for (const name of ["listen", "tls-cert", "tls-key", "idle-exit"]) {
    const value = text(values, name);
    if (value !== undefined) extra.push(`--${name}`, value);
  }
  const host = text(values, "host");
  if (host !== undefined) {
    const tcp = /^tcp:\/\/(.+)$/.exec(host);
    if (!tcp) throw new UsageError("crush server --host takes tcp://HOST:PORT (the same as --listen HOST:PORT)");
    extra.push("--listen", tcp[1]!);
  }
  for (const name of ["insecure-lan", "debug"]) if (flag(values, name)) extra.push(`--${name}`);
  for (const name of ["allow-origin", "allow-host"]) for (const value of list(values, name)) extra.push(`--${name}`, value);
  const { command, args } = serverCommand(dataDir, extra);
  const child = spawn(command, args, { stdio: "inherit" });
  // The terminal signals the whole group; others only us.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ? 1 : (code ?? 1)));
  });
}
