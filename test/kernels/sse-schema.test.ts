// What the schema language says beyond Chat Completions: cases by a key, counts, flags, whole objects; and events with names.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadKernel } from "../../src/kernels/load.ts";
import { plainSse, type SseKernel, WasmSse } from "../../src/kernels/sse.ts";
import type { SseSchema } from "../../src/kernels/sse-schema.ts";
import { cut, type Said } from "./sse-support.ts";

const text = (field: number, run = true) => ({ kind: "text", field, run }) as const;
const schema: SseSchema = {
  errorField: 9,
  root: {
    kind: "object",
    keys: { other: text(1), error: { kind: "raw", field: 9 } },
    by: {
      key: "type",
      cases: {
        delta: { kind: "object", scope: true, keys: { index: { kind: "context" }, delta: text(2) } },
        args: { kind: "object", keys: { delta: text(3), tokens: { kind: "object", keys: { n: { kind: "count", field: 4 } } } } },
        parts: {
          kind: "object",
          keys: {
            parts: {
              kind: "array",
              item: {
                kind: "object",
                scope: true,
                end: 12,
                keys: {
                  text: text(5),
                  thought: { kind: "context", flag: true },
                  call: { kind: "whole", field: 6 },
                  json: { kind: "json", field: 10 },
                  inner: { kind: "object", keys: { name: text(11, false) } },
                },
              },
            },
          },
        },
        stop: { kind: "object", keys: { type: { kind: "raw", field: 7 } } },
        fail: { kind: "object", keys: { type: { kind: "whole", field: 8 } } },
      },
    },
  },
};
const plain = plainSse(schema);
const wasm = () => new WasmSse(loadKernel("dist/kernels", "sse"), schema);
const kernel = wasm();

/** Deltas joined, and of a count only the last: so it does not depend on the cuts. */
function read(by: SseKernel, pieces: Iterable<Uint8Array>): { said: Said[]; count: unknown } {
  const said: Said[] = [];
  let count: unknown;
  const sink = {
    text(field: number, context: number, more: string) {
      const last = said.at(-1);
      if (last?.[0] === "text" && last[1] === field && last[2] === context) last[3] = `${last[3]}${more}`;
      else said.push(["text", field, context, more]);
    },
    value(field: number, context: number, value: unknown) {
      if (field === 4) count = value;
      else said.push(["value", field, context, value]);
    },
    done: () => void said.push(["done"]),
    bad: (data: string) => void said.push(["bad", data]),
  };
  const parser = by.open();
  for (const piece of pieces) parser.feed(piece, sink);
  parser.end(sink);
  return { said, count };
}

function both(input: string) {
  const bytes = Buffer.from(input);
  const want = read(plain, [bytes]);
  for (const by of [kernel, wasm(), plain])
    for (const pieces of [[bytes], cut(bytes, 1), cut(bytes, 30, 7)]) expect(read(by, pieces)).toEqual(want);
  return want;
}
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const say = (...values: unknown[]) => both(values.map(event).join(""));

describe("cases", () => {
  test("give one key another meaning, wherever the key that decides stands", () => {
    expect(
      say({ type: "delta", index: 2, delta: "a" }, { delta: "b", index: 2, type: "delta" }, { type: "args", delta: "c" }).said,
    ).toEqual([
      ["text", 2, 2, "ab"],
      ["text", 3, 0, "c"],
    ]);
  });

  test("that are none have the keys of the node itself", () => {
    for (const type of ["unknown", "", null, 5, {}, undefined])
      expect(say({ type, delta: "no", other: "o" }).said).toEqual([["text", 1, 0, "o"]]);
    expect(say({ type: "delta", index: 0, other: "no" }).said).toEqual([]);
  });

  test("are judged by what the value means, and by the last one of two", () => {
    expect(both('data: {"type":"\\u0061rgs","delta":"a"}\n\n').said).toEqual([["text", 3, 0, "a"]]);
    expect(both('data: {"t\\u0079pe":"args","delta":"a"}\n\n').said).toEqual([["text", 3, 0, "a"]]);
    expect(both('data: {"type":"delta","type":"args","delta":"a","index":1}\n\n').said).toEqual([["text", 3, 0, "a"]]);
  });

  test("are never taken for one another by a learned shape", () => {
    const events = Array.from({ length: 60 }, (_, i) => ({
      type: ["args", "argz", "delta", "stop"][i % 4],
      index: 1,
      delta: `w${i}`,
      n: i,
    }));
    const { said } = say(...events);
    expect(said.filter(([, field]) => field === 3)).toHaveLength(15);
    expect(said.filter(([, field]) => field === 7)).toHaveLength(15);
  });

  test("tell their own name, or themselves as a whole", () => {
    expect(say({ type: "stop" }, { type: "fail", code: 1, other: "o" }).said).toEqual([
      ["value", 7, 0, "stop"],
      ["value", 8, 0, { type: "fail", code: 1, other: "o" }],
    ]);
  });
});

describe("flags, whole objects and counts", () => {
  test("a flag is context 1, its absence 0, whichever key comes first", () => {
    expect(
      say({
        type: "parts",
        parts: [
          { text: "a" },
          { thought: false, text: "b" },
          { text: "c", thought: true },
          { thought: true, text: "d" },
          { thought: null, text: "e" },
          { thought: 7, text: "f" },
        ],
      }).said,
    ).toEqual([
      ["text", 5, 0, "ab"],
      ["text", 5, 1, "cd"],
      ["text", 5, 0, "ef"],
    ]);
  });

  test("an object with such a key is told as it is, in its place among the others", () => {
    const part = { thought: true, text: "x", call: { a: [1, "é"] } };
    expect(say({ type: "parts", parts: [{ text: "a" }, part, { text: "b", call: null }] }).said).toEqual([
      ["text", 5, 0, "a"],
      ["value", 6, 1, part],
      ["text", 12, 1, ""],
      ["text", 5, 0, "b"],
    ]);
  });

  test("a value is told as it is written, and the end of a scope that said more than deltas", () => {
    const source = '[ 1.50, {"a" : "\\u0041é😀"},"\\\\", "\\"]" ]';
    const parts = `{"json": ${source} ,"text":"a"},{"text":"b"},{"inner":{"name":"n"},"thought":true},{"json":null},{"json":-0}`;
    expect(both(`data: {"type":"parts","parts":[${parts}]}\n\n`).said).toEqual([
      ["text", 10, 0, source],
      ["text", 5, 0, "a"],
      ["text", 12, 0, ""],
      ["text", 5, 0, "b"],
      ["text", 11, 1, "n"],
      ["text", 12, 1, ""],
      ["text", 10, 0, "-0"],
      ["text", 12, 0, ""],
    ]);
  });

  test("of counts the last is told, after the texts that they come with; what is no count says nothing", () => {
    const counted = (n: unknown) => ({ type: "args", delta: "a", tokens: { n } });
    expect(say(counted(1), counted(2), counted(30))).toEqual({ said: [["text", 3, 0, "aaa"]], count: 30 });
    for (const n of [-1, 1.5, 1e3, "4", null, true, 2 ** 31, [], {}]) expect(say(counted(7), counted(n)).count).toBe(n === 1e3 ? 1000 : 7);
    expect(both('data: {"type":"args","tokens":{"n":01}}\n\n').said[0]?.[0]).toBe("bad");
    expect(both('data: {"type":"args","tokens":{"n":1e1}}\n\n').count).toBe(10);
  });
});

describe("names and padding", () => {
  const named = (name: string, value: unknown, pad = 0) =>
    `event: ${name}\ndata: ${JSON.stringify(value).slice(0, -1)}${" ".repeat(pad)}}\n\n`;
  test("do not keep a shape from being learned", () => {
    const input = Array.from({ length: 300 }, (_, i) => named("delta", { type: "delta", index: 0, delta: `w${i}` }, i % 9)).join("");
    const fresh = wasm();
    expect(read(fresh, [Buffer.from(input)])).toEqual(read(plain, [Buffer.from(input)]));
    expect(fresh.hits).toBeGreaterThan(290);
    both(input.slice(0, 2_000));
  });

  test("an error by name is one among learned shapes, and the last name counts", () => {
    const good = named("delta", { type: "delta", index: 0, delta: "a" });
    const failed = good.replace("event: delta", "event: error");
    expect(both(good.repeat(3) + failed + good).said).toEqual([
      ["text", 2, 0, "aaa"],
      ["value", 9, 0, { type: "delta", index: 0, delta: "a" }],
      ["text", 2, 0, "a"],
    ]);
    expect(both(`event: error\n${good}`).said).toEqual([["text", 2, 0, "a"]]);
    expect(both(`event: x\nevent\nid: 1\n${good}`).said).toEqual([["text", 2, 0, "a"]]);
    expect(both(`eventual: error\n${good}`).said).toEqual([["text", 2, 0, "a"]]);
  });
});

test("generated: both versions say the same of any events, however they are cut", () => {
  const word = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constant("")).map((one) => one.toWellFormed());
  const number = fc.oneof(fc.nat(100), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null));
  const loose = fc.oneof(word, number, fc.boolean(), fc.constant({ n: 1 }));
  const part = fc.record(
    {
      text: loose,
      thought: fc.oneof(fc.boolean(), loose),
      call: fc.option(loose, { nil: undefined, freq: 2 }),
      json: fc.oneof(loose, fc.jsonValue()),
      inner: fc.oneof(fc.record({ name: loose }), loose),
    },
    { requiredKeys: [] },
  );
  const value = fc
    .record(
      {
        type: fc.oneof(fc.constantFrom("delta", "args", "parts", "stop", "fail", "none"), loose),
        index: fc.oneof(fc.nat(3), number),
        delta: loose,
        tokens: fc.oneof(fc.record({ n: number }), loose),
        parts: fc.oneof(fc.array(part, { maxLength: 3 }), loose),
        other: loose,
      },
      { requiredKeys: [] },
    )
    .chain((object) => fc.shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length }).map(Object.fromEntries));
  const one = fc
    .tuple(value, fc.nat(3), fc.constantFrom("", "event: delta\n", "event: error\n", ": c\n"))
    .map(([object, pad, head]) => `${head}data: ${JSON.stringify(object).slice(0, -1)}${" ".repeat(pad)}}\n\n`);
  const counts = wasm();
  fc.assert(
    fc.property(
      fc.array(one, { maxLength: 12 }),
      fc.nat(),
      fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 3 }),
      (events, seed, mutation) => {
        const bytes = Buffer.from(events.join(""));
        if (mutation !== null && bytes.length > 0) bytes[mutation[0] % bytes.length] = mutation[1];
        const want = read(plain, [bytes]);
        expect(read(counts, [bytes])).toEqual(want);
        expect(read(counts, cut(bytes, 40, seed))).toEqual(want);
      },
    ),
    { numRuns: 400 },
  );
});
