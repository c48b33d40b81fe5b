import net from "node:net";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { clientFrameBytesMax, helloBytesMax } from "../../src/protocol/index.ts";
import { helloFrame, rawClient, startServer, until } from "../server/support.ts";

test("connections that say nothing, half a request, or no hello are few and go away", async () => {
  await using server = await startServer({ limits: { halfOpenMax: 10, helloTimeoutMs: 150 } });
  const sockets = Array.from({ length: 60 }, (_, i) => {
    const socket = net.connect(server.socket!).resume();
    socket.on("error", () => {});
    if (i % 3 === 1) socket.write("GET /v1 HTTP/1.1\r\nHost: ");
    if (i % 3 === 2)
      socket.write(
        "GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
      );
    return new Promise((resolve) => socket.once("close", resolve));
  });
  await until(() => (server.counters.snapshot().server_refused_total ?? 0) === 50);
  expect(server.halfOpen()).toBe(10);
  await Promise.all(sockets);
  await until(() => server.halfOpen() === 0);
  (await rawClient(server)).ws.terminate();
});

test("one byte a moment does not stretch the deadline", async () => {
  await using server = await startServer({ limits: { helloTimeoutMs: 100 } });
  const socket = net.connect(server.socket!).resume();
  socket.on("error", () => {});
  let isClosed = false;
  socket.on("close", () => (isClosed = true));
  for (const byte of "GET /v1 HTTP/1.1\r\nHost: localhost\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") {
    if (isClosed) break;
    socket.write(byte);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await until(() => isClosed);
});

test("a silent WebSocket is told that hello is missing", async () => {
  await using server = await startServer({ limits: { helloTimeoutMs: 50 } });
  const client = await rawClient(server, { hello: false });
  expect(await client.closed).toMatchObject({ code: 1008, reason: expect.stringContaining("hello") });
});

test("a stranger's bytes are counted before hello; a friend's prompt right behind hello is not", async () => {
  await using server = await startServer();
  const stranger = await rawClient(server, { hello: false });
  stranger.ws.send(new Uint8Array(helloBytesMax + 100_000));
  expect((await stranger.closed).code).toBe(1008);
  const friend = await rawClient(server, { hello: false });
  friend.send(helloFrame());
  friend.send({ id: 1, method: "session.prompt", params: { session: "s", text: "p".repeat(1_500_000) } });
  await friend.next();
  expect(await friend.next()).toMatchObject({ id: 1, result: { turn: "t1" } });
  friend.ws.terminate();
});

test("a frame beyond the limit closes with 1009 and the limit in words", async () => {
  await using server = await startServer();
  const client = await rawClient(server);
  client.ws.send(new Uint8Array(clientFrameBytesMax + 1));
  expect(await client.closed).toMatchObject({ code: 1009, reason: expect.stringContaining(String(clientFrameBytesMax)) });
});

test("what is not understood closes with 1007, what is not allowed with 1008, each with a reason", async () => {
  await using server = await startServer();
  const cases: [unknown, number][] = [
    [Uint8Array.from([0xc1]), 1007],
    ["{}", 1007],
    [Uint8Array.from([0x90]), 1008],
    [Uint8Array.from([0xc0]), 1008],
    [Uint8Array.from([0x80]), 1008],
  ];
  for (const [data, code] of cases) {
    const client = await rawClient(server);
    client.ws.send(data as Uint8Array);
    const closed = await client.closed;
    expect(closed.code).toBe(code);
    expect(closed.reason).not.toBe("");
  }
  for (const frame of [
    helloFrame(),
    { type: "later" },
    { id: {}, method: "session.list" },
    { id: 1 },
    { type: "resize", screen: 1, cols: 1e6, rows: 2 },
  ]) {
    const client = await rawClient(server);
    client.send(frame);
    expect((await client.closed).code).toBe(1008);
  }
  const early = await rawClient(server, { hello: false });
  early.send({ id: 1, method: "session.list", params: {} });
  expect(await early.closed).toMatchObject({ code: 1008, reason: expect.stringContaining("hello") });
  expect(server.coordinator.calls).toEqual([]);
});

test("frames behind the one that closed the connection are not looked at", async () => {
  await using server = await startServer();
  const client = await rawClient(server);
  client.send({ type: "later" });
  client.send({ id: 1, method: "session.prompt", params: { session: "s", text: "sneaked" } });
  await client.closed;
  expect(server.coordinator.logs.size).toBe(0);
});

test("garbage instead of HTTP harms nobody else", async () => {
  await using server = await startServer();
  const client = await rawClient(server);
  for (let i = 0; i < 50; i++) {
    const socket = net.connect(server.socket!).resume();
    socket.on("error", () => {});
    socket.end(Buffer.from(Array.from({ length: 300 }, () => Math.floor(Math.random() * 256))));
    await new Promise((resolve) => socket.once("close", resolve));
  }
  expect(client.ws.readyState).toBe(WebSocket.OPEN);
  client.ws.terminate();
});
