import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IN, IN_BYTES, IN_SLACK, MEMORY_PAGES, OUT, OUT_PER_IN, OUT_SLACK, TABLE } from "../../assembly/abi/escape.ts";
import { WasmJsonStrings } from "../../src/kernels/escape.ts";
import type { JsonStrings } from "../../src/kernels/json-string.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { plainJsonStrings } from "../../src/kernels/reference/escape.ts";

const kernel = new WasmJsonStrings(loadKernel("dist/kernels", "escape"));

function written(write: (take: (bytes: Uint8Array) => void) => void): Buffer {
  const pieces: Buffer[] = [];
  write((bytes) => pieces.push(Buffer.from(bytes)));
  return Buffer.concat(pieces);
}
const fromText = (strings: JsonStrings, text: string): string => written((take) => strings.text(text, take)).toString();
const fromBytes = (strings: JsonStrings, utf8: Uint8Array): string => written((take) => strings.bytes(utf8, take)).toString();

/** Everything where escapers go wrong, dense enough that blocks of 16 have several of them. */
const odd = fc.constantFrom(
  ...'"\\/\b\f\n\r\t\u0000\u0001\u001f \u007f\u0080\u00ff\u07ff\u0800\ud7ff\ue000\uffff\u2028\u2029\ufeff',
  "\ud800",
  "\udbff",
  "\udc00",
  "\udfff",
  "🙂",
  "\u{10ffff}",
  "plain words",
  "你好",
  "é",
);
const anyText = fc.oneof(
  fc.array(odd, { maxLength: 80 }).map((pieces) => pieces.join("")),
  fc.array(fc.nat(0xffff), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "binary", maxLength: 200 }),
);

describe.each([
  ["kernel", kernel],
  ["plain", plainJsonStrings],
])("JSON strings by the %s", (_, strings) => {
  test("any text is what JSON.stringify makes of it, and so are its bytes", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(fromText(strings, text)).toBe(JSON.stringify(text));
        // As bytes the halves of pairs are gone already.
        const utf8 = Buffer.from(text);
        expect(fromBytes(strings, utf8)).toBe(JSON.stringify(utf8.toString()));
      }),
      { numRuns: 2_000 },
    );
  });

  test("each unit of UTF-16 alone, at each place of a block of sixteen", () => {
    for (let unit = 0; unit < 0x10000; unit++) {
      const text = "a".repeat(unit % 17) + String.fromCharCode(unit) + "b".repeat(unit % 19);
      if (fromText(strings, text) !== JSON.stringify(text)) expect(fromText(strings, text)).toBe(JSON.stringify(text));
    }
  });

  test("bytes that are no UTF-8 become what decoding makes of them", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(fromBytes(strings, bytes)).toBe(JSON.stringify(Buffer.from(bytes).toString()));
      }),
    );
  });
});

describe("the escape kernel", () => {
  test("texts around the size of its memory, with a pair or half of one at the cut, are whole", () => {
    for (const size of [IN_BYTES / 2, IN_BYTES, 3 * (IN_BYTES / 2)])
      for (const at of ["🙂", "\ud83d", "\ude42", "\n", "é", "\u0001"])
        for (let shift = -3; shift <= 3; shift++) {
          const text = "x".repeat(size + shift) + at.repeat(3);
          if (fromText(kernel, text) !== JSON.stringify(text)) throw new Error(`${JSON.stringify(at)} at ${size + shift}`);
          const utf8 = Buffer.from(text);
          if (fromBytes(kernel, utf8) !== JSON.stringify(utf8.toString()))
            throw new Error(`bytes: ${JSON.stringify(at)} at ${size + shift}`);
        }
  });

  test("the worst text, where each unit becomes six bytes, fits", () => {
    for (const unit of ["\u0000", "\ud800"]) {
      const text = unit.repeat(IN_BYTES + 1);
      expect(fromText(kernel, text) === JSON.stringify(text)).toBe(true);
    }
    const utf8 = new Uint8Array(2 * IN_BYTES);
    expect(fromBytes(kernel, utf8) === JSON.stringify("\u0000".repeat(utf8.length))).toBe(true);
  });

  test("runs of what becomes three bytes, of any length, with anything before and behind them", () => {
    for (let run = 0; run <= 40; run++)
      for (let before = 0; before <= 17; before++)
        for (const end of ["", "a", "\n\n", "é", "\ud83d", "\udc00", "🙂", "\u07ff", "\u0800x"]) {
          const text = "b".repeat(before) + "你好\uffff\u0800\ud7ff\ue000".repeat(7).slice(0, run) + end;
          if (fromText(kernel, text) !== JSON.stringify(text)) expect(fromText(kernel, text)).toBe(JSON.stringify(text));
        }
  });

  test("what an earlier, longer text left in memory is not seen", () => {
    fromText(kernel, '"\u0001🙂'.repeat(5_000));
    for (let n = 0; n <= 40; n++) expect(fromText(kernel, "a".repeat(n))).toBe(JSON.stringify("a".repeat(n)));
  });

  test("regions of its memory follow one another", () => {
    expect(TABLE + 0x80 * 8).toBe(IN);
    expect(IN + IN_BYTES + IN_SLACK).toBe(OUT);
    expect(OUT + IN_BYTES * OUT_PER_IN + OUT_SLACK).toBeLessThanOrEqual(MEMORY_PAGES * 65_536);
  });
});
