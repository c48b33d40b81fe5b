// Claim (facts: kernels, section 3a): the body of a request with 1 MB of history, against JSON.stringify of everything.
// Each run is one turn of a conversation: two new messages are told as events, and the body is made. The arena keeps the bytes of
// what was said before, so what is left is the new 7 KB, head and tail with 14 tools, and a walk over the list; the baseline builds the same JSON from the same messages.
import assert from "node:assert/strict";
import type { CompletionRequest } from "../src/contracts/wire-format.ts";
import type { Message, Part } from "../src/protocol/index.ts";
import { openWireFormats } from "../src/providers/index.ts";
import { openArena } from "../src/session/completion/arena.ts";
import { openConversation } from "../src/session/completion/conversation.ts";
import { claim, smoke } from "./harness.ts";

/** As many as make about 1 MB of history. */
const turns = smoke ? 10 : 130;
/** A conversation that grew by this factor is begun again; that costs about 20 us a run, and is counted against us. */
const growthMax = 4;

const wire = openWireFormats("dist/kernels", "plain")({ type: "openai-compat" })!;
const request: CompletionRequest = {
  provider: {
    id: "p",
    name: "P",
    type: "openai-compat",
    baseUrl: "http://127.0.0.1/v1",
    extraHeaders: {},
    extraBody: {},
    providerOptions: {},
    flatRate: false,
    models: [],
  },
  model: { provider: "p", model: "m", maxOutputTokens: 8_000, contextWindow: 200_000 },
  system: ["You are an agent.\n".repeat(200)],
  tools: Array.from({ length: 14 }, (_, i) => ({
    name: `tool_${i}`,
    description: "Does one thing, and says what.\n".repeat(20),
    parameters: { type: "object", properties: { path: { type: "string" } } },
  })),
  idleTimeoutMs: 1,
  headersTimeoutMs: 1,
  retriesMax: 0,
};
const code =
  'export const rows = await db.all(`SELECT * FROM "parts" WHERE id = ?`, [id]);\n\tif (rows.length === 0) return undefined; // naïve 你好\n';
const result = code.repeat(48);

/** An assistant message with a call and the message with its result. */
function turn(i: number): Message[] {
  const base = { session: "s", turn: "t", createdAt: i, finishedAt: i };
  const call: Part = {
    id: `a${i}:1`,
    index: 1,
    kind: "tool_call",
    call: `call_${i}`,
    name: "view",
    input: `{"file_path":"src/file-${i}.ts"}`,
  };
  return [
    { ...base, id: `a${i}`, role: "assistant", parts: [{ id: `a${i}:0`, index: 0, kind: "text", text: `I read file ${i}.` }, call] },
    {
      ...base,
      id: `r${i}`,
      role: "tool",
      parts: [{ id: `r${i}:0`, index: 0, kind: "tool_result", call: `call_${i}`, name: "view", text: result, isError: false }],
    },
  ];
}

const made = Array.from({ length: Math.ceil(turns * growthMax) }, (_, i) => turn(i));
function begin() {
  const conversation = openConversation("s");
  conversation.load({
    id: "u",
    session: "s",
    turn: "t",
    role: "user",
    createdAt: 0,
    finishedAt: 0,
    parts: [{ id: "u:0", index: 0, kind: "text", text: "Look at all of it." }],
  });
  for (const messages of made.slice(0, turns)) for (const message of messages) conversation.load(message);
  const arena = openArena(wire);
  arena.body(conversation.sent("t"), request);
  return { conversation, arena, next: turns };
}

let state = begin();
const grow = (): Message[] => {
  if (state.next >= made.length) state = begin();
  for (const message of made[state.next++]!) state.conversation.load(message);
  return state.conversation.sent("t");
};
const byArena = (): Uint8Array[] => state.arena.body(grow(), request).pieces;
const plainBody = (messages: Message[]): Buffer =>
  Buffer.from(wire.head(request) + messages.flatMap((message) => wire.segment(message, request) ?? []).join(",") + wire.tail(request));
/** What a program without an arena holds: messages, or objects of the wire, all of them serialised for each request. */
const messages = state.conversation.sent("t");
const objects = JSON.parse(plainBody(messages).toString()) as object;

export default claim({
  name: `request body, ${(plainBody(messages).length / 1e6).toFixed(2)} MB of history, two new messages`,
  gate() {
    const pieces = byArena();
    assert.equal(Buffer.concat(pieces).toString(), plainBody(state.conversation.sent("t")).toString());
    JSON.parse(Buffer.concat(pieces).toString());
  },
  ours: { name: "arena", run: () => void byArena() },
  baselines: [
    { name: "JSON.stringify of the request + Buffer.from", run: () => void Buffer.from(JSON.stringify(objects)), floor: 15 },
    { name: "a string a message, joined", run: () => void plainBody(messages) },
  ],
});
