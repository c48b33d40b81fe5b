// kill -9 of the real server at random moments while sessions prompt, and what must hold afterwards. The test runs it small, bench/bars/kill.ts long.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import type { DurableEvent } from "../../src/protocol/index.ts";
import type { Client } from "../../src/sdk/index.ts";
import { openQueries } from "../../src/store/queries/queries.ts";
import { alive, openProduct, sleep, until } from "./product.ts";
import type { Seen } from "./simulator.ts";

export type KillFigures = {
  kills: number;
  sessions: number;
  /** Prompts that were acknowledged; none of them may be lost. */
  acknowledged: number;
  /** Turns that began, and how they ended. */
  turns: Record<string, number>;
  /** Events that subscribers got, all once and in order. */
  events: number;
  toolResults: number;
  /** Milliseconds from the kill to the welcome of the new server, over all clients. */
  reattachMs: { median: number; worst: number };
  seconds: number;
};

type Driven = {
  client: Client;
  session: string;
  /** Message id and text of each prompt whose acknowledgement came. */
  acknowledged: { message: string; turn: string; text: string }[];
  seen: { seq: number; kind: string }[];
  completed: Map<string, () => void>;
  done: Set<string>;
};

const eventsPage = 500;

/**
 * @param killed called after each kill with its number, to show that it goes on
 * @throws AssertionError that says which promise was broken and by what
 */
export async function killRun(options: {
  kills: number;
  sessions: number;
  betweenMs: number;
  killed?(count: number): void;
}): Promise<KillFigures> {
  const { kills, sessions, betweenMs } = options;
  const started = performance.now();
  await using product = await openProduct();
  const { simulator, dataDir } = product;
  // A third of the turns call a tool; all stream for a while, so that a kill finds turns in every phase.
  simulator.play((asked: Seen) => {
    const last = asked.body.messages.at(-1)!;
    if (last.role === "user" && /#\d*[036]$/.test(String(last.content)))
      return { text: "I look.", tools: [{ id: `c${Math.random()}`, name: "view", arguments: '{"file_path":"file.txt"}' }], rate: 200 };
    return { words: 5 + Math.floor(Math.random() * 40), rate: 200 };
  });
  fs.writeFileSync(path.join(product.workspace, "file.txt"), "content\n".repeat(20));
  await product.serve();

  let stopping = false;
  let closing = false;
  let killedAt = 0;
  const reattachMs: number[] = [];
  const drive = async (n: number): Promise<Driven> => {
    const client = product.connect({ onEpoch: () => reattachMs.push(performance.now() - killedAt) });
    const { session } = await client.request("session.create", { workspace: product.workspace, title: `s${n}`, env: product.env });
    const driven: Driven = { client, session: session.id, acknowledged: [], seen: [], completed: new Map(), done: new Set() };
    client.subscribe(session.id, {
      after: 0,
      onEvent(event: DurableEvent) {
        driven.seen.push({ seq: event.seq, kind: event.kind });
        if (event.kind !== "turn.completed") return;
        const { id } = event.data.turn;
        driven.done.add(id);
        driven.completed.get(id)?.();
      },
      onError(error) {
        if (!closing) assert.fail(`the subscription of s${n} ended: ${error.message}`);
      },
    });
    return driven;
  };
  const prompting = async (driven: Driven, n: number): Promise<void> => {
    for (let i = 0; !stopping; i++) {
      const text = `s${n} #${i}`;
      const { turn, message } = await driven.client.request("session.prompt", {
        session: driven.session,
        text,
        options: { headless: true },
      });
      driven.acknowledged.push({ message, turn, text });
      if (!driven.done.has(turn)) await new Promise<void>((resolve) => driven.completed.set(turn, resolve));
    }
  };
  const all = await Promise.all(Array.from({ length: sessions }, (_, n) => drive(n)));
  const loops = Promise.all(all.map(prompting));
  loops.catch(() => {});

  for (let count = 1; count <= kills; count++) {
    // From at once, while it recovers, to well after all prompt again.
    await sleep(Math.random() * betweenMs);
    await until(() => product.discovery() !== undefined && alive(product.discovery()!.pid));
    killedAt = performance.now();
    process.kill(product.discovery()!.pid, "SIGKILL");
    options.killed?.(count);
  }
  stopping = true;
  await loops;
  // One more round on the server that stays: everybody is attached, and knows it.
  await Promise.all(all.map(({ client }) => client.request("server.status", {})));
  await until(async () => (await all[0]!.client.request("server.status", {})).turnsRunning === 0);
  const heads = await Promise.all(all.map(async ({ client, session }) => (await client.request("session.get", { session })).session.head));
  await until(() => all.every(({ seen }, i) => (seen.at(-1)?.seq ?? 0) >= heads[i]!));
  closing = true;
  await Promise.all(all.map(({ client }) => client.close()));
  await product.run(["server", "stop", "--force"]);
  await until(() => product.processes().length === 0);

  const queries = openQueries(path.join(dataDir, "crush.db"));
  const turns: Record<string, number> = {};
  let toolResults = 0;
  try {
    assert.deepEqual(queries.integrity(), [], "integrity_check");
    for (const { session, acknowledged, seen } of all) {
      const log: DurableEvent[] = [];
      for (let page = queries.events(session, 0, eventsPage); page.length > 0; page = queries.events(session, log.at(-1)!.seq, eventsPage))
        log.push(...page);
      assert.deepEqual(
        seen,
        log.map(({ seq, kind }) => ({ seq, kind })),
        "a subscriber got each event once and in order",
      );
      assert.deepEqual(
        log.map(({ seq }) => seq),
        log.map((_, i) => i + 1),
        "numbers are dense",
      );
      const begun = new Set<string>();
      const ended: string[] = [];
      const said = new Map<string, string>();
      for (const event of log) {
        if (event.kind === "turn.started" || event.kind === "turn.queued") begun.add(event.data.turn.id);
        if (event.kind === "turn.completed") {
          ended.push(event.data.turn.id);
          turns[event.data.turn.cause ?? event.data.turn.status] = (turns[event.data.turn.cause ?? event.data.turn.status] ?? 0) + 1;
        }
        if (event.kind === "message.created" && event.data.message.role === "user") {
          const [part] = event.data.message.parts;
          said.set(event.data.message.id, part?.kind === "text" ? part.text : "");
        }
      }
      assert.deepEqual(ended.toSorted(), [...begun].toSorted(), "each turn ended with exactly one turn.completed");
      for (const { message, turn, text } of acknowledged) {
        assert.equal(said.get(message), text, `acknowledged prompt ${text} is on disk`);
        assert.equal(queries.turn(turn)?.message, message, `its turn ${turn} too`);
      }
      assert.equal(new Set(said.values()).size, said.size, "no prompt ran twice");
      assert.equal(said.size, acknowledged.length, "no prompt is there that was not acknowledged in the end");
      // Every call has its one result, also those that a kill cut off.
      const messages = queries.conversation(session, { limit: 1_000_000 });
      const calls = messages
        .filter(({ abandoned }) => !abandoned)
        .flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_call" ? [part.call] : [])));
      const results = messages.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === "tool_result" ? [part.call] : [])));
      assert.deepEqual(results.toSorted(), calls.toSorted(), "each call has exactly one result");
      toolResults += results.length;
    }
  } finally {
    queries.close();
  }
  reattachMs.sort((a, b) => a - b);
  return {
    kills,
    sessions,
    acknowledged: all.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0),
    turns,
    events: all.reduce((sum, { seen }) => sum + seen.length, 0),
    toolResults,
    reattachMs: { median: Math.round(reattachMs[reattachMs.length >> 1] ?? 0), worst: Math.round(reattachMs.at(-1) ?? 0) },
    seconds: Math.round((performance.now() - started) / 1_000),
  };
}
