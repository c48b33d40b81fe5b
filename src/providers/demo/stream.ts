// A move as a Chat Completions stream, at a pace.
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault } from "./markers.ts";

export type Script = {
  /** Pieces of text in order. */
  words: string[];
  calls: { id: string; tool: string; arguments: string }[];
  /** Words a second; 0: as fast as the socket takes them. */
  rate: number;
  fault: Fault | undefined;
  after: number;
  seconds: number;
  promptBytes: number;
};

/** Characters of tool arguments in one event. */
const fragmentChars = 24;
/** Text is written in blocks of this size when there is no pace to keep. */
const blockBytes = 8_192;

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

export async function streamMove(response: ServerResponse, id: string, model: string, script: Script): Promise<void> {
  const chunk = (delta: unknown, finish: string | null = null): string =>
    event({
      id,
      object: "chat.completion.chunk",
      created: Math.floor(Date.now() / 1000),
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
  let block = "";
  const flush = async (): Promise<void> => {
    const text = block;
    block = "";
    if (text === "" || response.destroyed || response.write(text)) return;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        response.off("drain", go);
        response.off("close", go);
        resolve();
      };
      response.on("drain", go);
      response.on("close", go);
    });
  };

  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
  block = chunk({ role: "assistant", content: "" });
  const from = performance.now();
  for (const [i, word] of script.words.entries()) {
    if (response.destroyed) return;
    if (script.fault !== undefined && i === script.after) {
      await flush();
      if (script.fault === "disconnect") return void response.socket?.destroy();
      if (script.fault === "stall") await sleep(script.seconds * 1_000);
      if (script.fault === "badjson") block += 'data: {"id":"broken","choices":[{"delta":{"content":"br\n\n';
      if (script.fault === "splitutf8") {
        for (const byte of Buffer.from(chunk({ content: " 🙂東京" }))) {
          if (response.destroyed) return;
          response.write(Buffer.from([byte]));
          await sleep(1);
        }
      }
    }
    block += chunk({ content: word });
    const wait = script.rate > 0 ? from + ((i + 1) * 1_000) / script.rate - performance.now() : 0;
    if (wait > 1) {
      await flush();
      await sleep(wait);
    } else if (block.length > blockBytes) await flush();
  }
  for (const [index, call] of script.calls.entries()) {
    block += chunk({ tool_calls: [{ index, id: call.id, type: "function", function: { name: call.tool, arguments: "" } }] });
    for (let at = 0; at < call.arguments.length; at += fragmentChars)
      block += chunk({ tool_calls: [{ index, function: { arguments: call.arguments.slice(at, at + fragmentChars) } }] });
  }
  block += chunk({}, script.calls.length > 0 ? "tool_calls" : "stop");
  block += event({ id, object: "chat.completion.chunk", created: 1, model, choices: [], usage: usageOf(script) });
  block += "data: [DONE]\n\n";
  await flush();
  response.end();
}

/** Tokens as a model would count them, about: four bytes each. */
export function usageOf(script: Script): { prompt_tokens: number; completion_tokens: number; total_tokens: number } {
  const out = Buffer.byteLength(script.words.join("")) + script.calls.reduce((sum, call) => sum + call.arguments.length, 0);
  const [prompt_tokens, completion_tokens] = [Math.ceil(script.promptBytes / 4), Math.ceil(out / 4)];
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
}
