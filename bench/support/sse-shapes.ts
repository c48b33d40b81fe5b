// Streams as providers write them, made here: text, code, CJK and emoji in deltas of about a token (Gemini: a line), three quarters text
// and a quarter tool arguments, in the public shape of each wire with what providers add: random `obfuscation`, padding, counts in
// each event.
import type { StreamDecoder } from "../../src/contracts/wire-format.ts";

const prose = `${'The parser keeps "whole" events only.\n\nconst rows = await db.all(`SELECT * FROM parts WHERE id = ?`, [id]);\n\tif (rows.length === 0) return undefined; // nothing\n| a | b |\n'.repeat(
  3,
)}日本語の文章も混ざります。Emoji 🎉 and naïve café.\n`;
let seed = 7;
const random = (n: number): number => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return (seed >>> 8) % n;
};

export const pieces = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
const tokens = [...prose.matchAll(/\s*[\p{L}\p{N}_]+|\s*[^\p{L}\p{N}\s]+|\s+/gu)].map(([token]) => token);
const lines = prose.split(/(?<=\n)/);
const letters = "aZ3kQ9xYbC7dEfGh";
const obfuscation = (): string => letters.slice(0, 4 + random(12));
const inString = (text: string): string => JSON.stringify(text).slice(1, -1);

export type Result = { text: string; arguments: string };

/** A stream as its provider writes it, and what an event says to somebody who parses all of it. */
export type Shape = {
  name: string;
  provider: { type: "openai" | "openai-compat" | "anthropic" | "google"; baseUrl?: string };
  stream(count: number): string;
  /** It has no calls in it. */
  callless?: boolean;
  /** biome-ignore lint/suspicious/noExplicitAny: whatever JSON.parse gives */
  pick(event: any, result: Result): void;
};

/** Events: three quarters text, then a call with its fragments. */
function mixed(
  count: number,
  text: (token: string) => string,
  begin: (call: number) => string,
  fragment: (call: number, token: string) => string,
): string {
  let all = "";
  for (let i = 0; i < count; i++) {
    const token = tokens[i % tokens.length]!;
    const call = (i / 400) | 0;
    if (i % 400 < 300) all += text(token);
    else if (i % 400 === 300) all += begin(call);
    else all += fragment(call, inString(token));
  }
  return all;
}

export const chat: Shape = {
  name: "Chat Completions",
  provider: { type: "openai-compat" },
  stream(count) {
    const id = `chatcmpl-${random(1 << 24).toString(36)}`;
    const event = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({ id, object: "chat.completion.chunk", created: 1_760_000_000, model: "model-1", service_tier: "default", system_fingerprint: "fp_0a1b2c3d", choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], usage: null, obfuscation: obfuscation() })}\n\n`;
    const body = mixed(
      count,
      (content) => event({ content }),
      (index) => event({ tool_calls: [{ index, id: `call_${index}`, type: "function", function: { name: "write", arguments: "" } }] }),
      (index, text) => event({ tool_calls: [{ index, function: { arguments: text } }] }),
    );
    return `${event({ role: "assistant", content: "" })}${body}${event({}, "tool_calls")}data: [DONE]\n\n`;
  },
  pick(event, result) {
    const delta = event.choices?.[0]?.delta;
    if (delta?.content) result.text += delta.content;
    for (const call of delta?.tool_calls ?? []) result.arguments += call.function?.arguments ?? "";
  },
};

export const responses: Shape = {
  name: "Responses",
  provider: { type: "openai", baseUrl: "https://api.openai.com/v1" },
  stream(count) {
    let n = 0;
    const item_id = `msg_${random(1 << 24)
      .toString(16)
      .padStart(50, "0")}`;
    const event = (type: string, rest: object) => `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: n++, ...rest })}\n\n`;
    const body = mixed(
      count,
      (delta) =>
        event("response.output_text.delta", {
          item_id,
          output_index: 0,
          content_index: 0,
          delta,
          logprobs: [],
          obfuscation: obfuscation(),
        }),
      (call) =>
        event("response.output_item.added", {
          output_index: call + 1,
          item: { id: `fc_${call}`, type: "function_call", status: "in_progress", arguments: "", call_id: `call_${call}`, name: "write" },
        }),
      (call, delta) =>
        event("response.function_call_arguments.delta", {
          item_id: `fc_${call}`,
          output_index: call + 1,
          delta,
          obfuscation: obfuscation(),
        }),
    );
    return body + event("response.completed", { response: { status: "completed", error: null, output: [], usage: null } });
  },
  pick(event, result) {
    if (event.type === "response.output_text.delta") result.text += event.delta;
    else if (event.type === "response.function_call_arguments.delta") result.arguments += event.delta;
  },
};

export const messages: Shape = {
  name: "Anthropic Messages",
  provider: { type: "anthropic" },
  stream(count) {
    // The last brace is padded, by up to 15 spaces.
    const event = (type: string, rest: object) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, ...rest }).slice(0, -1)}${" ".repeat(random(16))}}\n\n`;
    const delta = (index: number, of: object) => event("content_block_delta", { index, delta: of });
    const body = mixed(
      count,
      (text) => delta(0, { type: "text_delta", text }),
      (call) =>
        event("content_block_start", {
          index: call + 1,
          content_block: { type: "tool_use", id: `toolu_${call}`, name: "write", input: {} },
        }),
      (call, partial_json) => delta(call + 1, { type: "input_json_delta", partial_json }),
    );
    const end = event("message_delta", { delta: { stop_reason: "tool_use", stop_sequence: null }, usage: { output_tokens: count } });
    return `${event("message_start", { message: { id: "msg_1", content: [], usage: { input_tokens: 1000, output_tokens: 1 } } })}${body}${end}${event("message_stop", {})}`;
  },
  pick(event, result) {
    if (event.type !== "content_block_delta") return;
    if (event.delta.type === "text_delta") result.text += event.delta.text;
    else if (event.delta.type === "input_json_delta") result.arguments += event.delta.partial_json;
  },
};

/** A call comes whole, so whoever reads it parses it: with `calls` this measures JSON.parse and JSON.stringify of 8 KB objects too. */
export const gemini = (calls: boolean): Shape => ({
  name: calls ? "Gemini with calls" : "Gemini",
  callless: !calls,
  provider: { type: "google" },
  stream(count) {
    let candidates = 0;
    const event = (parts: object[], rest: object = {}) => {
      candidates += 12;
      return `data: ${JSON.stringify({ candidates: [{ content: { parts, role: "model" }, index: 0, ...rest }], usageMetadata: { promptTokenCount: 1000, candidatesTokenCount: candidates, totalTokenCount: 1603 + candidates, promptTokensDetails: [{ modality: "TEXT", tokenCount: 1000 }], thoughtsTokenCount: 603 }, modelVersion: "gemini-2.5-pro", responseId: "aQCzaYSIIp3Uz7IP4L7z4Qk" })}\r\n\r\n`;
    };
    let all = "";
    for (let i = 0; i < count; i++) {
      if (calls && i % 120 === 119)
        all += event([
          {
            functionCall: { name: "write", args: { path: `f${i}.ts`, content: lines.join("").repeat(10) } },
            thoughtSignature: letters.repeat(20),
          },
        ]);
      else all += event([{ text: lines[i % lines.length] }]);
    }
    return all + event([{ text: "" }], { finishReason: "STOP" });
  },
  pick(event, result) {
    for (const part of event.candidates?.[0]?.content?.parts ?? []) {
      if (part.text) result.text += part.text;
      if (part.functionCall) result.arguments += JSON.stringify(part.functionCall.args);
    }
  },
});

/** Records are added up as a consumer would. */
export function take(records: ReturnType<StreamDecoder["feed"]>, result: Result): void {
  for (const record of records) {
    if (record.kind === "text") result.text += record.text;
    else if (record.kind === "tool") result.arguments += record.arguments;
  }
}
