// Every frame, for the published document and for tests. Types come from ../frames.ts, ../events.ts and ../screen.ts. The server
// checks hello and hot frames by hand (server/handshake.ts, server/hot-frames.ts); a test holds both against these.
import { z } from "zod";
import type { ErrorCode, ProtocolError } from "../errors.ts";
import type { DurableEvent, LatestEvent } from "../events.ts";
import type { Hello, Request, ServerFrame } from "../frames.ts";
import { idCharsMax, inputBytesMax, patchBytesMax } from "../limits.ts";
import type { Ack, Focus, Input, Repaint, Resize } from "../screen.ts";
import type { Equal, Expect } from "./equal.ts";
import { message, part, partKind, permission, session, turn, usage } from "./model.ts";
import { cols, count, id, rows, screenId, time } from "./params.ts";

const text = z.string();
const byteString = (max: number) =>
  z
    .custom<Uint8Array>((value) => value instanceof Uint8Array && value.length <= max)
    .meta({
      description: `At most ${max} bytes. A byte string in msgpack, base64 (standard alphabet, padded) in JSON`,
    });
const named = <T extends z.ZodType>(name: string, description: string, schema: T): T => schema.meta({ id: name, description }) as T;
const requestId = z.union([z.string().min(1).max(idCharsMax), z.int()]);

export const hello = named(
  "Hello",
  "The first frame. Requests may follow at once. On TCP the token is a must, here or as Authorization: Bearer",
  z.object({
    type: z.literal("hello"),
    protocol: z.int(),
    client: z.object({ name: text.max(256), version: text.max(256) }),
    token: text.max(4096).exactOptional(),
    capabilities: z.array(text.max(256)),
    resume: z.object({ epoch: text }).exactOptional(),
  }),
);
export const request = named(
  "Request",
  "Answered exactly once, by `id`. `params` as the method wants them; `key` makes a mutating request run once",
  z.object({ id: requestId, method: text, params: z.unknown(), key: z.string().min(1).max(idCharsMax).exactOptional() }),
);
export const input = named(
  "Input",
  "Keyboard, mouse and paste bytes as the terminal gave them",
  z.object({ type: z.literal("input"), screen: screenId, bytes: byteString(inputBytesMax) }),
);
export const resize = named("Resize", "The terminal's size", z.object({ type: z.literal("resize"), screen: screenId, cols, rows }));
export const ack = named(
  "Ack",
  "Patch `seq` has been written to the terminal",
  z.object({ type: z.literal("ack"), screen: screenId, seq: count }),
);
export const repaint = named(
  "Repaint",
  "What the terminal shows is not known: the next patch has base 0",
  z.object({ type: z.literal("repaint"), screen: screenId }),
);
export const focus = named(
  "Focus",
  "The terminal gained or lost focus",
  z.object({ type: z.literal("focus"), screen: screenId, focused: z.boolean() }),
);

export const clientFrames = { hello, request, input, resize, ack, repaint, focus };

const errorCode = z.enum([
  "bad_request",
  "unknown_method",
  "unauthorized",
  "forbidden",
  "not_found",
  "already_resolved",
  "conflict",
  "busy",
  "overloaded",
  "limit",
  "no_model",
  "storage_full",
  "shutting_down",
  "internal",
]);
export const protocolError = z
  .object({
    code: errorCode.meta({ id: "ErrorCode" }),
    message: text.meta({ description: "For a person: what failed, on what, and what to do" }),
    retryable: z.boolean(),
    retryAfterMs: z.number().exactOptional(),
    data: z.record(text, z.unknown()).exactOptional(),
  })
  .meta({ id: "ProtocolError" });

const welcome = named(
  "Welcome",
  "Answer to hello. Another `epoch` than the one remembered: this is a new server",
  z.object({
    type: z.literal("welcome"),
    protocol: z.int(),
    server: z.object({ name: text, version: text, pid: count }),
    epoch: text,
    capabilities: z.array(text),
    limits: z.record(text, z.number()),
    warnings: z.array(text),
  }),
);
const success = named("Success", "Answer to a request", z.object({ id: requestId, result: z.unknown() }));
const failure = named("Failure", "Answer to a request that was not done", z.object({ id: requestId, error: protocolError }));

const eventHead = { type: z.literal("event"), session: id, seq: z.int().min(1), time };
const event = <K extends string, D extends z.ZodRawShape>(kind: K, data: D) =>
  z.object({ ...eventHead, kind: z.literal(kind), data: z.object(data) });
export const durableEvent = named(
  "Event",
  "Durable: on disk before it is sent, never dropped; `seq` is dense within the session",
  z.discriminatedUnion("kind", [
    event("session.created", { session }),
    event("session.updated", { session, spent: z.object({ usage, turn: id.exactOptional() }).exactOptional() }),
    event("session.deleted", { session: id }),
    event("message.created", { message }),
    event("part.finished", { message: id, part }),
    event("message.finished", { message }),
    event("permission.asked", { permission }),
    event("permission.resolved", { permission }),
    event("turn.queued", { turn }),
    event("turn.started", { turn }),
    event("turn.completed", { turn }),
    event("turn.undone", { turn }),
    event("turn.redone", { turn }),
  ]),
);
const delta = named(
  "Delta",
  "Latest-wins: text of a part as it streams; `offset` counts UTF-16 code units and shows a gap or a repetition",
  z.object({
    type: z.literal("delta"),
    session: id,
    message: id,
    part: id,
    index: count,
    kind: partKind,
    offset: count,
    text,
    call: text.exactOptional(),
    name: text.exactOptional(),
  }),
);
const progress = named(
  "Progress",
  "Latest-wins: the end of a running tool's output",
  z.object({ type: z.literal("progress"), session: id, call: text, tail: text, bytes: count, ms: z.number() }),
);
const activity = named(
  "Activity",
  "Latest-wins: what a session is doing, for a status line",
  z.object({
    type: z.literal("activity"),
    session: id,
    state: z.enum(["idle", "connecting", "waiting", "streaming", "tool", "permission", "retrying", "compacting"]),
    note: text.exactOptional(),
    attempt: count.exactOptional(),
    retryAt: time.exactOptional(),
  }),
);
const live = named("Live", "The replay up to `head` is through", z.object({ type: z.literal("live"), session: id, head: count }));
const resync = named(
  "Resync",
  "What was missed cannot be replayed: begin from this state at `seq`",
  z.object({
    type: z.literal("resync"),
    session: id,
    seq: count,
    snapshot: z.object({ session, messages: z.array(message), permissions: z.array(permission) }),
  }),
);
const heartbeat = named(
  "Heartbeat",
  "Newest seq of each subscribed session",
  z.object({ type: z.literal("heartbeat"), heads: z.record(text, count) }),
);
const patch = named(
  "Patch",
  "Takes the screen from frame `base` to frame `seq`; base 0 means: clear first. Bytes of the closed patch grammar",
  z.object({ type: z.literal("patch"), screen: screenId, base: count, seq: count, bytes: byteString(patchBytesMax) }),
);
const effect = named(
  "Effect",
  "What only the owner of the terminal may do; the client decides",
  z.object({
    type: z.literal("effect"),
    screen: screenId,
    effect: z.enum(["session", "quit", "copy", "title", "notify", "bell", "suspend", "mouse", "editor", "echo"]),
    text: text.exactOptional(),
    on: z.boolean().exactOptional(),
    style: z.enum(["auto", "native", "osc", "bell"]).exactOptional(),
  }),
);

export const serverFrames = {
  welcome,
  success,
  failure,
  event: durableEvent,
  delta,
  progress,
  activity,
  live,
  resync,
  heartbeat,
  patch,
  effect,
};

type Infer<T> = T extends Record<string, z.ZodType> ? z.infer<T[keyof T]> : never;
/** A string that may be any is known to the schema as that alone. */
type AnyMethod<T> = T extends Request ? Omit<T, "method"> & { method: string } : T;

export type FramesMatch = [
  Expect<Equal<z.infer<typeof hello>, Hello>>,
  Expect<Equal<z.infer<typeof request>, AnyMethod<Request>>>,
  Expect<Equal<z.infer<typeof input>, Input>>,
  Expect<Equal<z.infer<typeof resize>, Resize>>,
  Expect<Equal<z.infer<typeof ack>, Ack>>,
  Expect<Equal<z.infer<typeof repaint>, Repaint>>,
  Expect<Equal<z.infer<typeof focus>, Focus>>,
  Expect<Equal<z.infer<typeof errorCode>, ErrorCode>>,
  Expect<Equal<z.infer<typeof protocolError>, ProtocolError>>,
  Expect<Equal<z.infer<typeof durableEvent>, DurableEvent>>,
  Expect<Equal<z.infer<typeof delta> | z.infer<typeof progress> | z.infer<typeof activity>, LatestEvent>>,
  Expect<Equal<Infer<typeof serverFrames>, ServerFrame>>,
];
