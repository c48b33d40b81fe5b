// node bench/bars/closed-sessions.ts [--sessions 200] [--rounds 4]
// Sessions are opened on a screen, prompted, closed and deleted, in rounds: what the server holds afterwards. Fails when the main thread's
// collected heap grows by more than 8 KB a session, or when live objects stay.
import { parseArgs } from "node:util";
import type { ServerStatus } from "../../src/protocol/index.ts";
import { openProduct, sleep } from "../../test/support/product.ts";
import { serveProbed } from "../support/probed-server.ts";

const { values } = parseArgs({ options: { sessions: { type: "string", default: "200" }, rounds: { type: "string", default: "4" } } });
const rounds = Number(values.rounds);
const perRound = Math.ceil(Number(values.sessions) / rounds);
const atOnce = 10;
const heapBytesMax = 8 << 10;

await using product = await openProduct();
product.simulator.play({ words: 200 });
const { probe } = await serveProbed(product, { CRUSH_PROBE_COLLECT: "1" });
const client = product.connect();
const { workspace, env } = product;
const term = { name: "xterm-256color", colours: "true" as const };

async function whole(): Promise<void> {
  const own = product.connect();
  const { session } = await own.request("session.create", { workspace, env });
  const screen = own.screen(
    { cols: 120, rows: 40, term, mode: "full", workspace, session: session.id, env },
    { onPatch: ({ seq }) => screen.ack(seq) },
  );
  await screen.opened;
  await new Promise<void>((resolve, reject) => {
    own.subscribe(session.id, { after: 0, onEvent: ({ kind }) => kind === "turn.completed" && resolve() });
    own.request("session.prompt", { session: session.id, text: "go" }).catch(reject);
  });
  screen.close();
  await own.request("session.delete", { session: session.id });
  await own.close();
}

const objects = ({ counters, ...status }: ServerStatus): string =>
  [
    `${status.sessionsOpen} sessions, ${status.screens} screens, ${status.clients} clients`,
    ...Object.entries(counters).flatMap(([name, count]) => (name.startsWith("live.") && count > 0 ? [`${count} ${name.slice(5)}`] : [])),
  ].join(", ");

await probe();
const measured: { heap: number; rss: number }[] = [];
for (let round = 0; round <= rounds; round++) {
  // The first round is the warm-up: code, caches and kernels come with it.
  for (let done = 0; done < perRound; done += atOnce) await Promise.all(Array.from({ length: Math.min(atOnce, perRound - done) }, whole));
  await sleep(1_000);
  const { memory } = await probe();
  measured.push({ heap: memory.heapUsed, rss: memory.rss });
  const status = await client.request("server.status", {});
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);
  console.log(
    `after ${(round + 1) * perRound} sessions: heap of main ${megabytes(memory.heapUsed)} MB, external ${megabytes(memory.external)}, RSS ${megabytes(memory.rss)} MB; ${objects(status)}`,
  );
  if (status.sessionsOpen > 0 || status.screens > 0 || objects(status).includes("worker.conversations")) process.exitCode = 1;
}
const [first, last] = [measured[0]!, measured.at(-1)!];
const slope = (name: "heap" | "rss"): number => (last[name] - first[name]) / (rounds * perRound);
console.log(`a session leaves ${(slope("heap") / 1_000).toFixed(2)} KB of main's heap, ${(slope("rss") / 1_000).toFixed(1)} KB of RSS`);
if (slope("heap") > heapBytesMax) process.exitCode = 1;
await client.close();
