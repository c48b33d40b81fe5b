import { expect, test } from "vitest";
import { connect } from "../../src/sdk/node.ts";
import { slowClientCloseBytes } from "../../src/protocol/index.ts";
import { rawClient, startServer, until } from "../server/support.ts";

test("a client that stops reading costs at most the limit and one frame, is closed, and resumes without a loss", async () => {
  await using server = await startServer();
  const { coordinator } = server;
  coordinator.append("s", "first");
  const slow = await rawClient(server);
  slow.send({ id: 1, method: "session.subscribe", params: { session: "s" } });
  await slow.next();
  const seqs: number[] = [];
  const other = connect({ socket: server.socket!, client: { name: "other", version: "1" } });
  const subscription = other.subscribe("s", { onEvent: ({ seq }) => seqs.push(seq) });
  await subscription.live;
  slow.ws.pause();
  const eventBytes = 200_000;
  let most = 0;
  let written = 1;
  while ((server.counters.snapshot().server_slow_clients_closed_total ?? 0) === 0) {
    coordinator.append("s", "y".repeat(eventBytes));
    written++;
    most = Math.max(most, server.waitingBytes());
    // The one that reads is not held up by the one that does not.
    await until(() => subscription.seq === written);
  }
  expect(most).toBeGreaterThan(slowClientCloseBytes);
  expect(most).toBeLessThan(slowClientCloseBytes + 2 * eventBytes);
  await until(() => server.clients() === 1);
  expect(server.waitingBytes()).toBe(0);
  const again = connect({ socket: server.socket!, client: { name: "again", version: "1" } });
  const resumed: number[] = [];
  await again.subscribe("s", { after: 1, onEvent: ({ seq }) => resumed.push(seq) }).live;
  expect(resumed).toEqual(seqs);
  await Promise.all([other.close(), again.close()]);
  slow.ws.terminate();
});

test("a client that is slow but reads is told 4008 and why", async () => {
  await using server = await startServer({ limits: { slowClientCloseBytes: 2_000_000, slowClientBytes: 1_000_000 } });
  const client = await rawClient(server);
  client.send({ id: 1, method: "session.subscribe", params: { session: "s", after: 0 } });
  await client.next();
  await client.next();
  client.ws.pause();
  for (let i = 0; i < 30; i++) server.coordinator.append("s", "z".repeat(200_000));
  client.ws.resume();
  expect(await client.closed).toMatchObject({ code: 4008, reason: expect.stringContaining("connect again") });
});

test("a replay waits for the socket: its bytes in memory stay near the limit however long it is", async () => {
  await using server = await startServer({ limits: { slowClientBytes: 500_000 } });
  for (let i = 0; i < 600; i++) server.coordinator.append("s", "r".repeat(20_000));
  const client = await rawClient(server);
  client.ws.pause();
  client.send({ id: 1, method: "session.subscribe", params: { session: "s", after: 0 } });
  await until(() => server.waitingBytes() > 500_000);
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(server.waitingBytes()).toBeLessThan(500_000 + 21 * 21_000);
  client.ws.resume();
  const seqs: unknown[] = [];
  while (seqs.length < 600) {
    const frame = await client.next();
    if (frame.type === "event") seqs.push(frame.seq);
  }
  expect(seqs.at(-1)).toBe(600);
  client.ws.terminate();
});
