// Streams over HTTP from a process of its own, so that its CPU is nobody else's. Started with fork(count): sends its port. Answers
// /<name of the shape>?rate=<events a second>, one write an event as providers do; 0 is as fast as it is read.
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { chat, messages, type Shape } from "./sse-shapes.ts";

const count = Number(process.argv[2]);
/** At least so much time between two timers: the events that are due are written one by one. */
const timerMs = 2;

const eventsOf = (shape: Shape): Buffer[] =>
  shape
    .stream(count)
    .split(/(?<=\n\n)/)
    .map((event) => Buffer.from(event));
const streams = new Map([chat, messages].map((shape) => [shape.name, eventsOf(shape)]));

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

async function write(response: ServerResponse, events: Buffer[], rate: number): Promise<void> {
  const from = performance.now();
  for (const [i, event] of events.entries()) {
    if (rate > 0) {
      const ahead = (i / rate) * 1_000 - (performance.now() - from);
      if (ahead > 0) await pause(Math.max(ahead, timerMs));
    }
    // A turn of the loop each: writes of one turn would go out as one.
    await turn();
    if (response.write(event)) continue;
    await new Promise((resolve) => void response.once("drain", resolve));
  }
  response.end();
}

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
  request.resume();
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.socket?.setNoDelay(true);
  void write(response, streams.get(decodeURIComponent(pathname.slice(1)))!, Number(searchParams.get("rate")));
});
server.listen(0, "127.0.0.1", () => process.send!((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit(0));
