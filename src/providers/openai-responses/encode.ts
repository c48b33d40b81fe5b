// Messages -> the JSON of an OpenAI Responses request, in pieces that can be kept: head, a segment a message (one item or more), tail.
//
// Nothing is stored at the provider (`store: false`), so reasoning goes back as it came: encrypted. Each item of it stands where it
// stood, for the item that follows belongs to it.
//
// Signatures (shared/signature.ts): {id, content} ends a reasoning item, content is encrypted; {more} says that the next reasoning
// part is of the same item; {} ends an item that cannot be sent back. {item} is one that we have no part for: nothing is stored at the
// provider, so it cannot be sent back; {annotations} are for readers only.
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { Message } from "../../protocol/index.ts";
import { isOwn, userContent } from "../shared/content.ts";
import { isJsonText, type Json, merge, put } from "../shared/json.ts";
import { readSignature } from "../shared/signature.ts";
import { wireId } from "./wire.ts";

/** Options of providers and models (fantasy's names) that are fields of the wire. */
const wireOptions = [
  "parallel_tool_calls", "user", "service_tier", "metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier",
  "max_tool_calls", "truncation", "top_logprobs", "text", "tool_choice",
] as const; // biome-ignore format: a list
/** Nothing may change these: what is read back depends on them. */
const fixed = new Set(["input", "stream"]);

/** OpenAI's reasoning models refuse sampling, and name their system role developer. */
const reasons = (model: string): boolean => /^(?:o\d|gpt-[5-9](?!.*-chat)|codex)/.test(model);

/** The body without its input, in the order of its keys. */
export function settings(request: CompletionRequest): Json {
  const { model, provider, tools } = request;
  const thinks = reasons(model.model) || provider.models.some((one) => one.model === model.model && one.canReason);
  const body: Json = { model: model.model };
  if (tools.length > 0) {
    body.tools = tools.map(({ name, description, parameters }) => ({ type: "function", name, description, parameters, strict: false }));
    body.tool_choice = "auto";
  }
  body.stream = true;
  body.store = false;
  const bound = model.maxTokens ?? model.maxOutputTokens;
  if (bound > 0) body.max_output_tokens = bound;
  const options = [provider.providerOptions, model.providerOptions ?? {}];
  if (thinks) {
    body.include = ["reasoning.encrypted_content"];
    const option = (key: string) => options.map((some) => some[key]).findLast((one) => typeof one === "string");
    const effort = option("reasoning_effort") ?? model.reasoningEffort;
    body.reasoning = { ...(effort === undefined ? {} : { effort }), summary: option("reasoning_summary") ?? "auto" };
  } else {
    put(body, "temperature", model.temperature);
    put(body, "top_p", model.topP);
  }
  for (const some of options) {
    for (const key of wireOptions) put(body, key, some[key]);
    if (typeof some.verbosity === "string") body.text = { verbosity: some.verbosity };
    merge(body, some.extra_body, fixed);
  }
  merge(body, provider.extraBody, fixed);
  return body;
}

/** `{"model":…,"input":[` and the system texts. A conversation has at least one segment: a comma waits for it. */
export function head(request: CompletionRequest): string {
  const { model } = settings(request);
  const role = reasons(request.model.model) ? "developer" : "system";
  const system = request.system.map((content) => `${JSON.stringify({ role, content })},`).join("");
  return `{"model":${JSON.stringify(model)},"input":[${system}`;
}

/** What follows the last item. */
export function tail(request: CompletionRequest): string {
  const { model: _, ...rest } = settings(request);
  return `],${JSON.stringify(rest).slice(1)}`;
}

/** The items that a message becomes. */
export function items(message: Message, request: CompletionRequest): Json[] {
  if (message.abandoned) return [];
  switch (message.role) {
    case "user":
    case "system": {
      const { text, pictures } = userContent(message.parts, request);
      if (text === "" && pictures.length === 0) return [];
      if (pictures.length === 0) return [{ role: message.role, content: text }];
      const words = text === "" ? [] : [{ type: "input_text", text }];
      return [{ role: message.role, content: [...words, ...pictures.map(({ url }) => ({ type: "input_image", image_url: url }))] }];
    }
    case "assistant":
      return assistant(message, isOwn(message, request));
    case "tool":
      return message.parts.flatMap((part) =>
        part.kind === "tool_result" ? [{ type: "function_call_output", call_id: part.call, output: part.text }] : [],
      );
  }
}

function assistant({ parts }: Message, own: boolean): Json[] {
  const list: Json[] = [];
  let summary: Json[] = [];
  for (const part of parts) {
    if (part.kind === "text" && part.text !== "") list.push({ role: "assistant", content: [{ type: "output_text", text: part.text }] });
    else if (part.kind === "tool_call")
      list.push({ type: "function_call", call_id: part.call, name: part.name, arguments: isJsonText(part.input) ? part.input : "{}" });
    else if (part.kind === "reasoning" && own) {
      const signed = readSignature(wireId, part.signature);
      if (part.text !== "") summary.push({ type: "summary_text", text: part.text });
      if (signed?.more === true || signed?.item !== undefined || signed?.annotations !== undefined) continue;
      if (typeof signed?.content === "string")
        list.push({
          type: "reasoning",
          ...(typeof signed.id === "string" ? { id: signed.id } : {}),
          summary,
          encrypted_content: signed.content,
        });
      summary = [];
    }
  }
  return list;
}
