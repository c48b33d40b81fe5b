// The arena under edits: whatever happens to old messages, the body is JSON.stringify of the whole request, on every wire, with and
// without cache marks that move.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CompletionRequest, WireFormat } from "../../../src/contracts/wire-format.ts";
import { openWireFormats } from "../../../src/providers/index.ts";
import type { DurableEvent, Message, Part } from "../../../src/protocol/index.ts";
import { type Body, openArena } from "../../../src/session/completion/arena.ts";
import { openConversation } from "../../../src/session/completion/conversation.ts";
import { requestTo, userMessage } from "./support.ts";

type Edit =
  | { do: "prompt"; text: string; long: number; picture: boolean }
  | { do: "step"; text: string; calls: string[]; input: string }
  | { do: "result"; at: number; text: string; long: number }
  | { do: "rewrite"; at: number; text: string; long: number }
  | { do: "abandon"; at: number }
  | { do: "late"; turn: number; text: string }
  | { do: "system"; text: string }
  | { do: "sees"; sees: boolean }
  | { do: "ask"; turn: number };

const text = fc.oneof(fc.string({ unit: "grapheme", maxLength: 12 }), fc.constantFrom("", '"\\\n\u0001', "\ud800", "→ 你好 🙂"));
/** How often a text is repeated: long ones go through the kernel, and some do not fit a chunk. */
const long = fc.constantFrom(1, 1, 1, 60, 6_000);
const at = fc.nat(20);
const anyEdit: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("prompt" as const), text, long, picture: fc.boolean() }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("step" as const),
      text,
      calls: fc.uniqueArray(fc.constantFrom("c0", "c1", "c2"), { maxLength: 2 }),
      input: fc.oneof(
        fc.json(),
        text.map((value) => JSON.stringify({ value: value.repeat(40) })),
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("result" as const), at, text, long }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rewrite" as const), at, text, long }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("abandon" as const), at }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("late" as const), turn: at, text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("system" as const), text }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("sees" as const), sees: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("ask" as const), turn: at }) },
);

/** A conversation that edits are made to, and what it was told. */
function world() {
  const conversation = openConversation("s");
  const messages: Message[] = [];
  let turns = 0;
  let seq = 0;
  const told: DurableEvent[] = [];
  const tell = (body: Pick<DurableEvent, "kind"> & { data: unknown }): void => {
    const event = { type: "event", session: "s", seq: ++seq, time: 1, ...body } as DurableEvent;
    told.push(event);
    conversation.apply(event);
  };
  const add = (message: Message): void => {
    messages.push(message);
    tell({ kind: "message.created", data: { message } });
  };
  const pick = (role: Message["role"], index: number): Message | undefined => {
    const some = messages.filter((message) => message.role === role);
    return some[index % Math.max(1, some.length)];
  };
  return {
    conversation,
    /** What is sent, from a conversation that hears it all at once and was never asked before. */
    sent(of: string): readonly Message[] {
      const other = openConversation("s");
      for (const event of told) other.apply(event);
      return other.reader().read(of).messages;
    },
    turn: (index: number): string => `t${turns - 1 - (index % Math.max(1, Math.min(turns, 3)))}`,
    apply(edit: Edit): void {
      const id = `m${messages.length}`;
      switch (edit.do) {
        case "prompt": {
          const message = userMessage("s", `t${turns++}`, edit.text.repeat(edit.long), id);
          const picture: Part = {
            id: `${id}:1`,
            index: 1,
            kind: "file",
            path: "a.png",
            mime: "image/png",
            bytes: 3,
            text: "data:image/png;base64,AAAA",
          };
          add(edit.picture ? { ...message, parts: [...message.parts, picture] } : message);
          return;
        }
        case "step":
        case "late": {
          if (turns === 0) return;
          const parts: Part[] = [{ id: `${id}:0`, index: 0, kind: "text", text: edit.text }];
          const calls = edit.do === "step" ? edit.calls : [];
          for (const call of calls)
            parts.push({
              id: `${id}:${parts.length}`,
              index: parts.length,
              kind: "tool_call",
              call,
              name: "view",
              input: edit.do === "step" ? edit.input : "{}",
            });
          // A late answer belongs to a turn before the last.
          const turn = `t${edit.do === "late" ? edit.turn % turns : turns - 1}`;
          add({ id, session: "s", turn, role: "assistant", createdAt: 1, finishedAt: 1, parts });
          return;
        }
        case "result": {
          const calls = messages.flatMap((message) => message.parts.flatMap((part) => (part.kind === "tool_call" ? [part.call] : [])));
          const call = calls[edit.at % Math.max(1, calls.length)];
          if (call === undefined) return;
          const parts: Part[] = [
            {
              id: `${id}:0`,
              index: 0,
              kind: "tool_result",
              call,
              name: "view",
              text: edit.text.repeat(edit.long),
              isError: edit.long > 1,
              meta: { diff: "x" },
            },
          ];
          add({ id, session: "s", turn: `t${turns - 1}`, role: "tool", createdAt: 1, finishedAt: 1, parts });
          return;
        }
        case "rewrite": {
          const old = pick("user", edit.at);
          if (!old) return;
          const part: Part = { ...old.parts[0]!, kind: "text", text: edit.text.repeat(edit.long) } as Part;
          tell({ kind: "part.finished", data: { message: old.id, part } });
          return;
        }
        case "abandon": {
          const old = pick("assistant", edit.at);
          if (old) tell({ kind: "message.finished", data: { message: { ...old, parts: [], abandoned: true } } });
        }
      }
    },
  };
}

/** The request as one object, marks included, by nothing that the arena uses but the wire's words for a message. */
function whole(wire: WireFormat, messages: readonly Message[], request: CompletionRequest, marks: boolean): string {
  const segments = messages.map((message) => wire.segment(message, request));
  const object = JSON.parse(wire.head(request) + segments.filter((segment) => segment !== undefined).join(",") + wire.tail(request));
  if (marks) {
    const said = (object.messages as { role: string; content: object[] }[]).filter(({ role }) => role === "user").slice(-2);
    for (const { content } of said) Object.assign(content.at(-1)!, { cache_control: { type: "ephemeral" } });
  }
  return JSON.stringify(object);
}

const wires = (["wasm", "plain"] as const).flatMap((mode) => {
  const wireFor = openWireFormats("dist/kernels", mode);
  return [
    ["openai-chat", mode, wireFor({ type: "openai-compat" })!, false],
    ["openai-responses", mode, wireFor({ type: "openai", baseUrl: "https://api.openai.com/v1" })!, false],
    ["anthropic", mode, wireFor({ type: "anthropic" })!, false],
    ["anthropic with moving marks", mode, wireFor({ type: "anthropic" })!, true],
    ["google", mode, wireFor({ type: "google" })!, false],
  ] as const;
});

const seeing = (request: CompletionRequest, sees: boolean): CompletionRequest => ({
  ...request,
  provider: {
    ...request.provider,
    models: [
      {
        provider: "sim",
        model: "sim-1",
        name: "S",
        providerName: "S",
        contextWindow: 1,
        maxTokens: 1,
        canReason: false,
        supportsImages: sees,
        price: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
      },
    ],
  },
});

describe.each(wires)("on the wire %s, kernels %s", (_, __, wire, marks) => {
  test("after any edits the body is byte for byte JSON.stringify of the whole, and no body given out before has changed", () => {
    fc.assert(
      fc.property(fc.array(anyEdit, { minLength: 1, maxLength: 30, size: "max" }), (edits) => {
        const { conversation, apply, turn, sent } = world();
        const arena = openArena(wire, conversation);
        const given: { body: Body; text: string }[] = [];
        let request = requestTo("http://127.0.0.1:1");
        if (marks) request = { ...request, provider: { ...request.provider, providerOptions: { cache_marks: "blocks" } } };
        const ask = (of: string): void => {
          const messages = sent(of);
          if (!messages.some((message) => wire.segment(message, request) !== undefined)) return;
          // Over the thread border it is another object each time.
          const body = arena.body(of, structuredClone(request));
          const text = whole(wire, messages, request, marks);
          expect(Buffer.concat(body.pieces).toString() === text).toBe(true);
          expect(body.bytes).toBe(Buffer.byteLength(text));
          given.push({ body, text });
        };
        apply({ do: "prompt", text: "first", long: 1, picture: false });
        for (const edit of edits) {
          if (edit.do === "ask") ask(turn(edit.turn));
          else if (edit.do === "system") request = { ...request, system: [edit.text] };
          else if (edit.do === "sees") request = seeing(request, edit.sees);
          else apply(edit);
        }
        ask(turn(0));
        for (const { body, text } of given) expect(Buffer.concat(body.pieces).toString() === text).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe("an edit", () => {
  const wire = wires[0]![2];
  const request = requestTo("http://127.0.0.1:1");
  const steps = 200;
  const last = `t${steps}`;
  const open = () => {
    const { conversation, apply, sent } = world();
    const arena = openArena(wire, conversation);
    apply({ do: "prompt", text: "first", long: 1, picture: false });
    for (let i = 0; i < steps; i++) apply({ do: "prompt", text: `${i} `, long: 500, picture: false });
    expect(arena.body(last, request).fresh).toBe(steps + 1);
    return { apply, arena, sent };
  };

  test("of an old message makes that one anew, and nothing behind it", () => {
    const { apply, arena } = open();
    expect(arena.body(last, request).fresh).toBe(0);
    for (let i = 0; i < 50; i++) {
      apply({ do: "rewrite", at: 7 * i, text: `again ${i}`, long: 1 });
      expect(arena.body(last, request).fresh).toBe(1);
    }
  });

  test("leaves few pieces and little that is dead, however many there were", () => {
    const { apply, arena, sent } = open();
    const { bytes } = arena.body(last, request);
    const before = arena.size;
    for (let i = 0; i < 2_000; i++) {
      apply({ do: "rewrite", at: i * 13, text: `${i} again and again `, long: 60 });
      const body = arena.body(last, request);
      expect(body.fresh).toBe(1);
      expect(body.pieces.length).toBeLessThan(70);
    }
    const after = arena.body(last, request);
    expect(Buffer.concat(after.pieces).toString()).toBe(whole(wire, sent(last), request, false));
    expect(before).toBeLessThan(4 * bytes);
    expect(arena.size).toBeLessThan(2 * after.bytes + (4 << 20));
  });

  test("of the model's or provider's settings makes all anew; of system texts or tools nothing", () => {
    const { arena } = open();
    expect(arena.body(last, { ...request, system: ["another"] }).fresh).toBe(0);
    expect(arena.body(last, { ...request, tools: [{ name: "t", description: "d", parameters: {} }] }).fresh).toBe(0);
    expect(arena.body(last, seeing(request, true)).fresh).toBe(steps + 1);
  });
});

test("a conversation larger than an arena may be is refused with what to do, and the next smaller one is sent", () => {
  const { conversation, apply } = world();
  const arena = openArena(wires[0]![2], conversation);
  const request = requestTo("http://127.0.0.1:1");
  const half = "x".repeat(65 << 20);
  apply({ do: "prompt", text: half, long: 1, picture: false });
  apply({ do: "prompt", text: half, long: 1, picture: false });
  expect(() => arena.body("t1", request)).toThrow(/larger than 128 MB: summarize it/);
  apply({ do: "rewrite", at: 0, text: "short", long: 1 });
  const { bytes, fresh } = arena.body("t1", request);
  // What was written of it before it was too large is gone.
  expect(arena.size).toBeLessThan(2.1 * bytes);
  expect(fresh).toBe(2);
  expect(bytes).toBeGreaterThan(65 << 20);
});
