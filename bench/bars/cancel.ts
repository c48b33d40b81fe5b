// node bench/bars/cancel.ts [--times 30]
// Milliseconds from `session.cancel` to its answer (the end of the turn is on disk then), while an answer streams and while a command runs. Bar: 100.
import { parseArgs } from "node:util";
import { openProduct, sleep } from "../../test/support/product.ts";
import type { Script } from "../../test/support/simulator.ts";

const { values } = parseArgs({ options: { times: { type: "string", default: "30" } } });
const barMs = 100;
await using product = await openProduct();
await product.serve();
const client = product.connect({ reconnect: false });
const busy: Record<string, Script> = {
  streaming: { words: 100_000, rate: 300 },
  "a command that ignores SIGTERM": {
    tools: [
      { name: "bash", arguments: JSON.stringify({ description: "wait", command: "trap '' TERM; echo started; sleep 20; sleep 20" }) },
    ],
  },
};
for (const [name, script] of Object.entries(busy)) {
  const times: number[] = [];
  for (let i = 0; i < Number(values.times); i++) {
    product.simulator.play(script);
    const { session } = await client.request("session.create", { workspace: product.workspace, title: "t", env: product.env, yolo: true });
    let ended = 0;
    await new Promise<void>((resolve, reject) => {
      client.subscribe(session.id, {
        after: 0,
        onDelta: (delta) => delta.kind === "text" && resolve(),
        onProgress: () => resolve(),
        onEvent(event) {
          if (event.kind !== "turn.completed") return;
          ended++;
          reject(new Error(event.data.turn.reason ?? "it ended by itself"));
        },
      });
      client.request("session.prompt", { session: session.id, text: "go" }).catch(reject);
    });
    await sleep(Math.random() * 50);
    const asked = performance.now();
    await client.request("session.cancel", { session: session.id });
    times.push(performance.now() - asked);
    if (ended !== 1) throw new Error(`${ended} turn.completed`);
  }
  times.sort((a, b) => a - b);
  const worst = times.at(-1)!;
  console.log(`${name}: median ${times[times.length >> 1]!.toFixed(1)} ms, worst ${worst.toFixed(1)} ms of ${times.length}`);
  if (worst > barMs) process.exitCode = 1;
}
await client.close();
