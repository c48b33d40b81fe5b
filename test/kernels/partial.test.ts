import fs from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { parse } from "partial-json";
import { describe, expect, test } from "vitest";
import * as abi from "../../assembly/abi/partial.ts";
import { DEPTH_MAX, IN_BYTES, SLOTS_MAX } from "../../assembly/abi/partial.ts";
import { cutText, given, kernel, readers, refusedAt, v8RefusesAt } from "./partial-support.ts";

const suite = "../shared/data/json/test_parsing";

const tree = fc.jsonValue({ maxDepth: 5, stringUnit: "grapheme" });
/** Without the key that partial-json takes for a prototype; ours has a test of its own. */
const small = fc
  .oneof(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" })), fc.array(fc.jsonValue({ maxDepth: 2 })))
  .filter((value) => !JSON.stringify(value).includes("__proto__"));
/** The same value written in another way: spaces, escapes. */
const written = fc.tuple(tree, fc.constantFrom(0, 1, 2), fc.boolean()).map(([value, spaces, escaped]) => {
  const text = JSON.stringify(value, undefined, spaces);
  return escaped ? text.replace(/[^\x20-\x7e\n]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`) : text;
});

describe.each(readers)("JSON that is still arriving: $name", (reader) => {
  test("whatever the cuts, the whole text gives what JSON.parse gives", () => {
    fc.assert(
      fc.property(written, fc.integer({ min: 1, max: 40 }), fc.nat(), (text, max, seed) => {
        const parser = reader.open();
        for (const piece of cutText(given(reader, text), max, seed)) parser.push(piece);
        expect(parser.state).toBe("whole");
        expect(parser.value()).toStrictEqual(JSON.parse(text));
        parser.close();
      }),
      { numRuns: 400 },
    );
  });

  test("read after each piece, it gives what partial-json gives for the text so far", () => {
    fc.assert(
      fc.property(small, fc.constantFrom(0, 1), (value, spaces) => {
        const text = JSON.stringify(value, undefined, spaces);
        const parser = reader.open();
        // A piece a character: pairs of surrogates stay together, for partial-json cannot take them apart either.
        let sofar = "";
        for (const piece of text) {
          parser.push(given(reader, piece));
          sofar += piece;
          const value = parser.value();
          // partial-json trims what it is given, within an open string too: there it has no say.
          if (sofar.trimEnd() === sofar) expect(value).toStrictEqual(expected(sofar));
        }
        parser.close();
      }),
      { numRuns: 40 },
    );
  });

  test("a number is told as far as it is one", () => {
    const seen: unknown[] = [];
    const parser = reader.open();
    for (const piece of "[-1.5e+3,0.5]") {
      parser.push(piece);
      seen.push((parser.value() as unknown[]).join(" "));
    }
    expect(seen).toEqual(["", "", "-1", "-1", "-1.5", "-1.5", "-1.5", "-1500", "-1500", "-1500 0", "-1500 0", "-1500 0.5", "-1500 0.5"]);
    parser.close();
  });

  test("what is no JSON is refused at the character where V8 refuses it, whatever the cuts", () => {
    const mutated = fc.tuple(
      fc.json({ stringUnit: "grapheme" }),
      fc.nat(),
      fc.constantFrom(...'{}[]",:\\0e-.tn \u0001\nué+'),
      fc.boolean(),
    );
    fc.assert(
      fc.property(mutated, fc.integer({ min: 1, max: 9 }), fc.nat(), ([text, at, char, insert], max, seed) => {
        const i = at % (text.length + 1);
        const wrong = (text.slice(0, i) + char + text.slice(insert ? i : i + 1)).toWellFormed();
        const parser = reader.open();
        for (const piece of cutText(given(reader, wrong), max, seed)) parser.push(piece);
        expect([wrong, refusedAt(reader, parser.badAt, wrong)]).toEqual([wrong, v8RefusesAt(wrong)]);
        expect(parser.state === "bad").toBe(parser.badAt !== undefined);
        expect(parser.state === "whole").toBe(isJsonText(wrong));
        parser.close();
      }),
      { numRuns: 1_000 },
    );
  });

  test.skipIf(!fs.existsSync(suite))("every file of JSONTestSuite that is UTF-8 gets the verdict of JSON.parse, at its place", () => {
    const wrong: unknown[] = [];
    let read = 0;
    for (const file of fs.readdirSync(suite)) {
      const text = fs.readFileSync(path.join(suite, file)).toString("utf8");
      const parser = reader.open();
      for (const piece of cutText(given(reader, text), 7, 1)) parser.push(piece);
      read++;
      const place = refusedAt(reader, parser.badAt, text);
      if ((parser.state === "whole") !== isJsonText(text) || place !== v8RefusesAt(text))
        wrong.push([file, parser.state, place, v8RefusesAt(text)]);
      parser.close();
    }
    expect(read).toBeGreaterThan(200);
    expect(wrong).toEqual([]);
  });

  test("after a refusal the value stays as it was", () => {
    const parser = reader.open();
    parser.push('{"a": "x", "b" 1}');
    parser.push(', "c": 2}');
    expect(parser.state).toBe("bad");
    expect(parser.badAt).toBe(15);
    expect(parser.value()).toEqual({ a: "x" });
    parser.close();
  });

  test("a key that names a prototype is a key like others, and a key that comes twice has its last value", () => {
    const text = '{"__proto__":{"x":1},"a":1,"constructor":[],"a":"z"}';
    const parser = reader.open();
    for (const piece of text) parser.push(piece);
    expect(Object.entries(parser.value() as object)).toEqual(Object.entries(JSON.parse(text)));
    expect(Object.getPrototypeOf(parser.value())).toBe(Object.prototype);
    parser.close();
  });

  test("a listener hears the strings that it wants, each piece once, and where they are", () => {
    const heard: unknown[] = [];
    const parser = reader.open({
      begins(at) {
        heard.push([...at]);
        return at.at(-1) !== "skip";
      },
      text: (fresh) => heard.push(fresh),
      ends: () => heard.push("end"),
    });
    parser.push('{"n": 1, "path": "a');
    parser.value();
    parser.push("b\\n");
    parser.value();
    parser.push('", "skip": "xyz", "edits": [{"old": ""}, {"old": "c"}]}');
    parser.value();
    const joined: unknown[] = [];
    for (const each of heard) {
      const last = joined.at(-1);
      if (typeof each === "string" && each !== "end" && typeof last === "string" && last !== "end") joined[joined.length - 1] = last + each;
      else joined.push(each);
    }
    expect(joined).toEqual([["path"], "ab\n", "end", ["skip"], ["edits", 0, "old"], "end", ["edits", 1, "old"], "c", "end"]);
    parser.close();
  });

  test("text larger than a kernel's memory, in one piece or many", () => {
    const value = {
      head: "é".repeat(20_000),
      content: `line "one"\n日本語 🎉\t`.repeat(20_000),
      list: Array.from({ length: 30_000 }, (_, i) => i),
    };
    const text = JSON.stringify(value);
    for (const max of [text.length * 3, IN_BYTES + 3, 9_999]) {
      const parser = reader.open();
      for (const piece of cutText(given(reader, text), max, 3)) parser.push(piece);
      expect(parser.state).toBe("whole");
      expect(parser.value()).toStrictEqual(value);
      parser.close();
    }
  });

  test("nesting deeper than the kernel's is read all the same", () => {
    const deep = DEPTH_MAX + 1_000;
    const parser = reader.open();
    parser.push(given(reader, "[".repeat(deep - 3)));
    parser.push(given(reader, '[[["é'));
    parser.push(given(reader, `"${"]".repeat(deep - 1)}`));
    expect(parser.state).toBe("open");
    parser.push("]");
    expect(parser.state).toBe("whole");
    let at = parser.value() as unknown[];
    for (let i = 1; i < deep; i++) at = at[0] as unknown[];
    expect(at).toEqual(["é"]);
    parser.push("]");
    expect([parser.state, parser.badAt]).toEqual(["bad", Buffer.byteLength(reader.name.startsWith("plain") ? "e" : "é") + 2 * deep + 2]);
    parser.close();
  });
});

test("the regions of the kernel's memory follow one another, with room for the worst piece", () => {
  expect(abi.SLOTS + SLOTS_MAX * abi.SLOT_BYTES).toBeLessThanOrEqual(abi.IN);
  expect(abi.SLOT_HEAD + DEPTH_MAX / 8).toBeLessThanOrEqual(abi.SLOT_BYTES);
  // SIMD writes and reads 16 bytes at once.
  expect(abi.IN + IN_BYTES + 16).toBeLessThanOrEqual(abi.TEXT);
  expect(IN_BYTES).toBeLessThanOrEqual(abi.TEXT_BYTES);
  expect(abi.TEXT + abi.TEXT_BYTES + 16).toBeLessThanOrEqual(abi.TAPE);
  expect(IN_BYTES * abi.RECORDS_A_BYTE).toBeLessThanOrEqual(abi.TAPE_MAX);
  expect(abi.TAPE + abi.TAPE_MAX * 4).toBeLessThanOrEqual(abi.MEMORY_PAGES * 65_536);
});

test("input that makes the most records, read only at its end", () => {
  const shared = kernel();
  for (const unit of ["[0]", "1,", '"",', "[],", '"\\ud800",', "-0.1e-1,", "true,"]) {
    const text = `[${unit === "[0]" ? "[0],".repeat(9_999) : unit.repeat(9_999)}0]`;
    for (const size of [1, 500, IN_BYTES]) {
      const parser = shared.open();
      for (let at = 0; at < text.length; at += size) parser.push(Buffer.from(text.slice(at, at + size)));
      expect(parser.value()).toStrictEqual(JSON.parse(text));
      parser.close();
    }
  }
});

describe("slots of the partial kernel", () => {
  test("calls that stream in turns do not mix, nor do more calls than there are slots", () => {
    const shared = kernel();
    const texts = Array.from({ length: SLOTS_MAX + 9 }, (_, i) =>
      JSON.stringify({ file_path: `f${i}.ts`, content: `number ${i}: é🎉\n`.repeat(i) }),
    );
    const parsers = texts.map(() => shared.open());
    for (let at = 0; at < Math.max(...texts.map((text) => text.length)); at += 5)
      for (const [i, parser] of parsers.entries()) {
        const piece = Buffer.from(texts[i]!.slice(at, at + 5));
        if (piece.length > 0) parser.push(piece);
        if (at % 3 === 0) parser.value();
      }
    const want = texts.map((text) => JSON.parse(text.toWellFormed()));
    // A piece here may end within a pair of surrogates, which no UTF-8 has: only what is whole is compared.
    const clean = (value: unknown): string => JSON.stringify(value).replace(/\ufffd\ufffd?|🎉/g, "*");
    expect(parsers.map((parser) => clean(parser.value()))).toEqual(want.map(clean));
    expect(parsers.every((parser) => parser.state === "whole")).toBe(true);
  });

  test("without a free slot bytes are read all the same, and refused at the same place", () => {
    const shared = kernel();
    const parsers = Array.from({ length: SLOTS_MAX + 1 }, () => shared.open());
    for (const byte of Buffer.from('{"é🎉": ["ü", é')) for (const parser of parsers) parser.push(Buffer.of(byte));
    for (const parser of parsers) {
      expect(parser.value()).toEqual({ "é🎉": ["ü"] });
      expect([parser.state, parser.badAt]).toEqual(["bad", 18]);
    }
  });

  test("a slot that was given back begins anew, and its last parser keeps what it had", () => {
    const shared = kernel();
    for (let round = 0; round < SLOTS_MAX * 3; round++) {
      const parser = shared.open();
      parser.push(Buffer.from(`{"round":${round},"open":"te`));
      parser.close();
      parser.push(Buffer.from("xt"));
      expect(parser.value()).toEqual({ round, open: "te" });
      expect(parser.state).toBe("open");
    }
  });
});

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What partial-json says, but for the one thing where it goes back: at "1." it takes the number away again, ours keeps it. */
function expected(text: string): unknown {
  const isInString = text.replace(/"(?:[^"\\]|\\.)*"/g, "").includes('"');
  return parse(isInString ? text : text.replace(/(?<=\d)(?:\.|[eE][-+]?)$/, ""));
}
