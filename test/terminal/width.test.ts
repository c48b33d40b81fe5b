import fc from "fast-check";
import reference from "string-width";
import { describe, expect, test } from "vitest";
import { checkPatch } from "../../src/protocol/index.ts";
import { graphemeBytesMax, graphemes, indexAtColumn, stringWidth, truncate } from "../../src/terminal/width.ts";

const shown = (text: string): string[] => [...graphemes(text)].map((one) => one.text);

/** Ideographs and Hangul syllables in their thousands, unassigned planes and private use are sampled, their ends are not. */
function step(code: number): number {
  const dull = [
    [0x3400, 0x4d00],
    [0x4e00, 0x9f00],
    [0xac00, 0xd700],
    [0xd800, 0xdf00],
    [0xe000, 0xf800],
    [0x17000, 0x18700],
    [0x20000, 0xdff00],
    [0xe1000, 0x10ff00],
  ];
  const range = dull.find(([from, to]) => code >= from! && code < to!);
  return range === undefined || (code & 0xffff) > 0xff00 ? 1 : range[1]! - range[0]! > 0x10000 ? 61 : 7;
}

test("every assigned code point that stands alone is as wide as string-width says", () => {
  const different: string[] = [];
  const exempt = /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/u;
  for (let code = 0x20; code < 0x110000; code += step(code)) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const char = String.fromCodePoint(code);
    if (!exempt.test(char) && stringWidth(char) !== reference(char)) different.push(`U+${code.toString(16)}`);
  }
  // Jamo vowels and finals alone, and half-width voice marks, have a cell here: nothing is shown without one.
  expect(different.filter((name) => !/^U\+(11[6-9a-f].|d7[b-f].|ff9[ef])$/.test(name))).toEqual([]);
});

test("every code point there is, alone, becomes something that the patch grammar lets through, or nothing", () => {
  const refused: string[] = [];
  for (let code = 0; code < 0x110000; code += step(code)) {
    const text = shown(String.fromCodePoint(code)).join("");
    if (text !== "" && !checkPatch(new TextEncoder().encode(text)).ok) refused.push(`U+${code.toString(16)}`);
  }
  expect(refused).toEqual([]);
});

test.each([
  ["ASCII", "plain text", 10],
  ["CJK", "漢字かな", 8],
  ["Hangul, composed and not", "한글\u1112\u1161\u11ab", 6],
  ["combining marks", "e\u0301a\u0308", 2],
  ["emoji", "✅🚀", 4],
  ["emoji style", "❤️", 2],
  ["text style", "❤\ufe0e", 1],
  ["skin tone", "👍🏽", 2],
  ["family", "👨‍👩‍👧‍👦", 2],
  ["flag", "🇩🇪🇫🇷", 4],
  ["flag of a region: the tags are dropped", "🏴\u{e0067}\u{e0062}\u{e007f}", 2],
  ["keycap", "1️⃣", 2],
  ["Devanagari", "नि", 2],
  ["box drawing", "┌─┐", 3],
  ["private use", "\ue0b0", 1],
])("%s", (_, text, width) => {
  expect(stringWidth(text)).toBe(width);
});

describe("what is not shown as it stands", () => {
  test.each([
    ["escape sequences", "\x1b[31m", ["␛", "[", "3", "1", "m"]],
    ["a tab is a space", "a\tb", ["a", " ", "b"]],
    ["line ends", "a\r\nb\n", ["a", "␍", "b", "␊"]],
    ["delete", "\x7f", ["␡"]],
    ["C1", "\u009b", ["\ufffd"]],
    ["bidi overrides", "a\u202eb\u2066", ["a", "\ufffd", "b", "\ufffd"]],
    ["zero-width spaces, marks of direction, byte order marks", "a\u200b\u200e\ufeff\u2060\u00adb", ["a", "b"]],
    ["tags after a letter", "a\u{e0041}\u{e0042}", ["a"]],
    ["tags alone", "\u{e0041}\u{e0042}", ["\ufffd"]],
    ["a mark without a base", "\u0301", ["\u25cc\u0301"]],
    ["a lone surrogate", "\ud800x\udc00", ["\ufffd", "x", "\ufffd"]],
    ["joiners alone", "\u200d\u200d", []],
  ])("%s", (_, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });

  test("a pile of marks is cut, and the rest of it does not show alone", () => {
    const [one, ...more] = shown(`a${"\u0301".repeat(500)}b`);
    expect(one!.startsWith("a\u0301")).toBe(true);
    expect(new TextEncoder().encode(one).length).toBeLessThanOrEqual(graphemeBytesMax);
    expect(more).toEqual(["b"]);
  });
});

const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        "a",
        "\u0301",
        "\u200d",
        "👍",
        "🏽",
        "👩",
        "🇩",
        "🇪",
        "\ufe0f",
        "क",
        "्",
        "ि",
        "\u1100",
        "\u1161",
        "\u11a8",
        "\u{e0041}",
        "\x1b",
        "漢",
        "\ud83d",
        "\u200b",
      ),
      { maxLength: 20 },
    )
    .map((list) => list.join("")),
);

test("whatever the text, each grapheme is in the patch grammar, fits a cell, and widths add up", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      let width = 0;
      for (const one of graphemes(text)) {
        const bytes = new TextEncoder().encode(one.text);
        expect(checkPatch(bytes)).toEqual({ ok: true });
        expect(bytes.length).toBeLessThanOrEqual(graphemeBytesMax + 3);
        expect([1, 2]).toContain(one.width);
        width += one.width;
      }
      expect(stringWidth(text)).toBe(width);
    }),
    { numRuns: 3_000 },
  );
});

test("clusters are those of the runtime", () => {
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  // Without what is dropped or replaced, so that both can be compared text by text.
  const units = fc.constantFrom(
    "a",
    "é",
    "漢",
    "👍",
    "👍🏽",
    "👩‍🚀",
    "🇩🇪",
    "❤️",
    "क्षि",
    "ที่",
    "\u1100\u1161",
    "한\u11a8",
    "e\u0301\u0302",
    " ",
    "ك",
    "1️⃣",
    "ᄀ",
    "𝒳",
  );
  fc.assert(
    fc.property(fc.array(units, { maxLength: 12 }), (list) => {
      const text = list.join("");
      expect(shown(text)).toEqual([...segmenter.segment(text)].map(({ segment }) => segment));
    }),
    { numRuns: 2_000 },
  );
});

describe("truncate", () => {
  test.each([
    ["short", 10, "short"],
    ["exactly ten", 11, "exactly ten"],
    ["too long a text", 8, "too lon…"],
    ["漢字かな", 7, "漢字か…"],
    ["漢字かな", 6, "漢字…"],
    ["👨‍👩‍👧‍👦👨‍👩‍👧‍👦", 3, "👨‍👩‍👧‍👦…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%s to %i", (text, cols, expected) => {
    expect(truncate(text, cols)).toBe(expected);
  });
  test("never wider than asked", () => {
    fc.assert(
      fc.property(anyText, fc.nat(12), (text, cols) => {
        expect(stringWidth(truncate(text, cols))).toBeLessThanOrEqual(cols);
      }),
    );
  });
});

test("the index of a column is that of the grapheme that covers it", () => {
  const text = "a漢👨‍👩‍👧‍👦b";
  expect([0, 1, 2, 3, 4, 5, 6, 99].map((col) => indexAtColumn(text, col))).toEqual([0, 1, 1, 2, 2, 13, 14, 14]);
});
