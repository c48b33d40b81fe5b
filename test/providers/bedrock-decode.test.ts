import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openWireFormats } from "../../src/providers/index.ts";
import { cut, haveStreams, streamFiles } from "../kernels/sse-support.ts";
import { bothSay, decode, named, signed, wiresOf } from "./decode-support.ts";
import { messageOf, part, requestOf } from "./support.ts";

const wires = wiresOf({ type: "bedrock" });
const anthropic = wiresOf({ type: "anthropic" });

type Header = [name: string, type: number, value: Buffer];
const string = (name: string, value: string): Header => [name, 7, Buffer.from(value)];

/** A message as AWS writes it. */
function message(headers: Header[], payload: Uint8Array): Buffer {
  const head = Buffer.concat(
    headers.flatMap(([name, type, value]) => {
      const length = type === 6 || type === 7 ? Buffer.from([value.length >> 8, value.length & 255]) : Buffer.alloc(0);
      return [Buffer.from([name.length]), Buffer.from(name), Buffer.from([type]), length, value];
    }),
  );
  const all = Buffer.alloc(12 + head.length + payload.length + 4);
  all.writeUInt32BE(all.length, 0);
  all.writeUInt32BE(head.length, 4);
  all.writeUInt32BE(crc32(all.subarray(0, 8)), 8);
  head.copy(all, 12);
  all.set(payload, 12 + head.length);
  all.writeUInt32BE(crc32(all.subarray(0, all.length - 4)), all.length - 4);
  return all;
}

const chunk = [string(":event-type", "chunk"), string(":content-type", "application/json"), string(":message-type", "event")];
const inBase64 = (event: object, pad = 0): Buffer =>
  message(chunk, Buffer.from(JSON.stringify({ bytes: Buffer.from(JSON.stringify(event)).toString("base64"), p: "x".repeat(pad) })));
const exception = (type: string, words: string): Buffer =>
  message([string(":exception-type", type), string(":message-type", "exception")], Buffer.from(JSON.stringify({ message: words })));

const begin = { type: "message_start", message: { id: "m", content: [], usage: { input_tokens: 3, output_tokens: 1 } } };
const says = (...words: string[]) => [
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  ...words.map((text) => ({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } })),
  { type: "content_block_stop", index: 0 },
];
const stop = [
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 9 } },
  { type: "message_stop", "amazon-bedrock-invocationMetrics": { inputTokenCount: 3 } },
];
const events = [begin, ...says("a", "é😀", "b\n".repeat(50)), ...stop];
const want = bothSay(anthropic, named(...events));

describe("a stream", () => {
  test("says what the same events say in Anthropic's own stream, wherever it is cut", () => {
    expect(want.map(({ kind }) => kind)).toEqual(["text", "finish", "usage", "done"]);
    expect(bothSay(wires, Buffer.concat(events.map((event, i) => inBase64(event, i))))).toEqual(want);
  });

  test("is read when the events stand in it as they are, over lines too, and with headers of every type", () => {
    const all: Header[] = [
      ["yes", 0, Buffer.alloc(0)],
      ["no", 1, Buffer.alloc(0)],
      ["u8", 2, Buffer.alloc(1)],
      ["i16", 3, Buffer.alloc(2)],
      ["i32", 4, Buffer.alloc(4)],
      ["i64", 5, Buffer.alloc(8)],
      ["bytes", 6, Buffer.alloc(300)],
      ["time", 8, Buffer.alloc(8)],
      ["uuid", 9, Buffer.alloc(16)],
      ...chunk,
    ];
    const direct = events.map((event, i) => message(i % 2 ? all : [], Buffer.from(JSON.stringify(event, null, i % 3))));
    expect(bothSay(wires, Buffer.concat(direct))).toEqual(want);
  });

  test("with a message larger than what is kept at first, and than the kernel's memory, is whole", () => {
    const long = "lorem é ".repeat(40_000);
    const bytes = Buffer.concat([begin, ...says("a", long), ...stop].map((event) => inBase64(event)));
    for (const { wire } of wires)
      for (const max of [1_000, 1 << 30]) expect(decode(cut(bytes, max), wire)[0]).toEqual({ kind: "text", text: `a${long}` });
  });

  test("generated: cut anywhere, in any mix of the two payloads, it says the same", () => {
    const { wire } = wires[0]!;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ unit: "grapheme" }), fc.boolean(), fc.nat(40))),
        fc.nat(),
        fc.constantFrom(1, 5, 60, 900),
        (words, seed, max) => {
          const plain = [begin, ...says(...words.map(([word]) => word)), ...stop];
          const bytes = Buffer.concat(
            plain.map((event, i) => (words[i]?.[1] ? message(chunk, Buffer.from(JSON.stringify(event))) : inBase64(event, words[i]?.[2]))),
          );
          expect(decode(cut(bytes, max, seed), wire)).toEqual(decode([named(...plain)], anthropic[0]!.wire));
        },
      ),
      { numRuns: 200 },
    );
  });

  test.skipIf(!haveStreams)("recorded: kernel and plain version say the same, whole and cut (../shared/data)", () => {
    const files = streamFiles("bedrock-eventstream");
    expect(files.length).toBeGreaterThan(2);
    for (const { bytes } of files) expect(bothSay(wires, bytes).at(-1)).toEqual({ kind: "done" });
  });
});

describe("what goes wrong", () => {
  const first = [begin, ...says("a").slice(0, 2)].map((event) => inBase64(event));
  test.each([
    ["throttlingException", "Too many requests", "rate_limit", true],
    ["serviceUnavailableException", "m", "overloaded", true],
    ["internalServerException", "m", "server", true],
    ["modelStreamErrorException", "m", "server", true],
    ["modelTimeoutException", "m", "timeout", true],
    ["validationException", "m", "bad_request", false],
    ["validationException", "Input is too long for requested model.", "context_too_long", false],
    ["accessDeniedException", "m", "bad_key", false],
  ])("%s (%s) is %s, and the last that is said", (type, words, kind, retryable) => {
    const records = bothSay(wires, Buffer.concat([...first, exception(type, words), inBase64(says("no")[1]!)]));
    expect(records).toMatchObject([
      { kind: "text", text: "a" },
      { kind: "error", error: { kind, retryable, message: expect.stringContaining(words) } },
    ]);
  });

  test("an error of the stream itself has its code and words in headers", () => {
    const error = message(
      [string(":message-type", "error"), string(":error-code", "InternalError"), string(":error-message", "it broke")],
      Buffer.alloc(0),
    );
    expect(bothSay(wires, Buffer.concat([...first, error])).at(-1)).toMatchObject({
      kind: "error",
      error: { kind: "server", message: expect.stringContaining("it broke") },
    });
  });

  test("one bit that is wrong anywhere in a message is told, and nothing of that message or behind it", () => {
    const good = inBase64(says("b")[1]!);
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good);
      bad[at]! ^= 1 << (at % 8);
      const records = decode(cut(Buffer.concat([...first, bad, good]), 100), wires[0]!.wire);
      expect(records, `byte ${at}`).toMatchObject([
        { kind: "text", text: "a" },
        { kind: "error", error: { kind: "protocol" } },
      ]);
    }
  });

  test("lengths that cannot be are told, though their checksums are right", () => {
    const prelude = (total: number, headers: number): Buffer => {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32BE(total, 0);
      bytes.writeUInt32BE(headers, 4);
      bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
      return bytes;
    };
    const short = message([["name", 7, Buffer.from("value")]], Buffer.alloc(0));
    short[17] = 255;
    short.writeUInt32BE(crc32(short.subarray(0, short.length - 4)), short.length - 4);
    const unknown = message([["name", 11, Buffer.alloc(0)]], Buffer.alloc(0));
    for (const bytes of [prelude(15, 0), prelude(40, 30), prelude(1 << 30, 0), prelude(1 << 20, 1 << 19), short, unknown])
      expect(decode([bytes], wires[0]!.wire)).toMatchObject([{ kind: "error", error: { kind: "protocol" } }]);
  });

  test("a payload that is not JSON is told, and a stream that ends early", () => {
    expect(bothSay(wires, Buffer.concat([...first, message(chunk, Buffer.from("{"))])).at(-1)).toMatchObject({
      error: { kind: "protocol" },
    });
    const whole = Buffer.concat(first);
    for (const length of [whole.length, whole.length - 1, whole.length - 30])
      expect(bothSay(wires, whole.subarray(0, length)).at(-1)).toMatchObject({
        kind: "error",
        error: { kind: "network", retryable: true },
      });
  });
});

test("thoughts keep the signatures of Anthropic's wire, so that they can be sent back by either", () => {
  const thinking = [
    { type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "signature_delta", signature: "s" } },
    { type: "content_block_stop", index: 0 },
  ];
  expect(bothSay(wires, Buffer.concat([begin, ...thinking, ...stop].map((event) => inBase64(event))))[0]).toEqual(
    signed("anthropic", { signature: "s" }),
  );
});

test("a request has the model in its address, the version in its body, and the key as a bearer token", () => {
  const wire = openWireFormats("dist/kernels", "plain")({ type: "bedrock" })!;
  const request = requestOf({
    provider: { type: "bedrock", baseUrl: "https://bedrock-runtime.eu-west-1.amazonaws.com/", apiKey: "k" },
    model: { model: "eu.anthropic.claude-sonnet-4-5-20250929-v1:0", think: true, maxOutputTokens: 4_000 },
    system: ["be brief"],
  });
  const { url, headers } = wire.endpoint(request, "s");
  expect(url).toBe(
    "https://bedrock-runtime.eu-west-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke-with-response-stream",
  );
  expect(headers).toMatchObject({ authorization: "Bearer k", accept: "application/vnd.amazon.eventstream" });
  const body = JSON.parse(wire.head(request) + wire.segment(messageOf("user", [part.text("hi")]), request) + wire.tail(request));
  expect(body).toMatchObject({
    anthropic_version: "bedrock-2023-05-31",
    anthropic_beta: ["interleaved-thinking-2025-05-14"],
    messages: [{ role: "user" }],
    max_tokens: 4_000,
  });
  expect(body).not.toHaveProperty("model");
  expect(body).not.toHaveProperty("stream");
});
