import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { expect, test } from "vitest";
import { CommandError } from "../../src/protocol/index.ts";
import { isLive, listen, type ServerError } from "../../src/server/index.ts";
import { FakeCoordinator } from "./fake-coordinator.ts";
import { helloFrame, ownerToken, rawClient, startServer, until } from "./support.ts";

const both = ["crush.v1", "crush.v1.json"] as const;

test("hello is answered with a welcome that names epoch, version and limits", async () => {
  await using server = await startServer({ warnings: ["protocol 1 ends in spring"] });
  for (const subprotocol of both) {
    const client = await rawClient(server, { subprotocol, hello: false });
    client.send(helloFrame({ fieldOfTheFuture: 1 }));
    expect(await client.next()).toMatchObject({
      type: "welcome",
      protocol: 1,
      epoch: "epoch-1",
      server: { pid: process.pid },
      limits: { clientFrameBytesMax: 4 << 20 },
      warnings: ["protocol 1 ends in spring"],
    });
    client.ws.terminate();
  }
});

test("requests sent right behind hello are answered, in order", async () => {
  await using server = await startServer();
  const client = await rawClient(server, { hello: false });
  client.send(helloFrame());
  for (let id = 1; id <= 20; id++) client.send({ id, method: "session.list", params: {} });
  expect((await client.next()).type).toBe("welcome");
  for (let id = 1; id <= 20; id++) expect(await client.next()).toEqual({ id, result: { sessions: [] } });
  client.ws.terminate();
});

test("an unknown method, bad params, a refused command and a bug of ours are error answers; the connection stays", async () => {
  await using server = await startServer();
  server.coordinator.handle["session.delete"] = () => {
    throw new CommandError("conflict", "a turn runs: cancel it first", { data: { turn: "t" } });
  };
  server.coordinator.handle["session.rename"] = () => {
    throw new Error("the password is hunter2");
  };
  const client = await rawClient(server);
  const answer = async (method: string, params: unknown, more = {}) => {
    client.send({ id: method, method, params, ...more });
    return (await client.next()) as { error: { code: string; message: string; data: Record<string, unknown> } };
  };
  expect((await answer("session.promt", {})).error).toMatchObject({ code: "unknown_method" });
  expect((await answer("prompt", {})).error.message).toContain("session.prompt");
  expect((await answer("constructor", {})).error.code).toBe("unknown_method");
  expect((await answer("session.get", { session: 5 })).error).toMatchObject({ code: "bad_request", data: { path: "params.session" } });
  expect((await answer("session.get", undefined)).error).toMatchObject({ code: "bad_request" });
  expect((await answer("session.prompt", { session: "s", text: "" }, { key: 7 })).error).toMatchObject({
    code: "bad_request",
    data: { path: "key" },
  });
  expect((await answer("session.delete", { session: "s" })).error).toEqual({
    code: "conflict",
    message: "a turn runs: cancel it first",
    retryable: false,
    data: { turn: "t" },
  });
  const bug = (await answer("session.rename", { session: "s", title: "t" })).error;
  expect(bug.code).toBe("internal");
  expect(JSON.stringify(bug)).not.toContain("hunter2");
  expect(await answer("session.list", {})).toEqual({ id: "session.list", result: { sessions: [] } });
  client.ws.terminate();
});

test("a mutating request's key reaches the coordinator, a reading one's does not", async () => {
  await using server = await startServer();
  const client = await rawClient(server);
  client.send({ id: 1, method: "session.prompt", params: { session: "s", text: "a" }, key: "k1" });
  const first = await client.next();
  client.send({ id: 2, method: "session.prompt", params: { session: "s", text: "a" }, key: "k1" });
  expect((await client.next()).result).toEqual(first.result);
  client.send({ id: 3, method: "session.list", params: {}, key: "k2" });
  await client.next();
  expect(server.coordinator.calls.map(({ key }) => key)).toEqual(["k1", "k1", undefined]);
  expect(server.coordinator.logs.get("s")).toHaveLength(1);
  client.ws.terminate();
});

test("one request more than may wait is answered overloaded, and the others get their answers", async () => {
  await using server = await startServer({ limits: { requestsInFlightMax: 3 } });
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  server.coordinator.handle["session.list"] = async () => {
    await gate;
    return { sessions: [] };
  };
  const client = await rawClient(server);
  for (let id = 1; id <= 4; id++) client.send({ id, method: "session.list", params: {} });
  expect(await client.next()).toMatchObject({ id: 4, error: { code: "overloaded", retryable: true } });
  release();
  for (let id = 1; id <= 3; id++) expect(await client.next()).toEqual({ id, result: { sessions: [] } });
  client.ws.terminate();
});

test("screen frames reach the coordinator, and bytes come back as bytes, in both subprotocols", async () => {
  await using server = await startServer();
  for (const subprotocol of both) {
    const client = await rawClient(server, { subprotocol });
    client.send({
      id: 1,
      method: "screen.open",
      params: { cols: 80, rows: 24, term: { name: "xterm", colours: "256" }, mode: "full", workspace: "/" },
    });
    const patch = await client.next();
    expect(patch).toMatchObject({ type: "patch", base: 0 });
    const { screen } = (await client.next()).result as { screen: number };
    client.send({ type: "input", screen, bytes: new TextEncoder().encode("å") });
    expect(Buffer.from((await client.next()).bytes as Uint8Array).toString()).toBe("å");
    client.send({ type: "resize", screen, cols: 100, rows: 30 });
    client.send({ type: "ack", screen, seq: 2 });
    client.send({ type: "repaint", screen });
    client.send({ type: "focus", screen, focused: false });
    await until(() => server.coordinator.others.length === 4);
    expect(server.coordinator.others.splice(0)).toEqual([
      { resize: screen, cols: 100, rows: 30 },
      { ack: screen, seq: 2 },
      { repaint: screen },
      { focus: screen, focused: false },
    ]);
    client.ws.terminate();
  }
});

test("without a subprotocol the frames are JSON; an unknown one is refused and both are named", async () => {
  await using server = await startServer();
  const ask = (header: string) =>
    new Promise<string>((resolve) => {
      const socket = net.connect(server.socket!);
      socket.once("data", (data) => {
        resolve(data.toString());
        socket.destroy();
      });
      socket.write(
        `GET /v1 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${header}\r\n`,
      );
    });
  const bare = await ask("");
  expect(bare).toMatch(/^HTTP\/1.1 101 /);
  expect(bare).not.toContain("Sec-WebSocket-Protocol");
  expect(await ask("Sec-WebSocket-Protocol: crush.v9, crush.v1.json\r\n")).toContain("Sec-WebSocket-Protocol: crush.v1.json");
  const refused = await ask("Sec-WebSocket-Protocol: crush.v2\r\n");
  expect(refused).toMatch(/^HTTP\/1.1 400 /);
  expect(refused).toContain("crush.v1 ");
  expect(refused).toContain("crush.v1.json");
});

test("deltas are dropped for a client that lags, durable events are not", async () => {
  await using server = await startServer({ limits: { slowClientBytes: 100_000 } });
  server.coordinator.append("s", "first");
  const client = await rawClient(server);
  client.send({ id: 1, method: "session.subscribe", params: { session: "s" } });
  await client.next();
  client.ws.pause();
  const big = "x".repeat(50_000);
  for (let i = 0; i < 40; i++) {
    server.coordinator.delta("s", big);
    server.coordinator.append("s", `event ${i}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(server.counters.snapshot().server_frames_dropped_total).toBeGreaterThan(20);
  expect(server.waitingBytes()).toBeLessThan(300_000);
  client.ws.resume();
  const seqs: unknown[] = [];
  while (seqs.length < 40) {
    const frame = await client.next();
    if (frame.type === "event") seqs.push(frame.seq);
  }
  expect(seqs).toEqual(Array.from({ length: 40 }, (_, i) => i + 2));
  client.ws.terminate();
});

test("the socket is its owner's alone", async () => {
  await using server = await startServer();
  expect(fs.statSync(server.socket!).mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.dirname(server.socket!)).mode & 0o777).toBe(0o700);
});

test("a second server leaves the first one's socket alone and says that it is in use", async () => {
  await using server = await startServer();
  const second = listen({ coordinator: new FakeCoordinator(), version: "0", socket: server.socket!, token: ownerToken });
  await expect(second).rejects.toMatchObject({ name: "ServerError", code: "in_use" });
  expect(await isLive(server.socket!)).toBe(true);
});

/** A socket file whose server was killed. */
async function leaveStaleSocket(socket: string): Promise<void> {
  fs.mkdirSync(path.dirname(socket), { recursive: true, mode: 0o700 });
  const child = spawn(
    process.execPath,
    ["-e", `require("net").createServer().listen(${JSON.stringify(socket)}, () => console.log("up"))`],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  await new Promise((resolve) => child.stdout.once("data", resolve));
  child.kill("SIGKILL");
  await new Promise((resolve) => child.once("exit", resolve));
}

test("the socket file of a killed server is replaced, and of five that start at once exactly one listens", async () => {
  const dir = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? "/tmp"), "crush-stale-"));
  try {
    const socket = path.join(dir, "run", "crush.sock");
    for (let round = 0; round < 5; round++) {
      await leaveStaleSocket(socket);
      const starts = Array.from({ length: 5 }, () =>
        listen({ coordinator: new FakeCoordinator(), version: "0", socket, token: ownerToken }),
      );
      const results = await Promise.allSettled(starts);
      const up = results.filter((result) => result.status === "fulfilled");
      expect(results.filter((result) => result.status === "rejected").map(({ reason }) => (reason as ServerError).code)).toEqual([
        "in_use",
        "in_use",
        "in_use",
        "in_use",
      ]);
      expect(up).toHaveLength(1);
      expect(await isLive(socket)).toBe(true);
      await up[0]!.value.close();
      expect(fs.readdirSync(path.dirname(socket))).toEqual([]);
    }
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

test("a file that is no socket, a path that is too long and a directory behind a link are refused by name", async () => {
  const dir = fs.mkdtempSync(path.join(fs.realpathSync(process.env.TMPDIR ?? "/tmp"), "crush-odd-"));
  const start = (socket: string) => listen({ coordinator: new FakeCoordinator(), version: "0", socket, token: ownerToken });
  try {
    fs.writeFileSync(path.join(dir, "file"), "precious");
    await expect(start(path.join(dir, "file"))).rejects.toMatchObject({ code: "not_a_socket" });
    expect(fs.readFileSync(path.join(dir, "file"), "utf8")).toBe("precious");
    await expect(start(path.join(dir, "x".repeat(120)))).rejects.toMatchObject({ code: "path_too_long" });
    fs.symlinkSync(dir, path.join(dir, "link"));
    await expect(start(path.join(dir, "link", "crush.sock"))).rejects.toMatchObject({ code: "not_private" });
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
});

test("closing tells each client to come back, and nothing is left to keep the process alive", async () => {
  const server = await startServer();
  const clients = await Promise.all([rawClient(server), rawClient(server, { hello: false })]);
  let idle = 0;
  server.onIdle(() => idle++);
  await server[Symbol.asyncDispose]();
  for (const { closed } of clients) expect(await closed).toMatchObject({ code: 1012, reason: expect.stringContaining("connect again") });
  expect(server.coordinator.peers.size).toBe(0);
  expect(idle).toBe(1);
  expect(fs.existsSync(server.socket!)).toBe(false);
});
