// Disconnects of a subscriber at random moments while turns stream on the real server. Frames are looked at as they come, without the
// SDK, which would hide a repeated one.
import assert from "node:assert/strict";
import type { Listening } from "../../src/server/index.ts";
import { type RawClient, rawClient } from "../server/support.ts";
import { openProduct, until } from "./product.ts";

export type DisconnectFigures = {
  disconnects: number;
  sessions: number;
  events: number;
  deltas: number;
  replayed: number;
  seconds: number;
};

/** @throws AssertionError when an event is lost, comes twice or out of order */
export async function disconnectRun(options: { disconnects: number; sessions: number }): Promise<DisconnectFigures> {
  const { disconnects, sessions } = options;
  const started = performance.now();
  await using product = await openProduct();
  product.simulator.play(() => ({ words: 10 + Math.floor(Math.random() * 60), rate: 300 }));
  const { socket } = await product.serve();
  const driver = product.connect({ reconnect: false });
  const ids = await Promise.all(
    Array.from(
      { length: sessions },
      async () => (await driver.request("session.create", { workspace: product.workspace, env: product.env })).session.id,
    ),
  );
  let stopping = false;
  const prompting = Promise.all(
    ids.map(async (session) => {
      // Several wait, so that a turn begins as soon as one has ended.
      const subscription = driver.subscribe(session, {
        after: 0,
        onEvent: (event) => {
          if (event.kind === "turn.completed" && !stopping)
            void driver.request("session.prompt", { session, text: "more", options: { headless: true } });
        },
      });
      await subscription.live;
      await driver.request("session.prompt", { session, text: "begin", options: { headless: true } });
    }),
  );

  const seqs = new Map(ids.map((id) => [id, [] as number[]]));
  let deltas = 0;
  let replayed = 0;
  let cuts = 0;
  /** One connection: takes up every session where it was left, and breaks off after a random number of frames or milliseconds. */
  const once = async (last: boolean): Promise<void> => {
    const subprotocol = Math.random() < 0.5 ? "crush.v1" : "crush.v1.json";
    const client = await rawClient({ socket } as Listening, { subprotocol });
    const live = new Set<string>();
    for (const [i, session] of ids.entries())
      client.send({ id: i, method: "session.subscribe", params: { session, after: seqs.get(session)!.length, deltas: true } });
    let left = last ? Number.POSITIVE_INFINITY : Math.floor(Math.random() * 40 * sessions);
    let over = false;
    const timer = last ? undefined : setTimeout(() => client.ws.terminate(), Math.random() * 150);
    void client.closed.then(() => (over = true));
    while (!over && left-- > 0) {
      const frame = await next(client);
      if (frame === undefined) break;
      if (frame.type === "live") live.add(frame.session as string);
      if (frame.type === "delta") deltas++;
      if (frame.type === "resync") assert.fail(`a resync of ${String(frame.session)}: its log was all there`);
      if (frame.type === "event") {
        const list = seqs.get(frame.session as string)!;
        assert.equal(frame.seq, list.length + 1, "the next event, neither lost nor repeated");
        list.push(frame.seq as number);
        if (!live.has(frame.session as string)) replayed++;
      }
      if (last && ids.every((id) => (heads.get(id) ?? Number.POSITIVE_INFINITY) <= seqs.get(id)!.length)) break;
    }
    clearTimeout(timer);
    if (Math.random() < 0.5) client.ws.terminate();
    else client.ws.close();
    cuts++;
  };
  const heads = new Map<string, number>();
  while (cuts < disconnects) await once(false);
  stopping = true;
  await prompting;
  await until(async () => (await driver.request("server.status", {})).turnsRunning === 0);
  for (const id of ids) heads.set(id, (await driver.request("session.get", { session: id })).session.head);
  await once(true);
  assert.deepEqual(
    ids.map((id) => seqs.get(id)!.length),
    ids.map((id) => heads.get(id)),
    "everything up to the head came",
  );
  await driver.close();
  return {
    disconnects,
    sessions,
    events: [...seqs.values()].reduce((sum, { length }) => sum + length, 0),
    deltas,
    replayed,
    seconds: Math.round((performance.now() - started) / 100) / 10,
  };
}

/** The next frame, or undefined when the connection is gone. */
const next = (client: RawClient): Promise<Record<string, unknown> | undefined> =>
  Promise.race([client.next(), client.closed.then(() => undefined)]);
