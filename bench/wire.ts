// What a message costs on its way to many clients. Claims (goals; floors are about half):
//   encode: a patch of 256 B at least 5 times as fast as encode() of @msgpack/msgpack, an event encoded once for 100 clients
//   fan-out: at least 60,000 messages of 256 B a second to 100 clients over a Unix socket, none missing
// npm run bench wire
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { decode as packageDecode, encode as packageEncode } from "@msgpack/msgpack";
import { WebSocket } from "ws";
import type { Coordinator, Peer, PeerPort } from "../src/contracts/coordinator.ts";
import { codecOf } from "../src/protocol/codec/index.ts";
import type { ClientFrame, DurableEvent, Patch, ServerFrame } from "../src/protocol/index.ts";
import { encodeOnce } from "../src/server/encode-once.ts";
import { listen, socketPath } from "../src/server/index.ts";
import { type Claim, claim, smoke } from "./harness.ts";

const token = "token-of-the-wire-bench";
const clientCount = smoke ? 10 : 100;
const messagesEach = smoke ? 200 : 3_000;
/** Half of the goal: this is a rate of the machine, not a ratio. */
const perSecondFloor = 30_000;
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

/** Calls in one run: a patch is encoded in less time than the clock takes to read. */
const calls = 100;
const times = (work: () => unknown) => () => {
  for (let i = 0; i < calls; i++) work();
};
/** Byte strings come as views of different classes; their JSON is the same if they are. */
const asJson = (frame: unknown) => json.encode(frame as Patch);
const baseline = "@msgpack/msgpack 3.1.3 encode()";

function patchClaim(bytes: number, floor: number): Claim {
  const frame = patch(bytes);
  return claim({
    name: `encode a patch of ${bytes} B`,
    gate() {
      assert.equal(asJson(msgpack.decode(msgpack.encode(frame))), asJson(packageDecode(packageEncode(frame))));
      assert.deepEqual(json.decode(json.encode(frame)), frame);
    },
    ours: { name: "codec", run: times(() => msgpack.encode(frame)) },
    baselines: [
      { name: baseline, run: times(() => packageEncode(frame)), floor },
      { name: "JSON with base64", run: times(() => json.encode(frame)) },
    ],
    work: { amount: calls, unit: "frames" },
  });
}

/**
 * What a subscriber gets at the rate of a stream, from the encoder that is used again and again. Few and short fields: JSON would be
 * quicker still, but a delta is encoded once however many listen (below).
 */
function deltaClaim(): Claim {
  const frame: ServerFrame = {
    type: "delta",
    session: "0198c2f0-1111-7000-8000-0123456789ab",
    message: "0198c2f0-2222-7000-8000-0123456789ab",
    part: "p1",
    index: 0,
    kind: "text",
    offset: 12_345,
    text: "some words that came together, about as many as a tick brings",
  };
  return claim({
    name: "encode a delta",
    gate: () => assert.deepEqual(packageDecode(msgpack.encode(frame) as Uint8Array), packageDecode(packageEncode(frame))),
    ours: { name: "codec, its encoder used again", run: times(() => msgpack.encode(frame)) },
    baselines: [
      { name: baseline, run: times(() => packageEncode(frame)), floor: 1 },
      { name: "JSON.stringify and Buffer.from", run: times(() => Buffer.from(JSON.stringify(frame))) },
    ],
    work: { amount: calls, unit: "frames" },
  });
}

/** An event for 100 subscribers: the same object given 100 times. */
function sharedClaim(): Claim {
  let seq = 0;
  return claim({
    name: "an event of 224 B for 100 clients",
    gate: () =>
      assert.deepEqual(packageDecode(Buffer.concat(encodeOnce(event(1), "crush.v1")).subarray(4)), packageDecode(packageEncode(event(1)))),
    ours: {
      name: "encoded once",
      run() {
        const frame = event(++seq);
        for (let i = 0; i < calls; i++) encodeOnce(frame, "crush.v1");
      },
    },
    baselines: [
      {
        name: baseline,
        run() {
          const frame = event(++seq);
          for (let i = 0; i < calls; i++) packageEncode(frame);
        },
        floor: 10,
      },
    ],
    work: { amount: calls, unit: "frames" },
    notes: () =>
      Object.fromEntries(fanOuts.map((row) => [`messages of 256 B a second, ${row.messagesInATick} a client and tick`, row.perSecond])),
  });
}

/** What a frame from a client costs before anybody looks at it; the baseline checks nothing. */
function decodeClaim(name: string, frame: ClientFrame): Claim {
  const bytes = msgpack.encode(frame) as Uint8Array;
  return claim({
    name: `decode ${name}, checked for depth, lengths and keys`,
    gate: () => assert.equal(asJson(msgpack.decode(bytes)), asJson(packageDecode(bytes))),
    ours: { name: "codec", run: times(() => msgpack.decode(bytes)) },
    baselines: [{ name: "@msgpack/msgpack 3.1.3 decode(), unchecked", run: times(() => packageDecode(bytes)) }],
    work: { amount: calls, unit: "frames" },
  });
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

const fanOuts: Awaited<ReturnType<typeof fanOut>>[] = [];

async function fanOut(burst: number) {
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
      messagesInATick: burst,
      perSecond: Math.round((messages / ms) * 1_000),
      serverCpuUsEach: Number(((user + system) / messages).toFixed(2)),
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
else {
  // The worst case is one message a client and tick: nothing to gather. A stream of deltas has some, a replay has many.
  fanOuts.push(await fanOut(1), await fanOut(10));
  console.table(fanOuts);
  if (!smoke && fanOuts.some(({ perSecond }) => perSecond < perSecondFloor)) {
    console.error(`fewer than ${perSecondFloor} messages a second`);
    process.exitCode = 1;
  }
}

export default at > 0
  ? undefined
  : [
      patchClaim(256, 2.5),
      patchClaim(4_096, 1.5),
      patchClaim(16_384, 1.2),
      deltaClaim(),
      sharedClaim(),
      decodeClaim("a key", { type: "input", screen: 1, bytes: new Uint8Array([0x61]) }),
      decodeClaim("a prompt of 2 KB", {
        id: 7,
        method: "session.prompt",
        params: { session: "0198c2f0", text: "word ".repeat(400) },
        key: "k",
      }),
    ];
