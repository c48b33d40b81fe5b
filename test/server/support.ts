import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { WebSocket } from "ws";
import { codecOf, type Subprotocol } from "../../src/protocol/codec/index.ts";
import { type ClientFrame, protocolVersion } from "../../src/protocol/index.ts";
import { type Listening, listen, type ServerOptions, socketPath } from "../../src/server/index.ts";
import { type Counters, createCounters } from "../../src/metrics/counters.ts";
import { FakeCoordinator } from "./fake-coordinator.ts";

export const ownerToken = "owner-token-of-the-tests";

export type TestServer = Listening & {
  coordinator: FakeCoordinator;
  dir: string;
  counters: Counters;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A server on a Unix socket in a directory of its own, gone at the end of the block. */
export async function startServer(options: Partial<ServerOptions> = {}): Promise<TestServer> {
  const coordinator = (options.coordinator as FakeCoordinator | undefined) ?? new FakeCoordinator();
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-server-"));
  const counters = createCounters();
  const server = await listen({
    coordinator,
    version: "0.0.0",
    socket: socketPath(path.join(dir, "run")),
    token: ownerToken,
    metrics: { counter: (name) => counters.counter(name) },
    ...options,
  });
  return {
    ...server,
    coordinator,
    dir,
    counters,
    async [Symbol.asyncDispose]() {
      await server.close();
      fs.rmSync(dir, { recursive: true, force: true });
    },
  };
}

export type RawClient = {
  ws: WebSocket;
  /** Next frame, decoded. */
  next(): Promise<Record<string, unknown>>;
  send(frame: ClientFrame | Record<string, unknown>): void;
  closed: Promise<{ code: number; reason: string }>;
};

/** A client without the SDK: sends what it is told to. */
export async function rawClient(
  server: Listening,
  { subprotocol = "crush.v1", hello = true }: { subprotocol?: Subprotocol; hello?: boolean } = {},
): Promise<RawClient> {
  const { createConnection } = await import("node:net");
  const ws = new WebSocket("ws://localhost/v1", subprotocol, {
    perMessageDeflate: false,
    createConnection: (() => createConnection(server.socket!)) as never,
  });
  const codec = codecOf(subprotocol);
  const frames: Record<string, unknown>[] = [];
  const waiting: ((frame: Record<string, unknown>) => void)[] = [];
  ws.on("message", (data: Buffer, isBinary: boolean) => {
    const frame = codec.decode(isBinary ? data : data.toString()) as Record<string, unknown>;
    const resolve = waiting.shift();
    if (resolve) resolve(frame);
    else frames.push(frame);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() })),
  );
  ws.on("error", () => {});
  await new Promise<void>((resolve, reject) => {
    ws.once("open", resolve);
    ws.once("error", reject);
  });
  const client: RawClient = {
    ws,
    closed,
    send: (frame) => ws.send(codec.encode(frame as ClientFrame)),
    next: () => {
      const frame = frames.shift();
      return frame ? Promise.resolve(frame) : new Promise((resolve) => waiting.push(resolve));
    },
  };
  if (hello) {
    client.send(helloFrame());
    await client.next();
  }
  return client;
}

export const helloFrame = (more: Record<string, unknown> = {}) => ({
  type: "hello" as const,
  protocol: protocolVersion,
  client: { name: "test", version: "1" },
  capabilities: [],
  ...more,
});

/** Waits until it holds; a test that waits forever fails by its timeout. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}
