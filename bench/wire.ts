// What a message costs on its way to many clients. Claims (facts: wire, kernels section 7):
//   encode: a patch of 256 B at least 5 times as fast as encode() of @msgpack/msgpack, an event encoded once for 100 clients
//   fan-out: at least 60,000 messages of 256 B a second to 100 clients over a Unix socket
// node bench/wire.ts [--smoke]
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { encode as packageEncode } from "@msgpack/msgpack";
import { WebSocket } from "ws";
import type { Coordinator, Peer, PeerPort } from "../src/contracts/coordinator.ts";
import { codecOf } from "../src/protocol/codec/index.ts";
import type { DurableEvent, Patch } from "../src/protocol/index.ts";
import { listen, socketPath } from "../src/server/index.ts";

const smoke = process.argv.includes("--smoke");
const token = "token-of-the-wire-bench";
const clientCount = smoke ? 10 : 100;
const messagesEach = smoke ? 200 : 5_000;
/** Messages given to all clients before their sockets are asked whether they have drained. */
const burst = 10;

const msgpack = codecOf("crush.v1");
const json = codecOf("crush.v1.json");

const event = (seq: number): DurableEvent => ({
  type: "event",
  session: "0198c2f0-1111-7000-8000-0123456789ab",
  seq,
  time: 1_760_000_000_000 + seq,
  kind: "part.finished",
  data: { message: "0198c2f0-2222-7000-8000-0123456789ab", part: { id: "p1", index: 0, kind: "text", text: "x".repeat(40) } },
});
const patch = (bytes: number): Patch => ({
  type: "patch",
  screen: 3,
  base: 100_000,
  seq: 100_001,
  bytes: new Uint8Array(bytes).fill(0x41),
});

/** Microseconds of one call: the best of several rounds, because another process can only make it slower. */
function time(run: () => unknown): number {
  const calls = smoke ? 200 : 20_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < (smoke ? 2 : 8); round++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) run();
    best = Math.min(best, Number(process.hrtime.bigint() - start) / calls / 1_000);
  }
  return best;
}

const round = (value: number, digits = 2) => Number(value.toFixed(digits));

/** Byte strings come as views of different classes; their JSON is the same if they are. */
const asJson = (frame: unknown) => json.encode(frame as Patch);

function encoding() {
  const rows: Record<string, unknown> = {};
  for (const bytes of [256, 4_096, 16_384]) {
    const frame = patch(bytes);
    assert.equal(asJson(msgpack.decode(msgpack.encode(frame))), asJson(msgpack.decode(packageEncode(frame))));
    assert.deepEqual(json.decode(json.encode(frame)), frame);
    const own = time(() => msgpack.encode(frame));
    const naive = time(() => packageEncode(frame));
    rows[`patch ${bytes} B`] = {
      us: round(own),
      naiveEncodeUs: round(naive),
      jsonBase64Us: round(time(() => json.encode(frame))),
      ratio: round(naive / own, 1),
    };
  }
  const frame = event(1);
  assert.deepEqual(msgpack.decode(msgpack.encode(frame)), frame);
  const own = time(() => msgpack.encode(frame));
  const naive = time(() => packageEncode(frame));
  rows.event = {
    bytes: (msgpack.encode(frame) as Uint8Array).length,
    us: round(own),
    naiveEncodeUs: round(naive),
    jsonUs: round(time(() => json.encode(frame))),
    ratio: round(naive / own, 1),
  };
  const bytes = msgpack.encode(frame);
  rows["decode event"] = { us: round(time(() => msgpack.decode(bytes))) };
  const key = msgpack.encode({ type: "input", screen: 1, bytes: new Uint8Array([0x61]) });
  rows["decode key"] = { us: round(time(() => msgpack.decode(key))) };
  return rows;
}

/** Peers of the server under test; what it is asked does not matter. */
class Silent implements Coordinator {
  readonly epoch = "bench";
  readonly peers: Peer[] = [];
  connect(peer: Peer): PeerPort {
    this.peers.push(peer);
    const nothing = () => {};
    return {
      request: () => Promise.reject(new Error("none")),
      input: nothing,
      resize: nothing,
      ack: nothing,
      repaint: nothing,
      focus: nothing,
      close: nothing,
    };
  }
  busy() {
    return false;
  }
  async shutdown() {}
}

async function fanOut() {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "crush-bench-"));
  const coordinator = new Silent();
  const server = await listen({ coordinator, version: "bench", socket: socketPath(dir), token });
  const child = fork(fileURLToPath(import.meta.url), ["--clients", server.socket!, String(clientCount), String(messagesEach)], {
    stdio: "inherit",
  });
  try {
    await said(child, "connected");
    const received = said(child, "received");
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let seq = 1; seq <= messagesEach; ) {
      for (let i = 0; i < burst && seq <= messagesEach; i++, seq++) {
        const frame = event(seq);
        for (const peer of coordinator.peers) peer.send(frame);
      }
      await new Promise((resolve) => setImmediate(resolve));
      if (server.waitingBytes() > 1 << 20) await Promise.all(coordinator.peers.map((peer) => peer.drained()));
    }
    await received;
    const ms = performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    const messages = messagesEach * clientCount;
    return {
      clients: clientCount,
      messages,
      perSecond: Math.round((messages / ms) * 1_000),
      serverCpuUsEach: round((user + system) / messages),
    };
  } finally {
    child.kill();
    await server.close();
    fs.rmSync(dir, { recursive: true, force: true });
  }
}

function said(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve) => {
    const listen = (message: unknown) => {
      if (message !== what) return;
      child.off("message", listen);
      resolve();
    };
    child.on("message", listen);
  });
}

/** The other process: clients that count, and check that nothing is missing. */
function clients(socket: string, count: number, each: number): void {
  let connected = 0;
  let done = 0;
  for (let i = 0; i < count; i++) {
    const ws = new WebSocket("ws://localhost/v1", "crush.v1", {
      perMessageDeflate: false,
      createConnection: (() => net.connect(socket)) as never,
    });
    let got = 0;
    ws.on("open", () => ws.send(msgpack.encode({ type: "hello", protocol: 1, client: { name: "bench", version: "1" }, capabilities: [] })));
    ws.on("message", (data: Buffer) => {
      got++;
      if (got === 1) {
        if (++connected === count) process.send!("connected");
        return;
      }
      if (got - 1 < each) return;
      assert.equal((msgpack.decode(data) as DurableEvent).seq, each);
      if (++done === count) process.send!("received");
    });
  }
}

const at = process.argv.indexOf("--clients");
if (at > 0) clients(process.argv[at + 1]!, Number(process.argv[at + 2]), Number(process.argv[at + 3]));
else
  console.log(
    JSON.stringify({ bench: "wire", baseline: "@msgpack/msgpack 3.1.3 encode()", encoding: encoding(), fanOut: await fanOut() }, null, 2),
  );
