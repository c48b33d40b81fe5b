// Claim (facts: kernels, section 1a): CPU of the reading thread for an event, from a loopback HTTP server that writes each by itself to
// deltas that are joined. Ours is the session worker's way of reading: src/session/completion/connection.ts on its grid of ticks, with
// the socket left alone between them. Against `fetch`, TextDecoder and JSON.parse of each line. As fast as it goes, and at the pace of
// a fast model.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import path from "node:path";
import type { Clock } from "../src/contracts/base.ts";
import { openWireFormats } from "../src/providers/index.ts";
import { openConnections } from "../src/session/completion/connection.ts";
import { openTicks, type Paced } from "../src/session/completion/ticks.ts";
import { smoke } from "./harness.ts";
import { measureWaiting, type WaitingClaim } from "./support/rounds.ts";
import { chat, messages, type Result, type Shape, take } from "./support/sse-shapes.ts";

const events = smoke ? 800 : 8_000;
/** Of the session worker's grid: 30 a second. */
const tickMs = 33;
const timeoutMs = 30_000;

const server = fork(path.join(import.meta.dirname, "support/sse-server.ts"), [String(events)], { execArgv: ["--no-warnings"] });
const port = await new Promise<number>((resolve) => void server.once("message", (told) => resolve(told as number)));
const address = (shape: Shape, rate: number): string => `http://127.0.0.1:${port}/${encodeURIComponent(shape.name)}?rate=${rate}`;

const clock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
const wires = openWireFormats("dist/kernels", "wasm");
const connections = openConnections(clock);

/** Microseconds of CPU that this thread has used. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

/** @param reads  false drops the bytes: what the connection alone costs */
function ours(shape: Shape, rate: number, reads = true): Promise<Result> {
  const result = { text: "", arguments: "" };
  const decoder = wires(shape.provider)!.decoder();
  let chunks: Uint8Array[] = [];
  let ended = false;
  let stopped = false;
  return new Promise((resolve, reject) => {
    const paced: Paced = {
      interval: () => tickMs,
      go() {
        stopped = false;
        exchange.go();
      },
    };
    const ticks = openTicks(clock, tickMs, () => {
      if (reads && chunks.length > 0) take(decoder.feed(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)), result);
      chunks = [];
      if (ended) {
        if (reads) take(decoder.end(), result);
        ticks.close();
        resolve(result);
      } else if (!stopped) {
        stopped = true;
        exchange.stop();
        ticks.later(paced);
      }
    });
    const exchange = connections.post(
      { url: address(shape, rate), headers: {}, body: [Buffer.from("{}")], headersTimeoutMs: timeoutMs, idleTimeoutMs: timeoutMs },
      {
        connected() {},
        head() {},
        bytes(chunk) {
          chunks.push(chunk);
          if (!stopped) ticks.atOnce();
        },
        end() {
          ended = true;
          ticks.atOnce();
        },
        error: reject,
      },
    );
  });
}

async function byFetch(shape: Shape, rate: number): Promise<Result> {
  const result = { text: "", arguments: "" };
  const { body } = await fetch(address(shape, rate), { method: "POST", body: "{}" });
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true });
    let from = 0;
    for (let to = rest.indexOf("\n"); to >= 0; to = rest.indexOf("\n", from)) {
      if (rest.startsWith("data: ", from) && !rest.startsWith("data: [DONE]", from))
        shape.pick(JSON.parse(rest.slice(from + 6, to)), result);
      from = to + 1;
    }
    rest = rest.slice(from);
  }
  return result;
}

const spent = async (read: () => Promise<Result>): Promise<number> => {
  const from = cpu();
  await read();
  return cpu() - from;
};

function httpClaim(shape: Shape, rate: number, rounds: number): WaitingClaim {
  return {
    name: `sse over HTTP: ${shape.name}, ${events} events, ${rate === 0 ? "as fast as it goes" : `${rate} a second`}: CPU of the thread`,
    events,
    rounds,
    async gate() {
      const want = await byFetch(shape, 0);
      assert.ok(want.text.length > events && want.arguments.length > events / 8);
      assert.deepEqual(await ours(shape, 0), want);
    },
    ours: { name: "connection, kernel and decoder", run: () => spent(() => ours(shape, rate)) },
    baselines: [
      // About half of the goal of 4.
      { name: "fetch, TextDecoder, JSON.parse", floor: 2, run: () => spent(() => byFetch(shape, rate)) },
      { name: "our connection alone, bytes dropped", run: () => spent(() => ours(shape, rate, false)) },
    ],
  };
}

try {
  await measureWaiting("sse-http", [httpClaim(chat, 0, 11), httpClaim(messages, 0, 11), httpClaim(messages, 4_000, 3)]);
} finally {
  connections.close();
  server.disconnect();
}
