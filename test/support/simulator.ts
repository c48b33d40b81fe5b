// A provider on loopback that does as it is told: what it says, how fast, and how it fails, on the wire that is asked for. Used by
// tests and benches over real HTTP. It shares no code with what it tests.
import http from "node:http";
import type { AddressInfo } from "node:net";
import { wireOf } from "./simulator-wires.ts";

/** How one request is answered. */
export type Script = {
  /** Words of text, or the text itself. */
  words?: number;
  text?: string;
  reasoning?: string;
  /** What signs the reasoning, on wires that have it. */
  signature?: string;
  /** Tool calls; `arguments` is sent as it stands, in fragments of `fragment` characters. */
  tools?: { id?: string; name: string; arguments: string }[];
  fragment?: number;
  /** Words a second; 0 or absent: as fast as the socket takes them. */
  rate?: number;
  /** In the wire's own words. */
  finish?: string;
  /** Of the prompt, `cached` came from the cache and `written` went into it (not on Chat Completions; `written` on Anthropic's only). */
  usage?: { prompt_tokens: number; completion_tokens: number; cached?: number; written?: number } | null;
  /** No `data: [DONE]` at the end. */
  noDone?: boolean;
  /** Status and body instead of a stream. */
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** The socket is destroyed: before the head, or after this many events of text or tool arguments. */
  cut?: "before" | number;
  /** Silence for ever after this many events. */
  stall?: number;
  /** An error inside the stream after this many events. */
  inBand?: { after: number; error: unknown };
  /** Bytes put into the stream after this many events. */
  raw?: { after: number; bytes: string };
  /** Sizes of the pieces in which everything is written; 1 splits each character. */
  pieces?: number;
};

/** A request as it arrived. */
export type Seen = {
  path: string;
  headers: http.IncomingHttpHeaders;
  raw: string;
  body: { messages: { role: string; content?: unknown }[]; [key: string]: unknown };
  closed: boolean;
  /** When the last byte of its answer was given to the socket, in ms of performance.now(). */
  answeredAt?: number;
  connection: number;
};

export interface Simulator {
  readonly url: string;
  /** Everything that was asked, oldest first. */
  readonly seen: Seen[];
  /** Answers for the next requests, in order; the last one stays. A function decides by what was asked, for sessions side by side. */
  play(...scripts: (Script | ((asked: Seen) => Script))[]): void;
  /** Resolves when `count` requests have come. */
  asked(count: number): Promise<void>;
  close(): Promise<void>;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const lexicon = ["alpha", "beta", "gamma", "**delta**", "`epsilon`", "zeta\n", "eta", "theta", "你好", "🙂", "iota", "kappa"];
export const wordsOf = (count: number): string => Array.from({ length: count }, (_, i) => lexicon[i % lexicon.length]).join(" ");

export async function openSimulator(): Promise<Simulator> {
  const seen: Seen[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  let scripts: (Script | ((asked: Seen) => Script))[] = [{ words: 5 }];
  let connections = 0;
  const numbers = new WeakMap<object, number>();

  const stream = async (asked: Script, path: string, response: http.ServerResponse): Promise<void> => {
    const wire = wireOf(path);
    const script: Script = { ...asked, text: asked.text ?? (asked.words === undefined ? "" : wordsOf(asked.words)) };
    const put = async (text: string): Promise<void> => {
      if (response.destroyed) return;
      if (script.pieces === undefined) return void response.write(text);
      const bytes = Buffer.from(text);
      for (let at = 0; at < bytes.length; at += script.pieces) {
        response.write(bytes.subarray(at, at + script.pieces));
        if (at % 64 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    };
    response.writeHead(200, { "content-type": "text/event-stream", ...script.headers });
    for (const each of wire.head()) await put(each);
    const started = performance.now();
    for (const [i, each] of wire.body(script).entries()) {
      if (response.destroyed) return;
      if (script.cut === i) {
        await sleep(5);
        return void response.socket?.destroy();
      }
      if (script.stall === i) return;
      if (script.raw?.after === i) await put(script.raw.bytes);
      if (script.inBand?.after === i) {
        await put(wire.inBand(script.inBand.error));
        return void response.end();
      }
      await put(each);
      if (script.rate) {
        const wait = started + ((i + 1) * 1_000) / script.rate - performance.now();
        if (wait > 1) await sleep(wait);
      }
    }
    if (response.destroyed) return;
    for (const each of wire.tail(script)) await put(each);
    response.end();
  };

  const server = http.createServer(async (request, response) => {
    // A list of models is asked for by the configuration, not by a turn: there is none.
    if (request.method === "GET") return void response.writeHead(404).end();
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const raw = Buffer.concat(pieces).toString();
    const record: Seen = {
      path: request.url ?? "",
      headers: request.headers,
      raw,
      body: JSON.parse(raw || "{}") as Seen["body"],
      closed: false,
      connection: numbers.get(request.socket) ?? 0,
    };
    response.on("close", () => (record.closed = true));
    const next = scripts.length > 1 ? scripts.shift()! : scripts[0]!;
    const script = typeof next === "function" ? next(record) : next;
    seen.push(record);
    for (const each of waiting.splice(0))
      if (seen.length >= each.count) each.resolve();
      else waiting.push(each);
    if (script.cut === "before") return void request.socket.destroy();
    if (script.status !== undefined) {
      response.writeHead(script.status, { "content-type": "application/json", ...script.headers });
      return void response.end(script.body ?? JSON.stringify({ error: { message: `status ${script.status}`, type: "error" } }));
    }
    await stream(script, record.path, response);
    record.answeredAt = performance.now();
  });
  server.on("connection", (socket) => numbers.set(socket, ++connections));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    play(...next) {
      scripts = next;
    },
    asked: (count) => (seen.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
