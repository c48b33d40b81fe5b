// What many subscribers cost: no copy and no encoding for each, one write a tick.
import type { Duplex } from "node:stream";
import { expect, test } from "vitest";
import type { Peer } from "../../src/contracts/coordinator.ts";
import { rawClient, startServer, type TestServer, until } from "./support.ts";

/** The buffers that go into a peer's socket, and how often that hands some to the system. */
function watch(peer: Peer): { buffers: Uint8Array[]; writes: () => number } {
  const socket = (peer as Peer & { socket: Duplex }).socket;
  const buffers: Uint8Array[] = [];
  let writes = 0;
  const { write, _write, _writev } = socket;
  socket.write = function (this: Duplex, ...args: unknown[]) {
    buffers.push(args[0] as Uint8Array);
    return write.apply(this, args as never);
  } as typeof write;
  socket._write = function (this: Duplex, ...args) {
    writes++;
    _write.apply(this, args);
  };
  socket._writev = function (this: Duplex, ...args) {
    writes++;
    _writev!.apply(this, args);
  };
  return { buffers, writes: () => writes };
}

async function subscribed(server: TestServer, count: number, subprotocol: "crush.v1" | "crush.v1.json") {
  const clients = [];
  for (let i = 0; i < count; i++) {
    const client = await rawClient(server, { subprotocol });
    client.send({ id: 1, method: "session.subscribe", params: { session: "s", deltas: true } });
    expect(await client.next()).toEqual({ id: 1, result: { head: 0 } });
    clients.push(client);
  }
  return clients;
}

test("an event, and a delta, for many subscribers is encoded once a subprotocol: all sockets are given the same buffer", async () => {
  await using server = await startServer();
  const binary = await subscribed(server, 5, "crush.v1");
  const text = await subscribed(server, 5, "crush.v1.json");
  const seen = [...server.coordinator.peers].map(watch);
  server.coordinator.append("s", "an event of some words");
  server.coordinator.delta("s", "and a delta");
  for (const client of [...binary, ...text]) {
    expect(await client.next()).toMatchObject({ type: "event" });
    expect(await client.next()).toMatchObject({ type: "delta", text: "and a delta" });
  }
  for (const wanted of ["an event of some words", "and a delta"]) {
    const bodies = seen.map(({ buffers }) => buffers.find((buffer) => Buffer.from(buffer).includes(wanted)));
    expect(bodies.every((body) => body !== undefined)).toBe(true);
    expect(new Set(bodies).size).toBe(2);
  }
  for (const { ws } of [...binary, ...text]) ws.terminate();
});

test("everything for one client in a tick is one write of its socket, in order", async () => {
  await using server = await startServer();
  const [client] = await subscribed(server, 1, "crush.v1");
  const { writes } = watch([...server.coordinator.peers][0]!);
  for (let i = 0; i < 100; i++) server.coordinator.append("s", `event ${i}`);
  expect(writes()).toBe(0);
  for (let i = 0; i < 100; i++) expect(await client!.next()).toMatchObject({ type: "event", data: { part: { text: `event ${i}` } } });
  expect(writes()).toBe(1);
  client!.ws.terminate();
});

test("the bytes of a key are the coordinator's own: a buffer of just their size, not a view of the socket's chunk", async () => {
  await using server = await startServer();
  const client = await rawClient(server);
  const given: Uint8Array[] = [];
  server.coordinator.onInput = (bytes) => given.push(bytes);
  client.send({ type: "input", screen: 1, bytes: new Uint8Array([0x61]) });
  await until(() => given.length === 1);
  expect(given[0]!.buffer.byteLength).toBe(1);
  client.ws.terminate();
});
