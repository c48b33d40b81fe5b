import { createHash, randomBytes } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { connect } from "../../src/sdk/node.ts";
import { LocalSocket } from "../../src/sdk/local-socket.ts";
import { rawClient, startServer, until } from "../server/support.ts";

const who = { name: "local", version: "1" };
const upgraded = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");

/** A server that answers with `pieces`, whatever it is told, and what came of it at a client. */
async function answered(pieces: Uint8Array[]) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-local-"));
  const file = path.join(dir, "s");
  const server = net.createServer((socket) => {
    socket.setNoDelay();
    socket.on("error", () => {});
    socket.once("data", async () => {
      for (const piece of pieces) {
        socket.write(piece);
        await new Promise((resolve) => setImmediate(resolve));
      }
      socket.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(file, resolve));
  const got: { messages: string[]; error: string; code: number; reason: string } = { messages: [], error: "", code: 0, reason: "" };
  await new Promise<void>((resolve) => {
    const socket = new LocalSocket(file, "crush.v1", undefined);
    socket.onmessage = ({ data }: { data: Uint8Array | string }) =>
      got.messages.push(typeof data === "string" ? data : Buffer.from(data).toString("hex"));
    socket.onerror = ({ message }: { message: string }) => (got.error = message);
    socket.onclose = ({ code, reason }: { code: number; reason: string }) => {
      Object.assign(got, { code, reason });
      resolve();
    };
  });
  server.close();
  fs.rmSync(dir, { recursive: true });
  return got;
}

test("cut at every byte, or not at all, the same messages arrive", async () => {
  const text = Buffer.concat([Buffer.from([0x81, 3]), Buffer.from("abc")]);
  const empty = Buffer.from([0x82, 0]);
  const medium = Buffer.concat([Buffer.from([0x82, 126, 0, 200]), Buffer.alloc(200, 7)]);
  const ping = Buffer.from([0x89, 1, 5]);
  const close = Buffer.concat([Buffer.from([0x88, 5, 0x03, 0xf0]), Buffer.from("why")]);
  const whole = Buffer.concat([upgraded, text, empty, ping, medium, close]);
  const expected = { messages: ["abc", "", "07".repeat(200)], error: "", code: 1008, reason: "why" };
  expect(await answered([whole])).toEqual(expected);
  expect(await answered([...whole].map((byte) => Buffer.from([byte])))).toEqual(expected);
});

test("masked frames, extensions, fragments and giant lengths end the connection", async () => {
  for (const bad of [
    [0x82, 0x81, 1, 2, 3, 4, 5],
    [0xc2, 1, 1],
    [0x02, 1, 1],
    [0x80, 1, 1],
    [0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255],
    [0x83, 0],
  ]) {
    const got = await answered([upgraded, Buffer.from(bad)]);
    expect(got, bad.join()).toMatchObject({ messages: [], error: expect.stringContaining("no frame"), code: 1006 });
  }
});

test("an upgrade that is refused, and an answer that is no HTTP, are told as such", async () => {
  expect((await answered([Buffer.from("HTTP/1.1 403 Forbidden\r\n\r\n")])).error).toContain("403");
  expect((await answered([Buffer.from("220 mail.example ESMTP\r\n\r\n")])).error).toContain("no HTTP");
  expect((await answered([Buffer.alloc(20_000, 0x41)])).code).toBe(1006);
});

test("a wrong token is refused by a real server, through the header", async () => {
  await using server = await startServer();
  const client = connect({ socket: server.socket!, token: "wrong", client: who, onReconnect: () => undefined });
  await expect(client.ready).rejects.toMatchObject({ code: "refused" });
});

test("messages of every size class go and come back unchanged", async () => {
  await using server = await startServer();
  server.coordinator.handle["session.prompt"] = ({ text }) => ({
    turn: createHash("sha256").update(text).digest("hex"),
    message: text,
    queued: false,
  });
  const client = connect({ socket: server.socket!, client: who });
  for (const size of [0, 1, 20, 125, 126, 127, 65_000, 65_535, 65_536, 70_000, 1_500_000]) {
    const text = randomBytes(Math.ceil(size / 2))
      .toString("hex")
      .slice(0, size);
    const { turn, message } = await client.request("session.prompt", { session: "s", text });
    expect(message === text && turn === createHash("sha256").update(text).digest("hex"), `${size} characters`).toBe(true);
  }
  await client.close();
});

test("a client that the SDK and one that the ws package speaks for see the same events", async () => {
  await using server = await startServer();
  const raw = await rawClient(server);
  raw.send({ id: 1, method: "session.subscribe", params: { session: "s", after: 0 } });
  const client = connect({ socket: server.socket!, client: who });
  const seen: unknown[] = [];
  await client.subscribe("s", { after: 0, onEvent: (event) => seen.push(event) }).live;
  for (let i = 0; i < 20; i++) server.coordinator.append("s", `text ${i}`);
  await until(() => seen.length === 20);
  const other: unknown[] = [];
  while (other.length < 20) {
    const frame = await raw.next();
    if (frame.type === "event") other.push(frame);
  }
  expect(other).toEqual(seen);
  await client.close();
  raw.ws.terminate();
});
