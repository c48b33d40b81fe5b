import { encode as encodeAny, ExtData } from "@msgpack/msgpack";
import fc from "fast-check";
import { expect, test } from "vitest";
import { CodecError, codecOf } from "../../src/protocol/codec/index.ts";
import { type ClientFrame, frameDepthMax, frameValuesMax, type ServerFrame } from "../../src/protocol/index.ts";

const msgpack = codecOf("crush.v1");
const json = codecOf("crush.v1.json");
const both = [msgpack, json];

const u32 = fc.nat(0xffffffff);
const bytes = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const value = fc
  .jsonValue({ maxDepth: 4, stringUnit: "grapheme" })
  .filter((any) => !JSON.stringify(any).includes('"__proto__"'))
  // JSON has no -0.
  .map((any) => JSON.parse(JSON.stringify(any)) as typeof any);
const frame = fc.oneof(
  fc.record({ type: fc.constant("patch" as const), screen: u32, base: u32, seq: u32, bytes }),
  fc.record({ type: fc.constant("input" as const), screen: u32, bytes }),
  fc.record({ type: fc.constant("resize" as const), screen: u32, cols: u32, rows: u32 }),
  fc.record({
    type: fc.constant("delta" as const),
    session: text,
    message: text,
    part: text,
    index: fc.nat(),
    kind: fc.constant("text" as const),
    offset: fc.nat(),
    text,
  }),
  fc.record({ id: fc.oneof(text, fc.maxSafeInteger()), method: text, params: value }),
  fc.record({ id: fc.nat(), result: value }),
);

test("msgpack and JSON both give back what was encoded, byte strings as bytes", () => {
  fc.assert(
    fc.property(frame, (sent) => {
      for (const codec of both) {
        const got = codec.decode(codec.encode(sent as ClientFrame | ServerFrame)) as Record<string, unknown>;
        expect(got).toEqual(sent);
        if ("bytes" in sent) expect(got.bytes?.constructor).toBe(Uint8Array);
      }
    }),
    { numRuns: 300 },
  );
});

test("the fixed form of a patch is what the general encoder writes for large numbers", () => {
  const patch = { type: "patch" as const, screen: 0x10000, base: 0x20000000, seq: 0xfffffffe, bytes: new Uint8Array(70_000).fill(7) };
  expect(Buffer.compare(msgpack.encode(patch) as Uint8Array, encodeAny(patch))).toBe(0);
});

test("an encoded frame stays as it is when later frames are encoded", () => {
  const first = msgpack.encode({ type: "activity", session: "a", state: "idle" }) as Uint8Array;
  const copy = first.slice();
  for (let i = 0; i < 100; i++) msgpack.encode({ type: "activity", session: `other ${i}`, state: "streaming" });
  expect(first).toEqual(copy);
});

test("an absent field and an undefined one are the same on the wire", () => {
  for (const codec of both)
    expect(codec.decode(codec.encode({ id: 1, method: "m", params: { a: undefined, b: 1 } }))).toEqual({
      id: 1,
      method: "m",
      params: { b: 1 },
    });
});

const code = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
  return "accepted";
};

test("a __proto__ key is refused at any depth and in any spelling", () => {
  expect(code(() => json.decode('{"a":[{"__proto__":{"x":1}}]}'))).toBe("forbidden");
  expect(code(() => json.decode('{"\\u005f_proto__":1}'))).toBe("forbidden");
  const map = encodeAny(Object.fromEntries([["a", [Object.defineProperty({}, "__proto__", { value: 1, enumerable: true })]]]));
  expect(code(() => msgpack.decode(map))).toBe("forbidden");
  expect(({} as { x?: number }).x).toBeUndefined();
});

test("nesting up to the limit is read, one level more is refused", () => {
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
  expect(code(() => json.decode(nested(frameDepthMax)))).toBe("accepted");
  expect(code(() => json.decode(nested(frameDepthMax + 1)))).toBe("too_deep");
  expect(code(() => json.decode("[".repeat(1_000_000)))).toBe("too_deep");
  const lists = (depth: number) => Uint8Array.from([...new Array(depth - 1).fill(0x91), 0x90]);
  expect(code(() => msgpack.decode(lists(frameDepthMax)))).toBe("accepted");
  expect(code(() => msgpack.decode(lists(frameDepthMax + 1)))).toBe("too_deep");
  expect(code(() => msgpack.decode(new Uint8Array(1_000_000).fill(0x91)))).toBe("too_deep");
});

test("a frame of very many small values is refused before they are built", () => {
  expect(code(() => json.decode(`[${"{},".repeat(frameValuesMax)}0]`))).toBe("too_many");
  expect(code(() => msgpack.decode(Uint8Array.from([0xdd, 0, 2, 0, 0, ...new Array(0x20000).fill(0x80)])))).toBe("too_many");
});

test("a length that the frame does not hold allocates nothing and is refused", () => {
  for (const head of [0xdd, 0xdf, 0xc6, 0xdb])
    expect(code(() => msgpack.decode(Uint8Array.from([head, 0x7f, 0xff, 0xff, 0xff, 1])))).toBe("malformed");
});

test("extension types, timestamps, the unused byte, trailing bytes and keys that are no strings are refused", () => {
  expect(code(() => msgpack.decode(encodeAny(new ExtData(5, new Uint8Array(4)))))).toBe("forbidden");
  expect(code(() => msgpack.decode(encodeAny(new Date())))).toBe("forbidden");
  expect(code(() => msgpack.decode(Uint8Array.from([0xc1])))).toBe("malformed");
  expect(code(() => msgpack.decode(Uint8Array.from([1, 1])))).toBe("malformed");
  expect(code(() => msgpack.decode(Uint8Array.from([0x81, 1, 1])))).toBe("malformed");
});

test("text where bytes belong, bytes where text belongs, and bad base64 are refused", () => {
  expect(code(() => msgpack.decode("{}"))).toBe("malformed");
  expect(code(() => json.decode(Uint8Array.from([0x80])))).toBe("malformed");
  for (const bytes of ['"a"', '"ab=c"', '"+-__"', "1", "null"])
    expect(code(() => json.decode(`{"type":"input","screen":1,"bytes":${bytes}}`))).toBe("malformed");
});

test("no byte string makes the decoder do anything but answer or throw its own error", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      code(() => msgpack.decode(data));
      code(() => json.decode(Buffer.from(data).toString("latin1")));
    }),
    { numRuns: 5_000 },
  );
});

test("every cut of a valid msgpack frame is refused", () => {
  const whole = msgpack.encode({
    id: "x",
    method: "session.prompt",
    params: { session: "s", text: "héllo", files: [{ path: "a" }], n: 1.5, big: 2 ** 40, yes: true },
  }) as Uint8Array;
  for (let length = 0; length < whole.length; length++) expect(code(() => msgpack.decode(whole.subarray(0, length)))).toBe("malformed");
});
