import { expect, test } from "vitest";
import { type Client, connect, ConnectionError, RequestError } from "../../src/sdk/node.ts";
import { FakeCoordinator } from "../server/fake-coordinator.ts";
import { ownerToken, startServer, type TestServer, until } from "../server/support.ts";

const who = { name: "sdk-test", version: "1" };
const fast = { firstMs: 1, maxMs: 5 };
const screenParams = { cols: 80, rows: 24, term: { name: "xterm", colours: "256" as const }, mode: "full" as const, workspace: "/" };

/** Breaks every connection of the server, as a network does. */
function cut(server: TestServer): void {
  for (const peer of server.coordinator.peers) (peer as unknown as { socket: { destroy(): void } }).socket.destroy();
}

test("requests made before the welcome are answered", async () => {
  await using server = await startServer();
  for (const json of [false, true]) {
    const client = connect({ socket: server.socket!, client: who, json });
    const [list, prompt] = await Promise.all([
      client.request("session.list", {}),
      client.request("session.prompt", { session: `s${json}`, text: "hi" }),
    ]);
    expect(list).toEqual({ sessions: [] });
    expect(prompt.turn).toBe("t1");
    expect((await client.ready).epoch).toBe("epoch-1");
    await client.close();
  }
});

test("an error answer is a RequestError with its code; the client goes on", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, client: who });
  await expect(client.request("job.kill", { job: "j" })).rejects.toMatchObject({
    name: "RequestError",
    code: "not_found",
    method: "job.kill",
  });
  await expect(client.request("session.get", { session: 5 as never })).rejects.toBeInstanceOf(RequestError);
  expect(await client.request("session.list", {})).toEqual({ sessions: [] });
  await client.close();
});

test("where no server is, ready and every request fail at once, and nothing is retried", async () => {
  const client = connect({ socket: "/nowhere/crush.sock", client: who });
  const request = client.request("session.list", {});
  await expect(client.ready).rejects.toMatchObject({ name: "ConnectionError", code: "unreachable" });
  await expect(request).rejects.toMatchObject({ code: "unreachable" });
  expect(client.state).toBe("closed");
  await expect(client.request("session.list", {})).rejects.toMatchObject({ code: "closed" });
});

test("a wrong token is final, by header and by hello, and says so", async () => {
  await using server = await startServer({ tcp: { host: "127.0.0.1", port: 0 } });
  const url = `ws://127.0.0.1:${server.tcp!.port}`;
  const asked: number[] = [];
  const onReconnect = () => {
    asked.push(1);
    return undefined;
  };
  for (const token of ["wrong", undefined]) {
    const client = connect({ url, client: who, onReconnect, ...(token === undefined ? {} : { token }) });
    await expect(client.ready).rejects.toMatchObject({ code: "refused" });
  }
  expect(asked).toEqual([]);
  const right = connect({ url, client: who, token: ownerToken });
  await right.ready;
  await right.close();
});

test("the hook starts the server that was missing, and what was asked for before is answered", async () => {
  let server: TestServer | undefined;
  const client = connect({
    socket: "/nowhere/crush.sock",
    client: who,
    async onReconnect({ attempt, wasOpen }) {
      expect([attempt, wasOpen]).toEqual([1, false]);
      server = await startServer();
      return { socket: server.socket! };
    },
  });
  expect(await client.request("session.list", {})).toEqual({ sessions: [] });
  await client.close();
  await server?.[Symbol.asyncDispose]();
});

test("a hook that gives up ends the client with the error of the loss", async () => {
  const client = connect({ socket: "/nowhere/crush.sock", client: who, onReconnect: () => false });
  await expect(client.ready).rejects.toMatchObject({ code: "unreachable" });
});

test("a prompt whose answer was lost is sent again and runs once", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, client: who, reconnect: fast });
  await client.ready;
  let first = true;
  server.coordinator.handle["session.prompt"] = (params) => {
    const { seq } = server.coordinator.append(params.session, params.text);
    if (first) cut(server);
    first = false;
    return { turn: `t${seq}`, message: "m", queued: false };
  };
  expect(await client.request("session.prompt", { session: "s", text: "once" })).toMatchObject({ turn: "t1" });
  expect(server.coordinator.logs.get("s")).toHaveLength(1);
  const keys = server.coordinator.calls.map(({ key }) => key);
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBe(keys[1]);
  await client.close();
});

test("a request can be given a time limit and be canceled", async () => {
  await using server = await startServer();
  server.coordinator.handle["session.list"] = () => new Promise(() => {});
  const client = connect({ socket: server.socket!, client: who });
  await expect(client.request("session.list", {}, { timeoutMs: 10 })).rejects.toMatchObject({ code: "timeout" });
  const abort = new AbortController();
  const request = client.request("session.list", {}, { signal: abort.signal });
  abort.abort();
  await expect(request).rejects.toMatchObject({ code: "canceled" });
  await client.close();
});

test("a subscription replays, tells when it is live, and goes on; a second one of the session is a mistake", async () => {
  await using server = await startServer();
  for (let i = 1; i <= 50; i++) server.coordinator.append("s", `${i}`);
  const client = connect({ socket: server.socket!, client: who });
  const seqs: number[] = [];
  const subscription = client.subscribe("s", { after: 10, onEvent: ({ seq }) => seqs.push(seq) });
  await subscription.live;
  server.coordinator.append("s", "live");
  await until(() => subscription.seq === 51);
  expect(seqs).toEqual(Array.from({ length: 41 }, (_, i) => i + 11));
  expect(() => client.subscribe("s", {})).toThrow(TypeError);
  subscription.close();
  await until(() => server.coordinator.calls.some(({ method }) => method === "session.unsubscribe"));
  client.subscribe("s", {}).close();
  await client.close();
});

test("a subscription from now on misses nothing over a loss either", async () => {
  await using server = await startServer();
  server.coordinator.append("s", "before");
  const client = connect({ socket: server.socket!, client: who, reconnect: fast });
  const seqs: number[] = [];
  const subscription = client.subscribe("s", { onEvent: ({ seq }) => seqs.push(seq) });
  await subscription.live;
  const [old] = server.coordinator.peers;
  cut(server);
  await until(() => !server.coordinator.peers.has(old!));
  for (let i = 0; i < 3; i++) server.coordinator.append("s", "missed");
  await until(() => subscription.seq === 4);
  expect(seqs).toEqual([2, 3, 4]);
  await client.close();
});

test("a gap in the events, and a tail that only a heartbeat tells of, are asked for again", async () => {
  await using server = await startServer();
  const { coordinator } = server;
  const client = connect({ socket: server.socket!, client: who });
  const seqs: number[] = [];
  const subscription = client.subscribe("s", { after: 0, onEvent: ({ seq }) => seqs.push(seq) });
  await subscription.live;
  const [peer] = coordinator.peers;
  const log = ["1", "2", "3"].map((text) => {
    const silent = new FakeCoordinator();
    silent.logs.set("s", coordinator.logs.get("s") ?? []);
    coordinator.logs.set("s", silent.logs.get("s")!);
    return silent.append("s", text);
  });
  peer!.send(log[2]!);
  await until(() => subscription.seq === 3);
  const silent = new FakeCoordinator();
  silent.logs.set("s", coordinator.logs.get("s")!);
  silent.append("s", "4");
  peer!.send({ type: "heartbeat", heads: { s: 4, other: 9 } });
  await until(() => subscription.seq === 4);
  expect(seqs).toEqual([1, 2, 3, 4]);
  await client.close();
});

test("a resync replaces the state and the position, and a refused subscription says why", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, client: who });
  server.coordinator.handle["session.subscribe"] = (_, peer) => {
    peer.send({ type: "resync", session: "s", seq: 100, snapshot: { session: { id: "s" } as never, messages: [], permissions: [] } });
    peer.send({ type: "live", session: "s", head: 100 });
    return { head: 100 };
  };
  const got: unknown[] = [];
  const subscription = client.subscribe("s", { after: 5_000, onResync: ({ session }, seq) => got.push(session.id, seq) });
  await subscription.live;
  expect(got).toEqual(["s", 100]);
  expect(subscription.seq).toBe(100);
  delete server.coordinator.handle["session.subscribe"];
  const missing = client.subscribe("none", { after: 7 });
  await expect(missing.live).rejects.toMatchObject({ code: "not_found" });
  await client.close();
});

test("another incarnation of the server is announced, subscriptions and screens go on there", async () => {
  const first = await startServer();
  const second = await startServer();
  second.coordinator.epoch = "epoch-2";
  second.coordinator.logs.set("s", first.coordinator.logs.get("s") ?? []);
  for (let i = 0; i < 3; i++) {
    first.coordinator.append("s", "x");
    second.coordinator.append("s", "x");
  }
  const told: string[] = [];
  const client = connect({
    socket: first.socket!,
    client: who,
    onEpoch: (epoch) => told.push(epoch),
    onState: (state) => told.push(state),
    onReconnect: () => ({ socket: second.socket! }),
  });
  const subscription = client.subscribe("s", { after: 0 });
  const patches: number[] = [];
  const screen = client.screen(
    { ...screenParams, session: "s" },
    { onPatch: ({ base }) => patches.push(base), onReopen: () => told.push("reopened") },
  );
  await screen.opened;
  await subscription.live;
  screen.resize(100, 30);
  await first[Symbol.asyncDispose]();
  await until(() => told.includes("reopened"));
  second.coordinator.append("s", "after");
  await until(() => subscription.seq === 4);
  expect(told).toEqual(["open", "reconnecting", "open", "epoch-2", "reopened"]);
  expect(patches).toEqual([0, 0]);
  expect(second.coordinator.calls.find(({ method }) => method === "screen.open")!.params).toMatchObject({
    cols: 100,
    rows: 30,
    session: "s",
  });
  await client.close();
  await second[Symbol.asyncDispose]();
});

test("keys typed before the screen is open arrive, in order, and the first patch is not lost", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, client: who });
  const patches: string[] = [];
  const screen = client.screen(screenParams, { onPatch: ({ bytes }) => patches.push(Buffer.from(bytes).toString()) });
  for (const key of "early") screen.input(Buffer.from(key));
  await screen.opened;
  screen.input(Buffer.from("!"));
  await until(() => patches.length === 7);
  expect(patches.join("")).toBe("helloearly!");
  screen.close();
  await until(() => server.coordinator.calls.some(({ method }) => method === "screen.close"));
  await client.close();
});

test("a server that speaks nonsense is left, not obeyed", async () => {
  await using server = await startServer();
  const client: Client = connect({ socket: server.socket!, client: who, reconnect: false });
  await client.ready;
  for (const peer of server.coordinator.peers)
    (peer as unknown as { socket: { write(bytes: Uint8Array): void } }).socket.write(Uint8Array.from([0x82, 1, 0xc1]));
  await until(() => client.state === "closed");
  await expect(client.request("session.list", {})).rejects.toBeInstanceOf(ConnectionError);
});
