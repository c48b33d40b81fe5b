// Claim (facts: kernels, section 1a): provider bytes -> text and tool arguments, against eventsource-parser + JSON.parse.
// Input is made here: text, code, CJK and emoji in deltas of about a token, three quarters text and a quarter tool arguments, in the
// public wire shape of Chat Completions with its random `obfuscation`.
import assert from "node:assert/strict";
import { createParser } from "eventsource-parser";
import { loadKernel } from "../src/kernels/load.ts";
import { plainSse, type SseKernel, WasmSse } from "../src/kernels/sse.ts";
import { OpenAiChatDecoder } from "../src/providers/openai-chat/decode.ts";
import { field, schema } from "../src/providers/openai-chat/schema.ts";
import { type Claim, claim, smoke } from "./harness.ts";

const kernel = new WasmSse(loadKernel("dist/kernels", "sse"), schema);
const plain = plainSse(schema);

const prose =
  'The parser keeps "whole" events only.\n\nconst rows = await db.all(`SELECT * FROM parts WHERE id = ?`, [id]);\n\tif (rows.length === 0) return undefined; // nothing\n| a | b |\n'.repeat(
    3,
  ) + "日本語の文章も混ざります。Emoji 🎉 and naïve café.\n";
let seed = 7;
const random = (n: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 8) % n;
};

/** A stream of `count` events. */
function stream(count: number): Buffer {
  const tokens = [...prose.matchAll(/\s*[\p{L}\p{N}_]+|\s*[^\p{L}\p{N}\s]+|\s+/gu)].map(([token]) => token);
  const id = `chatcmpl-${random(1 << 24).toString(36)}`;
  const event = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created: 1_760_000_000, model: "model-1", service_tier: "default", system_fingerprint: "fp_0a1b2c3d", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null, obfuscation: "aZ3kQ9xYbC7dEfGh".slice(0, 4 + random(12)) })}\n\n`;
  let text = event({ role: "assistant", content: "" });
  for (let i = 0; i < count; i++) {
    const token = tokens[i % tokens.length]!;
    if (i % 400 < 300) text += event({ content: token });
    else if (i % 400 === 300)
      text += event({
        tool_calls: [{ index: (i / 400) | 0, id: `call_${i}`, type: "function", function: { name: "write", arguments: "" } }],
      });
    else text += event({ tool_calls: [{ index: (i / 400) | 0, function: { arguments: JSON.stringify(token).slice(1, -1) } }] });
  }
  return Buffer.from(`${text}${event({}, "tool_calls")}data: [DONE]\n\n`);
}

function pieces(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
}

type Result = { text: string; arguments: string };

function byKernel(which: SseKernel, chunks: Uint8Array[]): Result {
  const result = { text: "", arguments: "" };
  const parser = which.open();
  const sink = {
    text(at: number, _context: number, text: string) {
      if (at === field.content) result.text += text;
      else if (at === field.toolArguments) result.arguments += text;
    },
    value() {},
    done() {},
    bad() {},
  };
  for (const chunk of chunks) parser.feed(chunk, sink);
  parser.end(sink);
  return result;
}

function byDecoder(chunks: Uint8Array[]): Result {
  const result = { text: "", arguments: "" };
  const decoder = new OpenAiChatDecoder(kernel);
  for (const chunk of [...chunks, undefined]) {
    for (const record of chunk ? decoder.feed(chunk) : decoder.end()) {
      if (record.kind === "text") result.text += record.text;
      else if (record.kind === "tool") result.arguments += record.arguments;
    }
  }
  return result;
}

type Chunk = { choices?: { delta?: { content?: string | null; tool_calls?: { function?: { arguments?: string } }[] } }[] };

function byEventsource(chunks: Uint8Array[]): Result {
  const result = { text: "", arguments: "" };
  const decoder = new TextDecoder();
  const parser = createParser({
    onEvent({ data }) {
      if (data === "[DONE]") return;
      const delta = (JSON.parse(data) as Chunk).choices?.[0]?.delta;
      if (delta?.content) result.text += delta.content;
      for (const call of delta?.tool_calls ?? []) result.arguments += call.function?.arguments ?? "";
    },
  });
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }));
  return result;
}

const events = smoke ? 400 : 8_000;
const input = stream(events);

function chatClaim(size: number, label: string, floor: number): Claim {
  const chunks = pieces(input, size);
  return claim({
    name: `sse: Chat Completions, ${events} events, ${label} chunks`,
    gate() {
      const want = byEventsource(chunks);
      assert.ok(want.text.length > events && want.arguments.length > events / 8);
      for (const got of [byKernel(kernel, chunks), byKernel(plain, chunks), byDecoder(chunks)]) assert.deepEqual(got, want);
    },
    ours: { name: "kernel", run: () => void byKernel(kernel, chunks) },
    baselines: [
      { name: "eventsource-parser 3.1.1 + JSON.parse", run: () => void byEventsource(chunks), floor },
      { name: "plain version", run: () => void byKernel(plain, chunks) },
      { name: "kernel and decoder", run: () => void byDecoder(chunks) },
    ],
    work: { amount: input.length / 1e6, unit: "MB" },
    notes() {
      const before = kernel.hits;
      byKernel(kernel, chunks);
      return { eventsTakenByTemplates: kernel.hits - before, of: events + 3 };
    },
  });
}

export default [chatClaim(16_384, "16 KB", 10), chatClaim(512, "512 B", 3.5)];
