// Messages -> the JSON of a Gemini streamGenerateContent request, in pieces that can be kept: head, a segment a message, tail.
//
// Signatures (shared/signature.ts): {of, signature}. `of` says which part it stood in: "call" the call that follows, "text" the text
// before it, "thought" the thought itself. Gemini 3 refuses calls of the present turn without theirs. {part} is one that we have none
// for (code that ran at the provider, a picture), {sources} what an answer rests on, which is not sent back.
import type { CompletionRequest } from "../../contracts/wire-format.ts";
import type { Message } from "../../protocol/index.ts";
import { isOwn, userContent } from "../shared/content.ts";
import { argumentsObject, inside, isObject, type Json, keysOnce, merge, put } from "../shared/json.ts";
import { readSignature } from "../shared/signature.ts";
import { quirksOf } from "./quirks.ts";
import { wireId } from "./wire.ts";

/** Options of providers and models that are fields of the wire. */
const wireOptions = ["safetySettings", "cachedContent", "toolConfig", "labels"] as const;
/** Nothing may change this: what is read back depends on it. */
const fixed = new Set(["contents"]);

/** The body without its contents: what stands in front of them, and what follows. */
export function settings(request: CompletionRequest): { front: Json; back: Json } {
  const { model, provider, tools } = request;
  const front: Json = {};
  const system = request.system.filter((text) => text !== "").map((text) => ({ text }));
  if (system.length > 0) front.systemInstruction = { parts: system };
  if (tools.length > 0)
    front.tools = [
      {
        functionDeclarations: tools.map(({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })),
      },
    ];

  const generation: Json = {};
  const bound = model.maxTokens ?? model.maxOutputTokens;
  if (bound > 0) generation.maxOutputTokens = bound;
  put(generation, "temperature", model.temperature);
  put(generation, "topP", model.topP);
  put(generation, "topK", model.topK);
  put(generation, "frequencyPenalty", model.frequencyPenalty);
  put(generation, "presencePenalty", model.presencePenalty);
  const options = [provider.providerOptions, model.providerOptions ?? {}];
  const thinking = think(request, options);
  if (thinking) generation.thinkingConfig = thinking;

  const back: Json = { generationConfig: generation };
  for (const some of options) {
    for (const key of wireOptions) put(back, key, some[key]);
    if (typeof some.cached_content === "string") back.cachedContent = some.cached_content;
    if (Array.isArray(some.safety_settings)) back.safetySettings = some.safety_settings;
    merge(back, some.extra_body, fixed);
  }
  merge(back, provider.extraBody, fixed);
  return keysOnce(front, back);
}

/** How the model thinks; undefined for models that do not. A configuration may say it in the wire's own words, or fantasy's. */
function think({ model, provider }: CompletionRequest, options: Json[]): Json | undefined {
  const quirks = quirksOf(model.model);
  const canReason = quirks.thinks || provider.models.some((one) => one.model === model.model && one.canReason);
  const own = options.map((some) => some.thinkingConfig ?? some.thinking_config).findLast(isObject);
  if (!canReason && !own) return undefined;
  const config: Json = { includeThoughts: true };
  const { reasoningEffort: effort, think: on } = model;
  if (quirks.thinking === "level") put(config, "thinkingLevel", effort);
  else if (on === false) config.thinkingBudget = quirks.budgetMin;
  else if (effort !== undefined) config.thinkingBudget = quirks.budgets[effort];
  const given = inside(own);
  put(config, "thinkingBudget", given.thinkingBudget ?? given.thinking_budget);
  put(config, "thinkingLevel", given.thinkingLevel ?? given.thinking_level);
  put(config, "includeThoughts", given.includeThoughts ?? given.include_thoughts);
  return config;
}

/** `{"systemInstruction":…,"tools":…,"contents":[` */
export function head(request: CompletionRequest): string {
  const front = JSON.stringify(settings(request).front).slice(0, -1);
  return `${front}${front === "{" ? "" : ","}"contents":[`;
}

/** What follows the last message. */
export function tail(request: CompletionRequest): string {
  return `],${JSON.stringify(settings(request).back).slice(1)}`;
}

/** The content that a message becomes. */
export function items(message: Message, request: CompletionRequest): Json[] {
  if (message.abandoned) return [];
  const parts = partsOf(message, request);
  return parts.length === 0 ? [] : [{ role: message.role === "assistant" ? "model" : "user", parts }];
}

function partsOf(message: Message, request: CompletionRequest): Json[] {
  switch (message.role) {
    case "user":
    case "system": {
      const { text, pictures } = userContent(message.parts, request);
      return [...(text === "" ? [] : [{ text }]), ...pictures.map(({ mime, data }) => ({ inlineData: { mimeType: mime, data } }))];
    }
    case "assistant":
      return assistant(message, isOwn(message, request), request.model.model);
    case "tool":
      // All results of a message stand together: the wire counts them against the calls.
      return message.parts.flatMap((part) =>
        part.kind === "tool_result"
          ? [
              {
                functionResponse: {
                  id: part.call,
                  name: part.name,
                  response: part.isError ? { error: part.text } : { output: part.text },
                },
              },
            ]
          : [],
      );
  }
}

function assistant({ parts }: Message, own: boolean, model: string): Json[] {
  const sent: Json[] = [];
  let ahead: unknown;
  let calls = 0;
  const { unsigned } = quirksOf(model);
  for (const part of parts) {
    if (part.kind === "text" && part.text !== "") sent.push({ text: part.text });
    else if (part.kind === "tool_call") {
      // The first call of an answer must be signed; one that another model made says that it is none of its own.
      const thoughtSignature = ahead ?? (calls === 0 ? unsigned : undefined);
      sent.push({
        functionCall: { id: part.call, name: part.name, args: argumentsObject(part.input) },
        ...(thoughtSignature === undefined ? {} : { thoughtSignature }),
      });
      ahead = undefined;
      calls++;
    } else if (part.kind === "reasoning" && own) {
      const signed = readSignature(wireId, part.signature);
      if (isObject(signed?.part)) sent.push(signed.part);
      if (typeof signed?.signature !== "string") continue;
      if (signed.of === "call") ahead = signed.signature;
      else if (signed.of === "thought") sent.push({ text: part.text, thought: true, thoughtSignature: signed.signature });
      else {
        const before = sent.at(-1);
        if (typeof before?.text === "string" && before.thoughtSignature === undefined) before.thoughtSignature = signed.signature;
        else sent.push({ text: "", thoughtSignature: signed.signature });
      }
    }
  }
  return sent;
}
