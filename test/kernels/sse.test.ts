import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { field } from "../../src/providers/openai-chat/schema.ts";
import { cut, haveStreams, listen, plain, read, streamFiles, wasm } from "./sse-support.ts";

const kernel = wasm();
const bytes = (text: string) => Buffer.from(text);
const chunk = (delta: string, rest = "") => `data: {"id":"c1","created":1,"choices":[{"index":0,"delta":${delta}${rest}}]}\n\n`;

/** Said by both versions, whole and cut at every byte. */
function both(input: string | Uint8Array) {
  const all = typeof input === "string" ? bytes(input) : input;
  const want = read(plain, [all]);
  expect(read(kernel, [all])).toEqual(want);
  expect(read(kernel, cut(all, 1))).toEqual(want);
  expect(read(plain, cut(all, 1))).toEqual(want);
  for (let i = 0; i < Math.min(all.length, 400); i++) expect(read(kernel, [all.subarray(0, i), all.subarray(i)])).toEqual(want);
  return want;
}

describe("one event", () => {
  const text = (s: string) => ["text", field.content, 0, s];
  test.each([
    ["LF", chunk('{"content":"hi"}')],
    ["CRLF", chunk('{"content":"hi"}').replaceAll("\n", "\r\n")],
    ["CR", chunk('{"content":"hi"}').replaceAll("\n", "\r")],
    ["no space after the colon", chunk('{"content":"hi"}').replace("data: ", "data:")],
    ["a byte order mark", `\ufeff${chunk('{"content":"hi"}')}`],
    ["a comment and other fields in front", `: ping\nid: 7\nretry: 1\n${chunk('{"content":"hi"}')}`],
    ["a field behind", chunk('{"content":"hi"}').replace("\n\n", "\nid: 3\n\n")],
    ["an event name", `event: message\n${chunk('{"content":"hi"}')}`],
    ["data over lines", chunk('{\ndata: "content":\ndata:"hi"}')],
    ["no blank line at the end", chunk('{"content":"hi"}').trimEnd()],
    ["keys in another order", 'data: {"choices":[{"delta":{"role":"assistant","content":"hi"},"index":0}],"id":"x"}\n\n'],
    ["a second choice", 'data: {"choices":[{"delta":{"content":"hi"}},{"delta":{"content":"no"}}]}\n\n'],
    ["an escaped key", chunk('{"c\\u006fntent":"hi"}')],
    ["a key twice", chunk('{"content":"no","content":"hi"}')],
    ["content as parts", chunk('{"content":[{"type":"text","text":"h"},{"type":"text","text":"i"}]}')],
    ["unknown fields", chunk('{"content":"hi"}', ',"logprobs":{"a":[1,-2.5e+3,{"b":[[]]}]},"x":"\\"\\\\"')],
    ["white space", 'data: \t{ "choices" : [ { "delta" : { "content" : "hi" } } ] } \n\n'],
  ])("with %s says its text", (_, input) => {
    expect(both(input)).toEqual([text("hi")]);
  });

  test("text with every kind of escape and character comes out as JSON.parse gives it", () => {
    const value = 'q"\\/\b\f\n\r\t\u0000\u007fÀß€😀\u2028'.repeat(3);
    expect(both(chunk(`{"content":${JSON.stringify(value)}}`))).toEqual([text(value)]);
    const escaped = [...value].flatMap((c) => c.split("").map((u) => `\\u${u.charCodeAt(0).toString(16).padStart(4, "0")}`)).join("");
    expect(both(chunk(`{"content":"${escaped}"}`))).toEqual([text(value)]);
  });

  test("half a surrogate pair and invalid UTF-8 come out as JSON.parse after TextDecoder gives them", () => {
    expect(both(chunk('{"content":"a\\ud83d"}') + chunk('{"content":"\\ude00b"}'))).toEqual([text("a😀b")]);
    const raw = Buffer.concat([
      bytes(chunk('{"content":"a')).subarray(0, -5),
      Buffer.from([0xe2, 0x82, 0x22, 0x7d, 0x7d, 0x5d, 0x7d, 10, 10]),
    ]);
    expect(both(raw)).toEqual([text("a\ufffd")]);
  });

  test.each([
    ["a byte that only continues", [0x80]],
    ["a begin without its rest", [0xc3]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["overlong in three", [0xe0, 0x9f, 0xbf]],
    ["overlong in four", [0xf0, 0x8f, 0xbf, 0xbf]],
    ["half a surrogate pair", [0xed, 0xa0, 0x80]],
    ["beyond the last character", [0xf4, 0x90, 0x80, 0x80]],
    ["a byte that begins nothing", [0xff]],
    ["three of four bytes", [0xf0, 0x9f, 0x98]],
    [
      "the first and last of each length",
      [0xc2, 0x80, 0xdf, 0xbf, 0xe0, 0xa0, 0x80, 0xef, 0xbf, 0xbf, 0xf0, 0x90, 0x80, 0x80, 0xf4, 0x8f, 0xbf, 0xbf],
    ],
  ])("bytes that are %s come out as TextDecoder gives them, wanted or not", (_, sequence) => {
    const [front, middle, back] = chunk('{"content":"a|b"}', ',"other":"c|d"').split("|") as [string, string, string];
    for (const filler of ["", "0123456789abcde"]) {
      const odd = Buffer.concat([bytes(filler), Buffer.from(sequence)]);
      const event = Buffer.concat([bytes(front), odd, bytes(middle), odd, bytes(back)]);
      expect(both(Buffer.concat([bytes(chunk('{"content":"x"}', ',"other":"y"')), event]))).toEqual([
        text(`xa${new TextDecoder().decode(odd)}b`),
      ]);
    }
  });

  test("null, empty text and wrong types say nothing", () => {
    const values = ["null", '""', "5", "true", "{}", "[]"];
    for (const v of values) expect(both(chunk(`{"content":${v}}`))).toEqual([]);
    for (const v of values) expect(both(`data: {"choices":${v},"x":1}\n\n`)).toEqual([]);
    for (const v of values) expect(both(`data: {"choices":[{"delta":${v}}]}\n\n`)).toEqual([]);
  });

  test("both names of reasoning say it once", () => {
    expect(both(chunk('{"reasoning":"r","reasoning_content":"r"}'))).toEqual([["text", field.reasoning, 0, "r"]]);
  });

  test("calls carry their index, also when it comes last, is missing or is no number", () => {
    const call = (index: string) => chunk(`{"tool_calls":[{"id":"a","function":{"arguments":"{}","name":"f"}${index}}]}`);
    const said = (context: number) => [
      ["text", field.toolId, context, "a"],
      ["text", field.toolName, context, "f"],
      ["text", field.toolArguments, context, "{}"],
    ];
    expect(both(call(',"index":12'))).toEqual(said(12));
    for (const index of ["", ',"index":null', ',"index":-1', ',"index":1.5', ',"index":70000']) expect(both(call(index))).toEqual(said(-1));
  });

  test("what is not JSON is told as such, [DONE] as the end, an event named error as an error", () => {
    expect(both('data: {"choices":[}\n\n')).toEqual([["bad", '{"choices":[}']]);
    expect(both("data: [DONE]\n\n")).toEqual([["done"]]);
    expect(both('event: error\ndata: {"message":"m"}\n\n')).toEqual([["value", field.error, 0, { message: "m" }]]);
    expect(both('data: {"error":{"message":"m"}}\n\n')).toEqual([["value", field.error, 0, { message: "m" }]]);
    expect(both(": only a comment\n\ndata:\n\n\n\n")).toEqual([]);
    expect(both('data: {"choices":[{"delta":{"content":"cut')).toEqual([]);
  });
});

describe("a stream", () => {
  test("of one shape is taken by a learned template, and says the same", () => {
    const input = bytes(Array.from({ length: 500 }, (_, i) => chunk(`{"content":"word ${i} é"}`, `,"n":${i}`)).join(""));
    const fresh = wasm();
    expect(read(fresh, cut(input, 700))).toEqual(read(plain, [input]));
    expect(fresh.hits).toBeGreaterThan(480);
  });

  test("a template takes no broken event of its shape", () => {
    const good = Array.from({ length: 4 }, (_, i) => chunk(`{"content":"w${i}"}`, `,"n":${i}`)).join("");
    for (const broken of ['{"content":"w\t9"}', '{"content":"\\x"}', '{"content":"w9"', '{"content":"w9"}}'])
      both(good + chunk(broken, ',"n":9') + good);
    for (const n of ["01", "-", "1.", "1e", "nul", '"', "1,"]) both(good + chunk('{"content":"w"}', `,"n":${n}`) + good);
  });

  test.each([
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ])("of learned shapes with %s is the same wherever it is cut, also where the shape or the line end changes", (_, eol) => {
    const event = (i: number, rest = "") => chunk(`{"content":"w${i}é"}`, `,"n":${i}${rest}`).replaceAll("\n", eol);
    const all = bytes(event(1) + event(22) + event(3, ',"more":"x"') + event(4) + chunk('{"content":"lf"}', ',"n":5') + event(6));
    const want = read(plain, [all]);
    expect(want).toEqual([["text", field.content, 0, "w1éw22éw3éw4élfw6é"]]);
    const learned = wasm();
    read(learned, [bytes([7, 8, 9].map((i) => event(i)).join(""))]);
    for (let i = 0; i <= all.length; i++)
      for (const by of [wasm(), learned]) expect(read(by, [all.subarray(0, i), all.subarray(i)]), `cut at ${i}`).toEqual(want);
    for (const max of [1, 2, 3, 64]) expect(read(learned, cut(all, max))).toEqual(want);
  });

  test("of learned shapes takes long events in small pieces", () => {
    const long = "word é ".repeat(3_000);
    const all = bytes([long, "a", long, "b", long].map((words, i) => chunk(`{"content":"${words}"}`, `,"n":${i}`)).join(""));
    for (const max of [1, 300, 5_000]) expect(read(wasm(), cut(all, max))).toEqual([["text", field.content, 0, `${long}a${long}b${long}`]]);
  });

  test("an event larger than the kernel's memory is told whole, and the next ones too", () => {
    const long = "lorem ".repeat(60_000);
    const input = bytes(`${chunk('{"content":"a"}') + chunk(`{"content":"${long}"}`) + chunk('{"content":"b"}')}data: [DONE]\n\n`);
    for (const max of [1 << 30, 65_536, 1_000])
      expect(read(kernel, cut(input, max))).toEqual([["text", field.content, 0, `a${long}b`], ["done"]]);
  });

  test("more records than fit, in one event or in many, lose nothing", () => {
    const call = (i: number) => `{"index":${i},"function":{"arguments":"x"}}`;
    const many = Array.from({ length: 6_000 }, (_, i) => call(i)).join(",");
    const one = bytes(chunk(`{"tool_calls":[${many}]}`));
    expect(read(kernel, [one])).toEqual(read(plain, [one]));
    const small = bytes(Array.from({ length: 6_000 }, (_, i) => `data:{"choices":[{"delta":{"tool_calls":[${call(i)}]}}]}\n\n`).join(""));
    expect(read(kernel, [small])).toEqual(read(plain, [small]));
  });

  test("streams that take turns in one kernel do not disturb one another", () => {
    const inputs = ["a", "é", "😀"].map((c) => bytes(Array.from({ length: 40 }, (_, i) => chunk(`{"content":"${c}${i}"}`)).join("")));
    const open = inputs.map((input, i) => ({ sink: listen(), parser: kernel.open(), pieces: cut(input, 50, i + 1) }));
    for (let left = open.length; left > 0; ) {
      left = 0;
      for (const { pieces, parser, sink } of open) {
        const next = pieces.next();
        if (next.done) continue;
        left++;
        parser.feed(next.value, sink);
      }
    }
    for (const [i, { sink }] of open.entries()) expect(sink.said).toEqual(read(plain, [inputs[i]!]));
  });

  test("generated: both versions say the same, however it is cut", () => {
    const string = fc.oneof(fc.string({ unit: "binary", maxLength: 12 }), fc.constantFrom("", "\ud83d", '"\\', "\r\n", "data: x"));
    const spell = (s: string, how: number) =>
      how % 3 === 0
        ? JSON.stringify(s)
        : how % 3 === 1
          ? `"${[...s.matchAll(/[\s\S]/g)].map(([c]) => `\\u${c!.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
          : JSON.stringify(s).replaceAll("/", "\\/");
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.tuple(string, fc.nat(5)).map(([s, how]) => spell(s, how)) },
      fc.constantFrom("null", "1", "-0", "true", "[]", "{}", '["a",{"text":"b"}]', '{"text":1e400}'),
    );
    const object = (keys: string[], values: fc.Arbitrary<string>) =>
      fc
        .array(fc.tuple(fc.constantFrom(...keys), values), { maxLength: 5 })
        .map((all) => `{${all.map(([k, v]) => `${k}:${v}`).join(",")}}`);
    const index = fc.constantFrom("0", "1", "12", "00", "1.0", "-1", "null", "65535");
    const call = fc.oneof(
      value,
      object(['"index"'], index),
      fc.tuple(index, value, value, value).map(([i, a, b, c]) => `{"index":${i},"id":${a},"function":{"name":${b},"arguments":${c}}}`),
      fc.tuple(index, value, value).map(([i, a, b]) => `{"function":{"arguments":${a},"name":${b}},"index":${i}}`),
    );
    const delta = object(['"content"', '"content"', '"reasoning"', '"reasoning_content"', '"role"', '"c\\u006fntent"', '"refusal"'], value);
    const choice = fc.oneof(
      delta.map((d) => `{"index":0,"delta":${d},"finish_reason":null}`),
      fc.array(call, { maxLength: 3 }).map((c) => `{"delta":{"tool_calls":[${c}],"content":"x"}}`),
      object(['"delta"', '"finish_reason"', '"usage"'], value),
    );
    const data = fc.oneof(
      { weight: 5, arbitrary: fc.array(choice, { maxLength: 2 }).map((c) => `{"id":"x","choices":[${c}]}`) },
      object(['"choices"', '"usage"', '"x_groq"', '"error"'], value),
      fc.constantFrom("[DONE]", "", " ", "{", "nonsense"),
      fc.json(),
    );
    const eol = fc.constantFrom("\n", "\r\n", "\r");
    const event = fc
      .tuple(
        data,
        eol,
        fc.constantFrom("data: ", "data:", "data", ": ", "event: error\ndata: ", "event: x\ndata:", "id: 1\r\ndata: "),
        fc.nat(20),
      )
      .map(
        ([d, n, name, how]) =>
          `${name}${how === 0 ? d.replaceAll(",", `${n}data: ,`) : d}${n}${how === 1 ? `id: 4${n}` : ""}${how === 2 ? "" : n}`,
      );
    const mutate = fc.option(fc.tuple(fc.nat(), fc.nat(255)), { freq: 3 });
    const fresh = wasm();
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), mutate, fc.nat(), fc.constantFrom(1, 3, 17, 200), (events, mutation, seed, max) => {
        const all = bytes(events.join(""));
        if (mutation !== null && all.length > 0) all[mutation[0] % all.length] = mutation[1];
        const want = read(plain, [all]);
        expect(read(fresh, [all])).toEqual(want);
        expect(read(fresh, cut(all, max, seed))).toEqual(want);
        expect(read(plain, cut(all, max, seed))).toEqual(want);
      }),
      { numRuns: 1_500 },
    );
    expect(fresh.hits).toBeGreaterThan(100);
  });

  test.skipIf(!haveStreams)("recorded: both versions say the same, however it is cut", () => {
    for (const { id, bytes: all } of streamFiles("openai-chat")) {
      const want = read(plain, [all]);
      expect(want.length, id).toBeGreaterThan(0);
      for (const max of [1, 7, 97, 4_096, 1 << 30]) expect(read(kernel, cut(all, max)), `${id} cut at ${max}`).toEqual(want);
      const crlf = Buffer.from(all.toString("latin1").replace(/\r?\n/g, "\r\n"), "latin1");
      for (const max of [1, 97]) expect(read(kernel, cut(crlf, max)), `${id} with CRLF`).toEqual(want);
    }
  });
});
