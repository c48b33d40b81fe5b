import fs from "node:fs";
import { loadKernel } from "../../src/kernels/load.ts";
import { plainSse, type SseKernel, WasmSse } from "../../src/kernels/sse.ts";
import type { SseSink } from "../../src/kernels/sse-schema.ts";
import { schema } from "../../src/providers/openai-chat/schema.ts";

export type Said = [what: string, ...rest: unknown[]];

export const plain = plainSse(schema);
export const wasm = (): WasmSse => new WasmSse(loadKernel("dist/kernels", "sse"), schema);

/** What is said, with deltas that follow one another joined: so it does not depend on the cuts. */
export function listen(): SseSink & { said: Said[] } {
  const said: Said[] = [];
  return {
    said,
    text(field, context, text) {
      const last = said.at(-1);
      const run = field === 1 || field === 2 || field === 3 || field === 6;
      if (run && last?.[0] === "text" && last[1] === field && last[2] === context) last[3] = `${last[3]}${text}`;
      else said.push(["text", field, context, text]);
    },
    value: (field, context, value) => said.push(["value", field, context, value]),
    done: () => said.push(["done"]),
    bad: (data) => said.push(["bad", data]),
  };
}

export function read(kernel: SseKernel, pieces: Iterable<Uint8Array>): Said[] {
  const sink = listen();
  const parser = kernel.open();
  for (const piece of pieces) parser.feed(piece, sink);
  parser.end(sink);
  return sink.said;
}

/** Pieces of at most `max` bytes, of a length that the seed tells. */
export function* cut(bytes: Uint8Array, max: number, seed = 1): Generator<Uint8Array> {
  let s = seed >>> 0;
  for (let at = 0; at < bytes.length; ) {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    const n = max === 1 ? 1 : 1 + ((s >>> 8) % max);
    yield bytes.subarray(at, at + n);
    at += n;
  }
}

const streams = "../shared/data/streams";
export const haveStreams = fs.existsSync(streams);

export type StreamEntry = { id: string; file: string; format: string; tier: string };
export function streamFiles(format: string): { id: string; bytes: Buffer }[] {
  return ["crush", "fantasy", "vercel", "vercel-inline"]
    .flatMap((set) => (JSON.parse(fs.readFileSync(`${streams}/${set}/manifest.json`, "utf8")) as { entries: StreamEntry[] }).entries)
    .filter((entry) => entry.format === format && fs.existsSync(`${streams}/${entry.file}`))
    .map((entry) => ({ id: entry.id, bytes: fs.readFileSync(`${streams}/${entry.file}`) }));
}
