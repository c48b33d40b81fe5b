// Messages -> the JSON of a Chat Completions request, in pieces that can be kept: head, a segment a message, tail.
import type { CompletionRequest, MovingMark } from "../../contracts/wire-format.ts";
import type { Message, Part } from "../../protocol/index.ts";
import { caches, ephemeral, movingMark } from "../shared/cache-marks.ts";
import { isOwn, texts, userContent } from "../shared/content.ts";
import { inside, isJsonText, type Json, merge, put } from "../shared/json.ts";
import { readSignature } from "../shared/signature.ts";
import { type Quirks, quirksOf } from "./quirks.ts";
import { wireId } from "./wire.ts";

/** Options of providers and models (fantasy's names) that are fields of the wire. */
const wireOptions = [
  "parallel_tool_calls", "user", "reasoning_effort", "service_tier", "store", "metadata", "logit_bias", "prediction",
  "prompt_cache_key", "safety_identifier", "seed", "stop", "provider", "transforms", "reasoning", "verbosity", "thinking",
] as const; // biome-ignore format: a list

/** Nothing may change these: what is read back depends on them. */
const fixed = new Set(["messages", "stream"]);

/** Can messages be marked? Their form does not depend on whether they are. */
const canMark = ({ provider, model }: CompletionRequest): boolean => quirksOf(provider, model.model).cacheMarks;
const marksOf = (request: CompletionRequest): boolean => canMark(request) && caches();

/** The last words of the user, or of a tool's result. */
const lastWords = movingMark(
  ({ role, parts }) => role === "tool" || (role !== "assistant" && parts.some((part) => part.kind === "text" && part.text !== "")),
);

/** Claude behind OpenRouter, Vercel and LiteLLM: prompt cache marks as Anthropic has them. */
export function mark(request: CompletionRequest): MovingMark | undefined {
  return marksOf(request) ? lastWords : undefined;
}

/** The body without its messages, in the order of its keys. */
export function settings(request: CompletionRequest): Json {
  const { model, provider, tools } = request;
  const quirks = quirksOf(provider, model.model);
  const body: Json = { model: `${model.model}${quirks.modelSuffix}` };
  if (tools.length > 0) {
    const list: Json[] = tools.map(({ name, description, parameters }) => ({
      type: "function",
      function: { name, description, parameters },
    }));
    if (marksOf(request)) list.at(-1)!.cache_control = ephemeral;
    body.tools = list;
    body.tool_choice = "auto";
    Object.assign(body, quirks.withTools);
  }
  body.stream = true;
  if (quirks.streamOptions) body.stream_options = { include_usage: true };
  // 0: the server's own bound (LM Studio knows no other).
  const bound = model.maxTokens ?? model.maxOutputTokens;
  if (bound > 0) body[quirks.maxTokens] = bound;
  if (quirks.sampling) {
    put(body, "temperature", model.temperature);
    put(body, "top_p", model.topP);
    put(body, "frequency_penalty", model.frequencyPenalty);
    put(body, "presence_penalty", model.presencePenalty);
  }
  if (quirks.topK) put(body, "top_k", model.topK);
  think(body, request, quirks);
  for (const options of [provider.providerOptions, model.providerOptions ?? {}]) {
    for (const key of wireOptions) put(body, key, options[key]);
    merge(body, options.extra_body, fixed);
  }
  merge(body, provider.extraBody, fixed);
  return body;
}

function think(body: Json, { model }: CompletionRequest, quirks: Quirks): void {
  const { reasoningEffort: effort, think: on } = model;
  switch (quirks.reasoning) {
    case "effort":
      put(body, "reasoning_effort", effort);
      break;
    case "object":
      if (effort !== undefined || on !== undefined)
        body.reasoning = effort !== undefined ? { enabled: on ?? true, effort } : { enabled: on };
      break;
    case "object_effort":
      if (effort !== undefined || on !== undefined) body.reasoning = { effort: effort ?? (on ? "medium" : "none") };
      break;
    case "thinking":
      if (on !== undefined || effort !== undefined) body.thinking = { type: (on ?? true) ? "enabled" : "disabled" };
      if (on !== false) put(body, "reasoning_effort", effort);
      break;
    case "template":
      if (on !== undefined) body.chat_template_args = { enable_thinking: on };
      put(body, "reasoning_effort", effort);
      break;
    case "enable_thinking":
      put(body, "enable_thinking", on);
      break;
  }
}

/** `{"model":…,"messages":[` and the system texts. A conversation has at least one segment: a comma waits for it. */
export function head(request: CompletionRequest): string {
  const { model } = settings(request);
  const { systemRole: role } = quirksOf(request.provider, request.model.model);
  const marks = marksOf(request);
  const system = request.system
    .map((text, i) => {
      const isMarked = marks && i === request.system.length - 1;
      const content = isMarked ? [{ type: "text", text, cache_control: ephemeral }] : text;
      return `${JSON.stringify({ role, content })},`;
    })
    .join("");
  return `{"model":${JSON.stringify(model)},"messages":[${system}`;
}

/** What follows the last message. */
export function tail(request: CompletionRequest): string {
  const { model: _, ...rest } = settings(request);
  return `],${JSON.stringify(rest).slice(1)}`;
}

/** The messages of the wire that a message becomes. */
export function items(message: Message, request: CompletionRequest): Json[] {
  if (message.abandoned) return [];
  switch (message.role) {
    case "user":
    case "system": {
      const content = userParts(message.parts, request);
      return content === undefined ? [] : [{ role: message.role, content }];
    }
    case "assistant":
      return assistant(message, request);
    case "tool":
      return message.parts.flatMap((part) =>
        part.kind === "tool_result"
          ? [{ role: "tool", tool_call_id: part.call, content: canMark(request) ? [{ type: "text", text: part.text }] : part.text }]
          : [],
      );
  }
}

/** What was kept under this name (decode.ts), if it is a list. */
function keptList(parts: readonly Part[], name: string): Json[] | undefined {
  for (const part of parts) {
    const list = part.kind === "reasoning" ? readSignature(wireId, part.signature)?.[name] : undefined;
    if (Array.isArray(list)) return list.map(inside);
  }
  return undefined;
}

function assistant(message: Message, request: CompletionRequest): Json[] {
  const { parts } = message;
  const own = isOwn(message, request);
  const content = texts(parts, "text");
  const calls: Json[] = parts.flatMap((part) =>
    part.kind === "tool_call"
      ? [{ id: part.call, type: "function", function: { name: part.name, arguments: isJsonText(part.input) ? part.input : "{}" } }]
      : [],
  );
  if (content === "" && calls.length === 0) return [];
  const sent: Json = { role: "assistant", content: content === "" ? null : content };
  const { reasoningBack } = quirksOf(request.provider, request.model.model);
  const reasoning = texts(parts, "reasoning");
  const details = own && reasoningBack === "reasoning" ? keptList(parts, "details") : undefined;
  if (details !== undefined) sent.reasoning_details = details;
  else if (reasoningBack !== "none" && reasoning !== "" && calls.length > 0) sent[reasoningBack] = reasoning;
  for (const { call, extra_content } of (own ? keptList(parts, "extras") : undefined) ?? [])
    Object.assign(calls[Number(call)] ?? {}, { extra_content });
  if (calls.length > 0) sent.tool_calls = calls;
  return [sent];
}

/** One string, or a list when there are pictures that the model can see. */
function userParts(parts: Part[], request: CompletionRequest): string | object[] | undefined {
  const { text, pictures } = userContent(parts, request);
  const marks = canMark(request);
  if (pictures.length === 0 && !marks) return text === "" ? undefined : text;
  if (pictures.length === 0 && text === "") return undefined;
  const words = text === "" ? [] : [{ type: "text", text }];
  const images = pictures.map(({ url }) => ({ type: "image_url", image_url: { url } }));
  // A mark is put into the last block, which is one of words then.
  return marks ? [...images, ...words] : [...words, ...images];
}
