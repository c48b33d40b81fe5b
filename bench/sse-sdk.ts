// Claim (facts: kernels, section 1a): the same bytes from a ReadableStream in 16 KB chunks to text and tool arguments, against the
// clients that providers and ai-sdk publish: openai 6.49.0, @anthropic-ai/sdk 1.12.0, @ai-sdk/openai-compatible 2.0.91, ai 6.0.326.
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { Stream as AnthropicStream } from "@anthropic-ai/sdk/core/streaming";
import { streamText } from "ai";
import { Stream as OpenAiStream } from "openai/core/streaming";
import { openWireFormats } from "../src/providers/index.ts";
import { smoke } from "./harness.ts";
import { measureWaiting, type Waiting } from "./support/rounds.ts";
import { chat, messages, pieces, type Result, responses, type Shape, take } from "./support/sse-shapes.ts";

const wires = openWireFormats("dist/kernels", "wasm");
const events = smoke ? 800 : 8_000;
const chunkBytes = 16_384;
const headers = { "content-type": "text/event-stream" };

/** As a body comes: a chunk when it is asked for. */
function streamOf(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at < chunks.length) controller.enqueue(chunks[at++]!);
      else controller.close();
    },
  });
}

type Reader = (chunks: Uint8Array[]) => Promise<Result>;
const empty = (): Result => ({ text: "", arguments: "" });

const ours =
  ({ provider }: Shape): Reader =>
  async (chunks) => {
    const result = empty();
    const decoder = wires(provider)!.decoder();
    const reader = streamOf(chunks).getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) take(decoder.feed(next.value), result);
    take(decoder.end(), result);
    return result;
  };

/** An SDK's stream of events. */
const bySdk =
  (open: typeof OpenAiStream.fromSSEResponse | typeof AnthropicStream.fromSSEResponse, { pick }: Shape): Reader =>
  async (chunks) => {
    const result = empty();
    for await (const event of open(new Response(streamOf(chunks), { headers }), new AbortController())) pick(event, result);
    return result;
  };

const aiSdkModel = (chunks: Uint8Array[]) =>
  createOpenAICompatible({
    name: "bench",
    baseURL: "http://localhost/v1",
    fetch: async () => new Response(streamOf(chunks), { headers }),
  }).chatModel("model-1");

const byAiSdk: Reader = async (chunks) => {
  const result = empty();
  const { stream } = await aiSdkModel(chunks).doStream({ prompt: [{ role: "user", content: [{ type: "text", text: "go" }] }] });
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (next.value.type === "text-delta") result.text += next.value.delta;
    else if (next.value.type === "tool-input-delta") result.arguments += next.value.delta;
  }
  return result;
};

/** What programs use of ai-sdk. */
const byStreamText: Reader = async (chunks) => {
  const result = empty();
  // The arguments are no JSON, and the tool is none that it knows: it says so at the end.
  for await (const part of streamText({ model: aiSdkModel(chunks), prompt: "go", onError() {} }).fullStream) {
    if (part.type === "text-delta") result.text += part.text;
    else if (part.type === "tool-input-delta") result.arguments += part.delta;
  }
  return result;
};

/** Floors: about half of the goals of 60, 25 and 90; of 40 for Responses and 300 for streamText, which have no rows of their own. */
const claims: [shape: Shape, baselines: [name: string, reader: Reader, floor: number][]][] = [
  [
    chat,
    [
      ["openai 6.49.0 Stream", bySdk(OpenAiStream.fromSSEResponse, chat), 30],
      ["@ai-sdk/openai-compatible 2.0.91 doStream", byAiSdk, 45],
      ["ai 6.0.326 streamText", byStreamText, 150],
    ],
  ],
  [responses, [["openai 6.49.0 Stream", bySdk(OpenAiStream.fromSSEResponse, responses), 20]]],
  [messages, [["@anthropic-ai/sdk 1.12.0 Stream", bySdk(AnthropicStream.fromSSEResponse, messages), 12]]],
];

await measureWaiting(
  "sse-sdk",
  claims.map(([shape, baselines]) => {
    const chunks = pieces(Buffer.from(shape.stream(events)), chunkBytes);
    const candidate = (name: string, reader: Reader, repeat: number): Waiting => ({
      name,
      async run() {
        const from = process.hrtime.bigint();
        for (let i = 0; i < repeat; i++) await reader(chunks);
        return Number(process.hrtime.bigint() - from) / 1_000 / repeat;
      },
    });
    return {
      name: `sse: ${shape.name}, ${events} events, ReadableStream in 16 KB chunks`,
      events,
      rounds: 7,
      async gate() {
        const want = await ours(shape)(chunks);
        assert.ok(want.text.length > events && want.arguments.length > events / 8);
        for (const [name, reader] of baselines) assert.deepEqual(await reader(chunks), want, name);
      },
      // Many times over, so that a round is as long as the clock and the collection of garbage want it.
      ours: candidate("kernel and decoder", ours(shape), smoke ? 1 : 40),
      baselines: baselines.map(([name, reader, floor]) => ({ ...candidate(name, reader, 1), floor })),
    };
  }),
);
