// Random and mutated frames at a live server's socket. The test runs some of them, fuzz-run.ts as many as it is told.
import net from "node:net";
import { codecOf } from "../../src/protocol/codec/index.ts";
import { type ClientFrame, methodScope } from "../../src/protocol/index.ts";
import { connect } from "../../src/sdk/node.ts";
import { helloFrame, ownerToken, rawClient, startServer } from "../server/support.ts";
import { randomFrom } from "../support/random.ts";

export type FuzzReport = {
  /** Frames that the server has looked at. */
  examined: number;
  connections: number;
  closeCodes: Record<string, number>;
  answers: Record<string, number>;
  /** What went wrong; empty when all is well. */
  failures: string[];
};

const codecs = { "crush.v1": codecOf("crush.v1"), "crush.v1.json": codecOf("crush.v1.json") };
type Name = keyof typeof codecs;

const methods = [...Object.keys(methodScope), "session.promt", "constructor", "__proto__", "toString", ""];
const oddities: unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53,
  1e300,
  "",
  "x",
  "\u0000",
  "../../etc/passwd",
  "\ud800",
  "x".repeat(5000),
  [],
  {},
  [[[[]]]],
  { toString: 1 },
  { length: 1e9 },
  new Uint8Array(3),
];

class Source {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = randomFrom(seed);
  }
  below(n: number): number {
    return Math.floor(this.#random() * n);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }
  bytes(max: number): Buffer {
    return Buffer.from(Array.from({ length: this.below(max + 1) }, () => this.below(256)));
  }

  #value(): unknown {
    return this.below(3) === 0
      ? { [this.pick(["session", "text", "screen", "__proto_", "limit"])]: this.pick(oddities) }
      : this.pick(oddities);
  }

  /** A frame that could be meant well, or nearly. */
  #frame(): Record<string, unknown> {
    switch (this.below(20)) {
      case 0:
        return { type: "input", screen: this.below(3), bytes: this.bytes(40) };
      case 1:
        return { type: "resize", screen: 1, cols: this.below(600), rows: this.below(300) };
      case 2:
        return { type: this.pick(["ack", "repaint", "focus"]), screen: 1, seq: 1, focused: true };
      case 3:
        return helloFrame({ token: this.pick(oddities) });
      case 4:
        return { type: this.pick(["patch", "welcome", "", "toString", "__proto__"]), [this.pick(["screen", "x"])]: this.#value() };
      default:
        return {
          id: this.below(1e6),
          method: this.pick(methods),
          params:
            this.below(4) === 0
              ? this.#value()
              : { session: "s", text: "t", [this.pick(["session", "text", "options", "files", "limit", "after"])]: this.#value() },
          ...(this.below(5) === 0 ? { key: this.pick(oddities) } : {}),
        };
    }
  }

  /** Payload of a data frame. */
  payload(name: Name): Uint8Array {
    const kind = this.below(20);
    if (kind === 0) return this.bytes(200);
    let bytes: Uint8Array;
    try {
      bytes = Buffer.from(codecs[name].encode(this.#frame() as unknown as ClientFrame) as Uint8Array);
    } catch {
      return this.bytes(20);
    }
    if (kind > 3 || bytes.length === 0) return bytes;
    for (let i = this.below(4); i >= 0; i--) {
      const at = this.below(bytes.length);
      if (kind === 1) bytes[at] = this.below(256);
      else if (kind === 2) bytes = bytes.subarray(0, Math.max(1, at));
      else bytes = Buffer.concat([bytes.subarray(0, at), this.bytes(8), bytes.subarray(at)]);
    }
    return bytes;
  }
}

/** A WebSocket frame as a client sends it; `odd` breaks the framing itself. */
function wsFrame(payload: Uint8Array, opcode: number, odd = 0): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | payload.length])
      : Buffer.from([0x80 | opcode, 0xfe, payload.length >> 8, payload.length & 0xff]);
  head[0]! ^= odd;
  const mask = Buffer.from([1, 2, 3, 4]);
  return Buffer.concat([head, mask, payload.map((byte, i) => byte ^ mask[i % 4]!)]);
}

/** Sends at least `frames` frames in as many connections as it takes. */
export async function fuzz(frames: number, seed: number): Promise<FuzzReport> {
  const failures: string[] = [];
  const unhandled = (error: unknown) => failures.push(`unhandled: ${String(error)}`);
  process.on("unhandledRejection", unhandled);
  process.on("uncaughtException", unhandled);
  const note = (message: string, fields?: Record<string, unknown>) => failures.push(`${message} ${JSON.stringify(fields)}`);
  await using server = await startServer({ log: { debug() {}, info() {}, warn() {}, error: note }, limits: { halfOpenMax: 500 } });
  const report: FuzzReport = { examined: 0, connections: 0, closeCodes: {}, answers: {}, failures };
  const examined = () => server.counters.snapshot().server_frames_received_total ?? 0;
  const source = new Source(seed);
  const add = (counts: Record<string, number>, key: string) => (counts[key] = (counts[key] ?? 0) + 1);

  const oneConnection = () =>
    new Promise<void>((resolve) => {
      report.connections++;
      const name = source.pick(["crush.v1", "crush.v1.json"] as const);
      const opcode = name === "crush.v1" ? 2 : 1;
      const parts: Uint8Array[] = [
        Buffer.from(
          `GET /v1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: ${name}\r\n\r\n`,
        ),
      ];
      const whole = (frame: unknown) => Buffer.from(codecs[name].encode(frame as ClientFrame) as Uint8Array);
      if (source.below(20) > 0) parts.push(wsFrame(whole(helloFrame()), opcode));
      for (let i = 0; i < 40; i++) {
        const odd = source.below(200) === 0 ? 1 << source.below(8) : 0;
        parts.push(wsFrame(source.payload(name), source.below(150) === 0 ? source.below(16) : opcode, odd));
      }
      parts.push(wsFrame(Buffer.from([3, 232]), 8));
      const socket = net.connect(server.socket!);
      const got: Uint8Array[] = [];
      socket.on("data", (data) => got.push(data));
      socket.on("error", () => {});
      // A broken length can make the server wait for bytes that never come; that is what its peer's leaving is for.
      const late = setTimeout(() => socket.destroy(), 300);
      socket.on("close", () => {
        clearTimeout(late);
        const all = Buffer.concat(got);
        if (all.includes(ownerToken)) failures.push("the token was sent to a client");
        tally(all, report, codecs[name], add);
        resolve();
      });
      if (source.below(2) === 0) socket.write(Buffer.concat(parts));
      else {
        // One at a time, so that answers come in between.
        const next = () => {
          const part = parts.shift();
          if (part && !socket.destroyed) socket.write(part, () => setImmediate(next));
        };
        next();
      }
    });

  const worker = async () => {
    while (examined() < frames && failures.length === 0) await oneConnection();
  };
  try {
    await Promise.all(Array.from({ length: 8 }, worker));
    report.examined = examined();
    // Alive, and nothing of all this is left.
    const client = connect({ socket: server.socket!, client: { name: "after", version: "1" } });
    await client.request("session.list", {}, { timeoutMs: 5_000 });
    await client.close();
    await (await rawClient(server)).ws.close();
    for (let i = 0; i < 500 && server.clients() + server.halfOpen() > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
    if (server.clients() + server.halfOpen() + server.coordinator.peers.size > 0)
      failures.push(`left: ${server.clients()} clients, ${server.halfOpen()} half open, ${server.coordinator.peers.size} peers`);
    if (Object.keys(Object.prototype).length > 0 || ({} as Record<string, unknown>).x !== undefined)
      failures.push("a prototype was changed");
    if ((report.answers.internal ?? 0) > 0) failures.push("a frame made an internal error");
  } finally {
    process.off("unhandledRejection", unhandled);
    process.off("uncaughtException", unhandled);
  }
  return report;
}

/** Reads what the server sent: answers by code, close frames by code. */
function tally(
  all: Buffer,
  report: FuzzReport,
  codec: (typeof codecs)[Name],
  add: (counts: Record<string, number>, key: string) => void,
): void {
  let at = all.indexOf("\r\n\r\n") + 4;
  while (at >= 4 && at + 2 <= all.length) {
    const opcode = all[at]! & 15;
    let length = all[at + 1]! & 127;
    at += 2;
    if (length === 126) {
      length = all.readUInt16BE(at);
      at += 2;
    } else if (length === 127) {
      length = Number(all.readBigUInt64BE(at));
      at += 8;
    }
    const payload = all.subarray(at, at + length);
    at += length;
    if (payload.length < length) return;
    if (opcode === 8) add(report.closeCodes, length >= 2 ? `${payload.readUInt16BE(0)}${length > 2 ? "" : " without a reason"}` : "none");
    else if (opcode < 3) {
      const frame = codec.decode(opcode === 2 ? payload : payload.toString()) as { type?: string; error?: { code: string } };
      add(report.answers, frame.type ?? frame.error?.code ?? "result");
    }
  }
}
