// A server and its terminal that do nothing: how often the kernel has to wake a thread of theirs, and what it costs. Goals: 1 wake-up a
// second over all threads of all processes, 0.1 % of a core; the floors are twice that. What is left is V8's own: each isolate looks after
// its heap once more some seconds after it was used.
//   node bench/run.ts idle         node bench/idle.ts [--seconds 20]
import fs from "node:fs";
import { parseArgs } from "node:util";
import { openProduct, sleep } from "../test/support/product.ts";
import { openPty } from "../test/support/pty.ts";
import { smoke } from "./harness.ts";
import { publish, type Report, value } from "./report.ts";

const { values } = parseArgs({ options: { seconds: { type: "string", default: smoke ? "2" : "20" } }, strict: false });
const seconds = Number(values.seconds);
const floors = { wakesPerSecond: 2, percent: 0.2 };

type Thread = { wakes: number; ms: number };

await using product = await openProduct();

/** Voluntary switches (a thread that waited and was woken) and CPU of every thread. */
function threads(): Map<string, Thread> {
  const found = new Map<string, Thread>();
  for (const { pid, command } of product.processes())
    for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
      try {
        const status = fs.readFileSync(`/proc/${pid}/task/${task}/status`, "utf8");
        const of = (name: string): string => new RegExp(`^${name}:\\s+(.*)`, "m").exec(status)![1]!;
        const ms = Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]) / 1e6;
        const process = command.includes("serve.mjs") ? "server" : "client";
        found.set(`${process} ${of("Name")} ${Number(task) - pid}`, { wakes: Number(of("voluntary_ctxt_switches")), ms });
      } catch {
        // A thread that has just ended.
      }
    }
  return found;
}

async function idle(claim: string): Promise<Report> {
  const before = threads();
  await sleep(seconds * 1_000);
  const spent = [...threads()].map(([thread, { wakes, ms }]) => {
    const was = before.get(thread) ?? { wakes: 0, ms: 0 };
    return { thread, wakes: wakes - was.wakes, ms: ms - was.ms };
  });
  const perSecond = (of: (one: Thread) => number): number => spent.reduce((sum, one) => sum + of(one), 0) / seconds;
  // A smoke run measures the rest of the start.
  const values = [
    value(
      "wake-ups",
      perSecond(({ wakes }) => wakes),
      "1/s",
      { atMost: floors.wakesPerSecond },
      smoke,
    ),
    value("CPU", perSecond(({ ms }) => ms) / 10, "%", { atMost: floors.percent }, smoke),
  ];
  const notes = Object.fromEntries(spent.filter(({ wakes }) => wakes > 0).map(({ thread, wakes }) => [`wake-ups of ${thread}`, wakes]));
  return { claim, smoke, rounds: 1, figures: [], values, notes, ok: values.every(({ ok }) => ok !== false) };
}

const tty = openPty(product, []);
await tty.shows("What shall we work on?");
await sleep(smoke ? 0 : 5_000);
const untouched = await idle("a server and its terminal that do nothing");
product.simulator.play({ words: 50 });
tty.type("go\r");
await tty.shows("kappa");
// A subscriber and a second connection, and a turn behind them: heartbeats run then, one timer for all.
const client = product.connect();
const { sessions } = await client.request("session.list", {});
client.subscribe(sessions[0]!.id, { after: 0 });
await sleep(smoke ? 0 : 10_000);
const after = await idle("the same after a turn, with a second client that has subscribed");
await client.close();
tty.kill("SIGKILL");
publish("idle", [untouched, after]);
