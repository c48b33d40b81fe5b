// Messages -> the JSON of an Anthropic Messages request, in pieces that can be kept: head, a segment a message, tail.
//
// Prompt cache: the last tool and the last system text are marked in the head. The conversation is marked by `cache_control` of the
// request itself, in the tail: the provider then marks the last block that can be, and moves on with the conversation. So no
// segment changes when messages follow it. Servers that do not know it get marks in the last messages instead (`mark`).
//
// Roles need not alternate: the API joins messages of the same role that follow one another, so results of calls and the words
// that a user adds are segments of their own. What it asks for is that results come first, and they do.
//
// Signatures (shared/signature.ts): {signature} of a thinking block, {redacted} data of a redacted one, {} of an unsigned one.
// {block} is one that we have no part for, and goes back as it came; {citations} are for readers only.
import { type ProviderConfig, unknownModel } from "../../contracts/config.ts";
import type { CompletionRequest, MovingMark } from "../../contracts/wire-format.ts";
import type { Message, Part, ReasoningPart } from "../../protocol/index.ts";
import { caches, ephemeral, movingMark } from "../shared/cache-marks.ts";
import { isOwn, userContent } from "../shared/content.ts";
import { argumentsObject, inside, isObject, type Json, keysOnce, merge, put } from "../shared/json.ts";
import { readSignature } from "../shared/signature.ts";
import { quirksOf } from "./quirks.ts";
import { wireId } from "./wire.ts";

/** Options of providers and models that are fields of the wire. */
const wireOptions = ["metadata", "service_tier", "stop_sequences", "tool_choice", "context_management", "container"] as const;
/** Nothing may change these: what is read back depends on them. */
const fixed = new Set(["messages", "stream"]);
/** The wire needs a bound; this is for models whose size nobody knows. */
const maxTokensUnknown = unknownModel.maxTokens;
/** Crush's budget for thinking, and the least that the wire takes. */
const budgetTokens = 2_000;
const budgetTokensMin = 1_024;

/** Servers that do not know `cache_control` of the request are told block by block: Bedrock, Vertex, and who is configured so. */
const marksBlocks = ({ type, providerOptions }: ProviderConfig): boolean =>
  type === "bedrock" || type === "google-vertex" || providerOptions.cache_marks === "blocks";

const marked = <T extends Json>(list: T[]): Json[] =>
  list.map((one, i) => (i === list.length - 1 && caches() ? { ...one, cache_control: ephemeral } : one));

/** The body without its messages: what stands in front of them, and what follows. */
export function settings(request: CompletionRequest): { front: Json; back: Json } {
  const { model, provider, tools } = request;
  const front: Json = { model: model.model };
  const system = request.system.filter((text) => text.trim() !== "").map((text) => ({ type: "text", text }));
  if (system.length > 0) front.system = marked(system);
  if (tools.length > 0)
    front.tools = marked(tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })));

  const quirks = quirksOf(model.model);
  const back: Json = { stream: true };
  const bound = model.maxTokens || model.maxOutputTokens || maxTokensUnknown;
  back.max_tokens = bound;
  if (caches() && !marksBlocks(provider)) back.cache_control = ephemeral;
  const options = [provider.providerOptions, model.providerOptions ?? {}];
  think(back, request, bound, options);
  if (quirks.sampling && back.thinking === undefined) {
    put(back, "temperature", model.temperature);
    put(back, "top_p", model.topP);
    put(back, "top_k", model.topK);
  }
  for (const some of options) {
    for (const key of wireOptions) put(back, key, some[key]);
    if (some.disable_parallel_tool_use === true && tools.length > 0) back.tool_choice = { type: "auto", disable_parallel_tool_use: true };
    merge(back, some.extra_body, fixed);
  }
  merge(back, provider.extraBody, fixed);
  return keysOnce(front, back);
}

function think(body: Json, { model }: CompletionRequest, bound: number, options: Json[]): void {
  const quirks = quirksOf(model.model);
  const wanted = Object.assign({}, ...options.map((some) => inside(some.thinking))) as Json;
  if (quirks.thinking === "adaptive") {
    // Summaries are left out by default, and there would be nothing to show.
    if (model.think || wanted.budget_tokens !== undefined || wanted.type === "adaptive")
      body.thinking = { type: "adaptive", display: "summarized" };
  } else if (model.think || typeof wanted.budget_tokens === "number") {
    const budget = Math.min(typeof wanted.budget_tokens === "number" ? wanted.budget_tokens : budgetTokens, bound - 1);
    if (budget >= budgetTokensMin) body.thinking = { type: "enabled", budget_tokens: budget };
  }
  const effort = options.map((some) => some.effort).findLast((one) => typeof one === "string") ?? model.reasoningEffort;
  if (quirks.effort && effort !== undefined) body.output_config = { effort };
}

/** `{"model":…,"system":…,"tools":…,"messages":[` */
export const head = (request: CompletionRequest): string => headOf(settings(request).front);

/** What follows the last message. */
export const tail = (request: CompletionRequest): string => tailOf(settings(request).back);

export const headOf = (front: Json): string => `${JSON.stringify(front).slice(0, -1)},"messages":[`;
export const tailOf = (back: Json): string => `],${JSON.stringify(back).slice(1)}`;

/** Thinking between calls must be asked for (`interleaved` in wire.ts). */
export const interleaves = (back: Json): boolean => inside(back.thinking).type === "enabled";

/** The message of the wire that a message becomes. */
export function items(message: Message, request: CompletionRequest): Json[] {
  if (message.abandoned) return [];
  const content = blocks(message, request);
  return content.length === 0 ? [] : [{ role: message.role === "assistant" ? "assistant" : "user", content }];
}

/** The last block of what the user or a tool said; thinking, which may end an answer, cannot be marked. */
const lastWords = movingMark(({ role }) => role !== "assistant");

export function mark({ provider }: CompletionRequest): MovingMark | undefined {
  return caches() && marksBlocks(provider) ? lastWords : undefined;
}

function blocks(message: Message, request: CompletionRequest): Json[] {
  switch (message.role) {
    case "user":
    case "system": {
      const { text, pictures } = userContent(message.parts, request);
      // Blocks of white space only are refused.
      return [
        ...pictures.map(({ mime, data }) => ({ type: "image", source: { type: "base64", media_type: mime, data } })),
        ...(text.trim() === "" ? [] : [{ type: "text", text }]),
      ];
    }
    case "assistant": {
      const own = isOwn(message, request);
      // A paused answer goes back as it stands, and the provider goes on with what it had begun.
      const answered = own && message.finish !== "pause" ? answeredUses(message.parts) : undefined;
      return message.parts.flatMap((part) => assistantBlock(part, own, answered));
    }
    case "tool":
      return message.parts.flatMap((part) =>
        part.kind === "tool_result"
          ? [
              {
                type: "tool_result",
                tool_use_id: callId(part.call),
                ...(part.text === "" ? {} : { content: part.text }),
                ...(part.isError ? { is_error: true } : {}),
              },
            ]
          : [],
      );
  }
}

/** Calls that ran at the provider and have their result: one without it would be refused. */
function answeredUses(parts: readonly Part[]): Set<unknown> {
  return new Set(
    parts.flatMap((part) => (part.kind === "reasoning" ? [inside(readSignature(wireId, part.signature)?.block).tool_use_id] : [])),
  );
}

function assistantBlock(part: Part, own: boolean, answered: Set<unknown> | undefined): Json[] {
  switch (part.kind) {
    case "text":
      return part.text.trim() === "" ? [] : [{ type: "text", text: part.text }];
    case "reasoning":
      return own ? thinking(part, answered) : [];
    case "tool_call":
      return [{ type: "tool_use", id: callId(part.call), name: part.name, input: argumentsObject(part.input) }];
    default:
      return [];
  }
}

/** Only what was signed is accepted. */
function thinking({ text, signature }: ReasoningPart, answered: Set<unknown> | undefined): Json[] {
  const signed = readSignature(wireId, signature);
  if (isObject(signed?.block)) {
    const { block } = signed;
    return block.id === undefined || answered === undefined || answered.has(block.id) ? [block] : [];
  }
  if (typeof signed?.redacted === "string") return [{ type: "redacted_thinking", data: signed.redacted }];
  return typeof signed?.signature === "string" ? [{ type: "thinking", thinking: text, signature: signed.signature }] : [];
}

/** Ids of other providers may have characters that are refused here. */
function callId(id: string): string {
  return id.replace(/[^\w-]/g, "_");
}
