// How the simulator says the same on each wire: what is asked for by path, answered in that wire's events.
import type { Script } from "./simulator.ts";

export type SimulatedWire = {
  head(): string[];
  /** Events of the answer, each a place where it can be cut. */
  body(script: Script): string[];
  tail(script: Script): string[];
  inBand(error: unknown): string;
};

type Usage = NonNullable<Script["usage"]>;

const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const named = (type: string, rest: object): string => `event: ${type}\n${data({ type, ...rest })}`;
const words = (text: string | undefined): string[] => (text ? text.split(/(?<= )/) : []);
const usageOf = (script: Script): Usage => script.usage ?? { prompt_tokens: 100, completion_tokens: 20 };

function fragments(script: Script, text: string): string[] {
  const size = script.fragment ?? 7;
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size));
}

const chunk = (delta: unknown, finish: string | null = null): string =>
  data({ id: "sim", object: "chat.completion.chunk", created: 1, model: "sim", choices: [{ index: 0, delta, finish_reason: finish }] });

const chat: SimulatedWire = {
  head: () => [chunk({ role: "assistant", content: "" })],
  body: (script) => [
    ...words(script.reasoning).map((word) => chunk({ reasoning_content: word })),
    ...words(script.text).map((word) => chunk({ content: word })),
    ...(script.tools ?? []).flatMap((tool, index) => [
      chunk({ tool_calls: [{ index, id: tool.id ?? `call_${index}`, type: "function", function: { name: tool.name, arguments: "" } }] }),
      ...fragments(script, tool.arguments).map((text) => chunk({ tool_calls: [{ index, function: { arguments: text } }] })),
    ]),
  ],
  tail(script) {
    const finish = script.finish ?? (script.tools?.length ? "tool_calls" : "stop");
    return [
      ...(finish ? [chunk({}, finish)] : []),
      ...(script.usage === null ? [] : [data({ id: "sim", choices: [], usage: usageOf(script) })]),
      ...(script.noDone ? [] : ["data: [DONE]\n\n"]),
    ];
  },
  inBand: data,
};

const responses: SimulatedWire = {
  head: () => [named("response.created", { response: { id: "resp_sim", status: "in_progress", output: [], usage: null } })],
  body(script) {
    const list: string[] = [];
    let output_index = 0;
    if (script.reasoning) {
      list.push(named("response.output_item.added", { output_index, item: { id: "rs_sim", type: "reasoning", summary: [] } }));
      list.push(
        named("response.reasoning_summary_part.added", { output_index, summary_index: 0, part: { type: "summary_text", text: "" } }),
      );
      for (const delta of words(script.reasoning))
        list.push(named("response.reasoning_summary_text.delta", { item_id: "rs_sim", output_index, summary_index: 0, delta }));
      const item = { id: "rs_sim", type: "reasoning", encrypted_content: script.signature ?? "sealed", summary: [] };
      list.push(named("response.output_item.done", { output_index: output_index++, item }));
    }
    if (script.text) {
      list.push(
        named("response.output_item.added", { output_index, item: { id: "msg_sim", type: "message", role: "assistant", content: [] } }),
      );
      for (const delta of words(script.text))
        list.push(named("response.output_text.delta", { item_id: "msg_sim", output_index, content_index: 0, delta, logprobs: [] }));
      const item = { id: "msg_sim", type: "message", content: [{ type: "output_text", text: script.text }] };
      list.push(named("response.output_item.done", { output_index: output_index++, item }));
    }
    for (const [i, tool] of (script.tools ?? []).entries()) {
      const item = { id: `fc_${i}`, type: "function_call", call_id: tool.id ?? `call_${i}`, name: tool.name };
      list.push(named("response.output_item.added", { output_index, item: { ...item, arguments: "" } }));
      for (const delta of fragments(script, tool.arguments))
        list.push(named("response.function_call_arguments.delta", { item_id: item.id, output_index, delta }));
      list.push(named("response.output_item.done", { output_index: output_index++, item: { ...item, arguments: tool.arguments } }));
    }
    return list;
  },
  tail(script) {
    const { prompt_tokens: input_tokens, completion_tokens: output_tokens, cached = 0 } = usageOf(script);
    const usage = script.usage === null ? null : { input_tokens, input_tokens_details: { cached_tokens: cached }, output_tokens };
    if (script.finish === undefined) return [named("response.completed", { response: { status: "completed", error: null, usage } })];
    const incomplete_details = { reason: script.finish };
    return [named("response.incomplete", { response: { status: "incomplete", error: null, incomplete_details, usage } })];
  },
  inBand: (error) => named("error", error as object),
};

const anthropic: SimulatedWire = {
  head: () => [
    named("message_start", {
      message: { id: "msg_sim", type: "message", role: "assistant", content: [], usage: { input_tokens: 1, output_tokens: 1 } },
    }),
    named("ping", {}),
  ],
  body(script) {
    const list: string[] = [];
    let index = 0;
    const block = (content_block: object, deltas: object[]): void => {
      list.push(named("content_block_start", { index, content_block }));
      for (const delta of deltas) list.push(named("content_block_delta", { index, delta }));
      list.push(named("content_block_stop", { index: index++ }));
    };
    if (script.reasoning)
      block({ type: "thinking", thinking: "", signature: "" }, [
        ...words(script.reasoning).map((thinking) => ({ type: "thinking_delta", thinking })),
        { type: "signature_delta", signature: script.signature ?? "signed" },
      ]);
    if (script.text)
      block(
        { type: "text", text: "" },
        words(script.text).map((text) => ({ type: "text_delta", text })),
      );
    for (const [i, tool] of (script.tools ?? []).entries())
      block(
        { type: "tool_use", id: tool.id ?? `call_${i}`, name: tool.name, input: {} },
        fragments(script, tool.arguments).map((partial_json) => ({ type: "input_json_delta", partial_json })),
      );
    return list;
  },
  tail(script) {
    const { prompt_tokens, completion_tokens: output_tokens, cached = 0, written = 0 } = usageOf(script);
    const stop_reason = script.finish ?? (script.tools?.length ? "tool_use" : "end_turn");
    const cache = { cache_read_input_tokens: cached, cache_creation_input_tokens: written };
    const usage = { input_tokens: prompt_tokens - cached - written, ...cache, output_tokens };
    return [
      named("message_delta", { delta: { stop_reason, stop_sequence: null }, usage: script.usage === null ? {} : usage }),
      ...(script.noDone ? [] : [named("message_stop", {})]),
    ];
  },
  inBand: (error) => named("error", { error }),
};

const candidate = (parts: object[], rest: object = {}, top: object = {}): string =>
  data({ candidates: [{ content: { parts, role: "model" }, index: 0, ...rest }], ...top, modelVersion: "sim" });

const google: SimulatedWire = {
  head: () => [],
  body: (script) => [
    ...words(script.reasoning).map((text) => candidate([{ text, thought: true }])),
    ...words(script.text).map((text) => candidate([{ text }])),
    ...(script.tools ?? []).map(({ id, name, arguments: text }, i) =>
      candidate([
        {
          functionCall: { ...(id === undefined ? {} : { id }), name, args: JSON.parse(text || "{}") },
          ...(i === 0 ? { thoughtSignature: script.signature ?? "signed" } : {}),
        },
      ]),
    ),
  ],
  tail(script) {
    const { prompt_tokens: promptTokenCount, completion_tokens: candidatesTokenCount, cached } = usageOf(script);
    const counts = { promptTokenCount, candidatesTokenCount, ...(cached === undefined ? {} : { cachedContentTokenCount: cached }) };
    return [candidate([{ text: "" }], { finishReason: script.finish ?? "STOP" }, script.usage === null ? {} : { usageMetadata: counts })];
  },
  inBand: (error) => data({ error }),
};

/** By the path of the request. */
export function wireOf(path: string): SimulatedWire {
  const [where = ""] = path.split("?");
  if (where.endsWith("/messages")) return anthropic;
  if (where.endsWith("/responses")) return responses;
  return where.endsWith(":streamGenerateContent") ? google : chat;
}
