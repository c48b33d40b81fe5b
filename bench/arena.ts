// Claim (facts: kernels, section 3a): the body of a request with 1 MB of history, against JSON.stringify of everything.
// Each run is one turn of a conversation: two new messages are told as events, and the body is made for a request that came over
// the thread border, so it is another object each time. The arena keeps the bytes of what was said before; what is left is the new
// 7 KB and a look whether head and tail are what they were. The baseline builds the same JSON from objects that are ready.
import assert from "node:assert/strict";
import type { CompletionRequest } from "../src/contracts/wire-format.ts";
import type { Message, Part } from "../src/protocol/index.ts";
import { openWireFormats } from "../src/providers/index.ts";
import { openArena } from "../src/session/completion/arena.ts";
import { openConversation } from "../src/session/completion/conversation.ts";
import { claim, smoke } from "./harness.ts";

/** As many as make about 1 MB of history. */
const turns = smoke ? 10 : 145;
/** A conversation that grew by this factor is begun again; that is counted against us. */
const growthMax = 4;

const wireFor = openWireFormats("dist/kernels", "wasm");
const chat = wireFor({ type: "openai-compat" })!;
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
    parameters: {
      type: "object",
      properties: { path: { type: "string", description: "Absolute" }, limit: { type: "integer", minimum: 1 } },
      required: ["path"],
    },
  })),
  idleTimeoutMs: 1,
  headersTimeoutMs: 1,
  retriesMax: 0,
};
/** The same with marks in its last messages. */
const marking: CompletionRequest = { ...request, provider: { ...request.provider, providerOptions: { cache_marks: "blocks" } } };
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
function begin(wire = chat, asked = request) {
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
  const arena = openArena(wire, conversation);
  arena.body("t", asked);
  const sent = () => conversation.reader().read("t").messages;
  return { conversation, arena, wire, sent, next: turns };
}
type State = ReturnType<typeof begin>;

/** Two equal requests, in turns: none is known by its identity. */
const requests = [structuredClone(request), structuredClone(request)];
let state = begin();
let runs = 0;
const oneMoreTurn = (): Uint8Array[] => {
  if (state.next >= made.length) state = begin();
  for (const message of made[state.next++]!) state.conversation.load(message);
  return state.arena.body("t", requests[runs++ % 2]!).pieces;
};
const asText = ({ wire, sent }: State, asked = request): string =>
  wire.head(asked) +
  sent()
    .flatMap((message) => wire.segment(message, asked) ?? [])
    .join(",") +
  wire.tail(asked);
/** What a program without an arena holds: objects of the wire, all of them serialised for each request. */
const objects = JSON.parse(asText(state)) as object;

/** Microseconds of one of many, the median. */
function median(once: () => void, many = smoke ? 3 : 200): number {
  const times = Array.from({ length: many }, () => {
    const from = performance.now();
    once();
    return (performance.now() - from) * 1_000;
  });
  return Math.round(times.toSorted((a, b) => a - b)[many >> 1]!);
}

export default claim({
  name: `request body, ${(asText(state).length / 1e6).toFixed(2)} MB of history, two new messages`,
  gate() {
    assert.equal(JSON.stringify(objects), asText(state));
    const body = Buffer.concat(oneMoreTurn()).toString();
    assert.equal(body, asText(state));
    assert.equal(JSON.stringify(JSON.parse(body)), body);
  },
  ours: { name: "arena", run: () => void oneMoreTurn() },
  baselines: [
    { name: "JSON.stringify of the request + Buffer.from", run: () => void Buffer.from(JSON.stringify(objects)), floor: 50 },
    { name: "a string a message, joined", run: () => void Buffer.from(asText(state)) },
  ],
  notes() {
    const edited = begin();
    let edits = 0;
    const edit = (): void => {
      // Another text of the prompt, which stands before everything else.
      const part: Part = { id: "u:0", index: 0, kind: "text", text: `Look at all of it, ${edits++}.` };
      edited.conversation.apply({ type: "event", session: "s", seq: edits, time: 1, kind: "part.finished", data: { message: "u", part } });
      edited.arena.body("t", request);
    };
    const editUs = median(edit);
    assert.equal(Buffer.concat(edited.arena.body("t", request).pieces).toString(), asText(edited));

    const marks = begin(wireFor({ type: "anthropic" })!, marking);
    const markedUs = median(() => {
      for (const message of made[marks.next++]!) marks.conversation.load(message);
      marks.arena.body("t", marking);
    });
    const body = JSON.parse(Buffer.concat(marks.arena.body("t", marking).pieces).toString()) as { messages: { content: object[] }[] };
    assert.equal(body.messages.filter(({ content }) => "cache_control" in content.at(-1)!).length, 2);
    return {
      "an edit of the first message (us)": editUs,
      "one more turn with moving cache marks, Anthropic (us)": markedUs,
      "bytes held / bytes of the body": (state.arena.size / state.arena.body("t", request).bytes).toFixed(2),
    };
  },
});
