// The nouns, for the published document and for tests; the server never checks what it sends. Types come from ../model.ts.
import { z } from "zod";
import type * as Model from "../model.ts";
import type { Equal, Expect } from "./equal.ts";
import { count, id, modelRef, permissionScope, questionAnswer, time, workspace } from "./params.ts";

const text = z.string();
const named = <T extends z.ZodType>(name: string, schema: T): T => schema.meta({ id: name }) as T;

export const usage = named(
  "Usage",
  z.object({
    input: count,
    output: count,
    cacheRead: count,
    cacheWrite: count,
    reasoning: count,
    cost: z.number().meta({ description: "US dollars" }),
  }),
);
export const todo = named("Todo", z.object({ content: text, activeForm: text, status: z.enum(["pending", "in_progress", "completed"]) }));
export const session = named(
  "Session",
  z.object({
    id,
    hash: text,
    title: text,
    workspace,
    parent: id.exactOptional(),
    createdAt: time,
    updatedAt: time,
    model: modelRef.exactOptional(),
    status: z.enum(["idle", "running", "waiting"]),
    messageCount: count,
    usage,
    contextTokens: count,
    todos: z.array(todo),
    head: count,
    yolo: z.boolean(),
    plan: z.boolean().exactOptional(),
    agent: text.exactOptional(),
  }),
);

export const toolMeta = named(
  "ToolMeta",
  z.looseObject({
    path: text.exactOptional(),
    diff: text.exactOptional(),
    additions: count.exactOptional(),
    removals: count.exactOptional(),
    exitCode: z.number().exactOptional(),
    job: text.exactOptional(),
    ms: z.number().exactOptional(),
    denied: z.boolean().exactOptional(),
    todos: z.array(todo).exactOptional(),
  }),
);
const partBase = { id, index: count };
const incomplete = z.boolean().exactOptional();
export const part = named(
  "Part",
  z.discriminatedUnion("kind", [
    named("TextPart", z.object({ ...partBase, kind: z.literal("text"), text, incomplete })),
    named("ReasoningPart", z.object({ ...partBase, kind: z.literal("reasoning"), text, signature: text.exactOptional(), incomplete })),
    named("ToolCallPart", z.object({ ...partBase, kind: z.literal("tool_call"), call: text, name: text, input: text, incomplete })),
    named(
      "ToolResultPart",
      z.object({
        ...partBase,
        kind: z.literal("tool_result"),
        call: text,
        name: text,
        text,
        isError: z.boolean(),
        whole: z.object({ chars: count, lines: count }).exactOptional(),
        meta: toolMeta.exactOptional(),
      }),
    ),
    named(
      "FilePart",
      z.object({
        ...partBase,
        kind: z.literal("file"),
        path: text,
        mime: text,
        bytes: count,
        text: text.exactOptional(),
        blob: text.exactOptional(),
      }),
    ),
  ]),
);
const messageRole = z.enum(["user", "assistant", "tool", "system"]);
export const partKind = z.enum(["text", "reasoning", "tool_call", "tool_result", "file"]);
const summary = named(
  "Summary",
  z.object({
    upTo: id,
    kept: z.array(id),
    waiting: z.array(id),
    messages: count,
    tokensBefore: count,
    tokensAfter: count,
    prompts: z.array(text),
    filesRead: z.array(text),
    filesChanged: z.array(text),
  }),
);
export const message = named(
  "Message",
  z.object({
    id,
    session: id,
    turn: id,
    role: messageRole,
    createdAt: time,
    finishedAt: time.exactOptional(),
    model: modelRef.exactOptional(),
    finish: z.enum(["end_turn", "tool_use", "pause", "max_tokens", "content_filter", "canceled", "error", "unknown"]).exactOptional(),
    usage: usage.exactOptional(),
    error: text.exactOptional(),
    abandoned: z.boolean().exactOptional(),
    undone: z.boolean().exactOptional(),
    summary: summary.exactOptional(),
    parts: z.array(part),
  }),
);
export const turn = named(
  "Turn",
  z.object({
    id,
    session: id,
    status: z.enum(["queued", "running", "ok", "failed", "interrupted", "limit"]),
    message: text,
    createdAt: time,
    endedAt: time.exactOptional(),
    completions: count,
    usage,
    reason: text.exactOptional(),
    cause: text.exactOptional(),
    undone: z.boolean().exactOptional(),
  }),
);
const timeFile = named(
  "TimeFile",
  z.object({
    path: text,
    change: z.enum(["put", "create", "remove", "none"]),
    state: z.enum(["ready", "conflict", "lost", "done"]),
    why: text.exactOptional(),
    additions: count,
    removals: count,
    diff: text.exactOptional(),
  }),
);
export const timeResult = named(
  "TimeResult",
  z.object({
    applied: z.boolean(),
    turns: z.array(id),
    files: z.array(timeFile),
    notes: z.array(text),
    prompt: text.exactOptional(),
  }),
);
const question = named(
  "Question",
  z.object({
    kind: z.enum(["yes_no", "single_choice", "multi_choice", "free_text"]),
    question: text,
    description: text.exactOptional(),
    label: text.exactOptional(),
    choices: z.array(z.object({ id: text, label: text, description: text.exactOptional() })).exactOptional(),
  }),
);
export const permission = named(
  "Permission",
  z.object({
    id,
    session: id,
    turn: id,
    call: text,
    tool: text,
    action: text,
    title: text,
    input: text,
    path: text.exactOptional(),
    diff: text.exactOptional(),
    why: text,
    pattern: text.exactOptional(),
    state: z.enum(["pending", "allowed", "denied"]),
    scope: permissionScope.exactOptional(),
    message: text.exactOptional(),
    questions: z.array(question).exactOptional(),
    answers: z.array(questionAnswer).exactOptional(),
    createdAt: time,
    resolvedAt: time.exactOptional(),
    resolvedBy: text.exactOptional(),
  }),
);
export const modelInfo = named(
  "ModelInfo",
  z.object({
    ...modelRef.shape,
    name: text,
    providerName: text,
    contextWindow: count,
    maxTokens: count,
    canReason: z.boolean(),
    supportsImages: z.boolean(),
    price: z.object({ input: z.number(), output: z.number(), cacheRead: z.number(), cacheWrite: z.number() }),
  }),
);

export const searchHit = named(
  "SearchHit",
  z.object({
    session: id,
    hash: text,
    title: text,
    workspace: text,
    message: id,
    seq: count,
    role: messageRole,
    createdAt: time,
    snippet: z.object({ text, marks: z.array(z.tuple([count, count])) }),
  }),
);

export type ModelMatch = [
  Expect<Equal<z.infer<typeof session>, Model.Session>>,
  Expect<Equal<z.infer<typeof part>, Model.Part>>,
  Expect<Equal<z.infer<typeof partKind>, Model.PartKind>>,
  Expect<Equal<z.infer<typeof message>, Model.Message>>,
  Expect<Equal<z.infer<typeof turn>, Model.Turn>>,
  Expect<Equal<z.infer<typeof timeResult>, Model.TimeResult>>,
  Expect<Equal<z.infer<typeof permission>, Model.Permission>>,
  Expect<Equal<z.infer<typeof modelInfo>, Model.ModelInfo>>,
  Expect<Equal<z.infer<typeof searchHit>, Model.SearchHit>>,
];
