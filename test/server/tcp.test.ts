import http from "node:http";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { codecOf } from "../../src/protocol/codec/index.ts";
import { listen, ServerError } from "../../src/server/index.ts";
import { FakeCoordinator } from "./fake-coordinator.ts";
import { helloFrame, ownerToken, startServer, until } from "./support.ts";

const json = codecOf("crush.v1.json");
const tcp = { host: "127.0.0.1", port: 0 };
const viewToken = "view-token-of-the-tests";

/** Status and body of an upgrade that was refused, or the socket. */
function open(port: number, headers: Record<string, string>): Promise<{ status: number; body: string } | WebSocket> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(`ws://127.0.0.1:${port}/v1`, "crush.v1.json", { perMessageDeflate: false, headers });
    ws.on("open", () => resolve(ws));
    ws.on("unexpected-response", (_, response) => {
      let body = "";
      response.on("data", (data: Buffer) => (body += data.toString()));
      response.on("end", () => resolve({ status: response.statusCode!, body }));
    });
    ws.on("error", reject);
  });
}

/** First frame or the reason of the close, after `hello`. */
async function greet(ws: WebSocket, hello: Record<string, unknown>): Promise<Record<string, unknown>> {
  const answer = new Promise<Record<string, unknown>>((resolve) => {
    ws.once("message", (data) => resolve(json.decode(data.toString()) as Record<string, unknown>));
    ws.once("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  ws.send(json.encode(hello as never));
  return answer;
}

const get = (port: number, path: string, headers: Record<string, string> = {}) =>
  new Promise<{ status: number; body: string }>((resolve, reject) => {
    http
      .get({ host: "127.0.0.1", port, path, headers }, (response) => {
        let body = "";
        response.on("data", (data: Buffer) => (body += data.toString()));
        response.on("end", () => resolve({ status: response.statusCode!, body }));
      })
      .on("error", reject);
  });

test("the token opens from the header or from hello; a wrong one or none does not, and the reason says what to do", async () => {
  await using server = await startServer({ tcp });
  const { port } = server.tcp!;
  const byHeader = (await open(port, { authorization: `Bearer ${ownerToken}` })) as WebSocket;
  expect(await greet(byHeader, helloFrame())).toMatchObject({ type: "welcome" });
  const byHello = (await open(port, {})) as WebSocket;
  expect(await greet(byHello, helloFrame({ token: ownerToken }))).toMatchObject({ type: "welcome" });
  expect(await open(port, { authorization: "Bearer wrong" })).toMatchObject({
    status: 401,
    body: expect.stringContaining("discovery file"),
  });
  const wrong = (await open(port, {})) as WebSocket;
  expect(await greet(wrong, helloFrame({ token: `${ownerToken}x` }))).toMatchObject({
    code: 1008,
    reason: expect.stringContaining("discovery file"),
  });
  const none = (await open(port, {})) as WebSocket;
  expect(await greet(none, helloFrame())).toMatchObject({ code: 1008, reason: expect.stringContaining("token is needed") });
  expect(server.coordinator.peers.size).toBe(2);
  expect(server.counters.snapshot().server_auth_failures_total).toBe(3);
  for (const ws of [byHeader, byHello]) ws.terminate();
});

test("every Origin is refused on every route, unless it is listed letter by letter", async () => {
  await using server = await startServer({ tcp, allowedOrigins: ["https://ok.example"] });
  const { port } = server.tcp!;
  const authorization = `Bearer ${ownerToken}`;
  for (const origin of [
    "https://evil.example",
    "http://localhost",
    `http://127.0.0.1:${port}`,
    "null",
    "https://ok.example.evil",
    "https://ok.example:443",
    "",
  ]) {
    expect(await open(port, { authorization, origin })).toMatchObject({ status: 403 });
    expect(await get(port, "/healthz", { origin })).toMatchObject({ status: 403 });
  }
  const listed = (await open(port, { authorization, origin: "https://ok.example" })) as WebSocket;
  expect(listed).toBeInstanceOf(WebSocket);
  listed.terminate();
});

test("a foreign Host is refused on every route, loopback names with our port are served", async () => {
  await using server = await startServer({ tcp, allowedHosts: ["box.example", "tunnel.example:9000"] });
  const { port } = server.tcp!;
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "127.0.0.1",
    "127.0.0.1:1",
    `127.0.0.1.evil.example:${port}`,
    `localhost.:${port}`,
    "tunnel.example",
    `${port}`,
  ]) {
    expect(await get(port, "/healthz", { host }), host).toMatchObject({ status: 403 });
    expect(await open(port, { host, authorization: `Bearer ${ownerToken}` }), host).toMatchObject({ status: 403 });
  }
  for (const host of [
    `127.0.0.1:${port}`,
    `localhost:${port}`,
    `LOCALHOST:${port}`,
    `[::1]:${port}`,
    `box.example:${port}`,
    "tunnel.example:9000",
  ])
    expect(await get(port, "/healthz", { host }), host).toMatchObject({ status: 200, body: "ok\n" });
});

test("/readyz says whether it is ready; the protocol's address asks for a WebSocket; all else is 404", async () => {
  let ready = false;
  await using server = await startServer({ tcp, ready: () => ready });
  const { port } = server.tcp!;
  expect((await get(port, "/readyz")).status).toBe(503);
  ready = true;
  expect((await get(port, "/readyz?x=1")).status).toBe(200);
  expect((await get(port, "/v1")).status).toBe(426);
  for (const path of ["/", "/v1/", "/healthz/x", "/metrics", "/..%2fhealthz", "//healthz"])
    expect((await get(port, path)).status, path).toBe(404);
});

test("a token does what its scope covers; deciding permissions in advance needs the scope of deciding them", async () => {
  await using server = await startServer({
    tcp,
    tokens: [
      { token: viewToken, scope: "view" },
      { token: "drive-token-of-the-tests", scope: "drive" },
    ],
  });
  const ask = async (token: string, method: string, params: unknown) => {
    const ws = (await open(server.tcp!.port, { authorization: `Bearer ${token}` })) as WebSocket;
    await greet(ws, helloFrame());
    const answer = new Promise<Record<string, unknown>>((resolve) =>
      ws.once("message", (data) => resolve(JSON.parse(data.toString()) as Record<string, unknown>)),
    );
    ws.send(JSON.stringify({ id: 1, method, params }));
    const got = await answer;
    ws.terminate();
    return ((got.error as { code?: string } | undefined)?.code ?? "done") as string;
  };
  const drive = "drive-token-of-the-tests";
  const prompt = { session: "s", text: "t" };
  expect(await ask(viewToken, "session.list", {})).toBe("done");
  expect(await ask(viewToken, "session.prompt", prompt)).toBe("forbidden");
  expect(await ask(drive, "session.prompt", prompt)).toBe("done");
  expect(await ask(drive, "session.prompt", { ...prompt, options: { allow: ["bash"] } })).toBe("forbidden");
  expect(await ask(drive, "session.create", { workspace: "/", yolo: true })).toBe("forbidden");
  expect(await ask(drive, "permission.resolve", { permission: "p", decision: "allow" })).toBe("forbidden");
  expect(await ask(drive, "server.stop", {})).toBe("forbidden");
  expect(await ask(ownerToken, "session.prompt", { ...prompt, options: { allow: ["bash"] } })).toBe("done");
});

test("off loopback without TLS it does not listen unless told to, nor ever with a short token", async () => {
  const start = (host: string, more = {}) =>
    listen({ coordinator: new FakeCoordinator(), version: "0", token: ownerToken, tcp: { host, port: 0 }, ...more });
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "127.0.0.1.example"])
    await expect(start(host), host).rejects.toBeInstanceOf(ServerError);
  await expect(start("127.0.0.1", { token: "" })).rejects.toMatchObject({ code: "insecure" });
  const told = await listen({
    coordinator: new FakeCoordinator(),
    version: "0",
    token: ownerToken,
    tcp: { host: "0.0.0.0", port: 0, allowInsecureLan: true },
  });
  expect((await get(told.tcp!.port, "/healthz")).status).toBe(200);
  await told.close();
});

test("a TCP client that answers no ping is dropped, one that does stays", async () => {
  await using server = await startServer({ tcp, limits: { pingMs: 30 } });
  const authorization = `Bearer ${ownerToken}`;
  const alive = (await open(server.tcp!.port, { authorization })) as WebSocket;
  await greet(alive, helloFrame());
  const dead = (await open(server.tcp!.port, { authorization })) as WebSocket;
  await greet(dead, helloFrame());
  const gone = new Promise((resolve) => dead.once("close", resolve));
  (dead as unknown as { _autoPong: boolean })._autoPong = false;
  await gone;
  expect(alive.readyState).toBe(WebSocket.OPEN);
  await until(() => server.clients() === 1);
  alive.terminate();
});
