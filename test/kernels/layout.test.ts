// Line breaking in the layout kernel, against the plain version, string-width and a terminal.
import fs from "node:fs";
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { IN, IN_BYTES, LINE_BYTES, LINES, PAGES, WIDTH_MAX, ZERO_BYTES } from "../../assembly/abi/layout.ts";
import { WasmLayout } from "../../src/kernels/layout.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { plainLayout } from "../../src/kernels/reference/layout.ts";
import type { LineEnd, TextLayout } from "../../src/kernels/text-layout.ts";
import { graphemes } from "../../src/terminal/width.ts";
import { clean, expandTabs } from "../../src/ui/layout/measure.ts";
import { openTerminal } from "../support/terminal-oracle.ts";

const kernel = new WasmLayout(loadKernel("dist/kernels", "layout"));
const plain = plainLayout();
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

type Line = { text: string; columns: number; ended: LineEnd };

function wrapped(layout: TextLayout, texts: string[], width: number): Line[] {
  const all = texts.join("");
  return Array.from({ length: layout.wrap(texts, width) }, (_, i) => ({
    text: all.slice(layout.start(i), layout.end(i)),
    columns: layout.columns(i),
    ended: layout.ended(i),
  }));
}
const ends: LineEnd[] = ["hard", "blank", "cut"];
function wrappedBytes(bytes: Uint8Array, width: number): Line[] {
  const words = kernel.wrapBytes(bytes, width)!;
  return Array.from({ length: words.length / 3 }, (_, i) => ({
    text: decoder.decode(bytes.subarray(words[3 * i], words[3 * i + 1])),
    columns: words[3 * i + 2]! >>> 2,
    ended: ends[words[3 * i + 2]! & 3]!,
  }));
}

describe.each([
  ["kernel", kernel],
  ["plain", plain],
] as const)("%s", (_, layout) => {
  test.each<[string, string[], number, string[]]>([
    ["breaks at blanks, which are dropped", ["the quick  brown fox"], 10, ["the quick", "brown fox"]],
    ["a word that ends with the line", ["0123456789 ab"], 10, ["0123456789", "ab"]],
    ["blanks before a line feed are dropped, blanks at its beginning kept", ["a  \n  b \n\n"], 10, ["a", "  b", "", ""]],
    ["no text is one line", [""], 10, [""]],
    ["blanks alone are one empty line", ["   "], 10, [""]],
    ["a word that is too long is cut, and begins on a line of its own", ["ab 0123456789x y"], 8, ["ab", "01234567", "89x y"]],
    ["a word of two runs is one word", ["one tw", "o three"], 7, ["one two", "three"]],
    ["ideographs break anywhere", ["漢字かな交じり"], 5, ["漢字", "かな", "交じ", "り"]],
    ["a letter stays with its word beside ideographs", ["漢字abc漢"], 6, ["漢字", "abc漢"]],
    ["what is wider than the line has one of its own", ["a漢b"], 1, ["a", "漢", "b"]],
    ["a family is not cut", ["ab👨‍👩‍👧‍👦cd"], 3, ["ab", "👨‍👩‍👧‍👦", "cd"]],
    ["a mark stays with its letter over blanks", ["aaa e\u0301e\u0301"], 3, ["aaa", "e\u0301e\u0301"]],
    ["indentation that is wider than the line takes one line", [`${" ".repeat(9)}ab`], 4, ["    ", "ab"]],
    ["a blank with a mark is no blank", ["aaa \u0301b"], 4, ["aaa \u0301", "b"]],
  ])("%s", (_name, texts, width, expected) => {
    expect(wrapped(layout, texts, width).map((line) => line.text)).toEqual(expected);
  });

  test("says how each line ended", () => {
    expect(wrapped(layout, ["ab cd 漢字漢\nabcdef"], 5).map((line) => line.ended)).toEqual(["blank", "cut", "hard", "cut", "hard"]);
  });
});

const units = [
  "a",
  "word ",
  "two words",
  " ",
  "   ",
  "\n",
  "averyverylongword",
  "é",
  "e\u0301",
  "\u0301",
  "漢",
  "漢字かな",
  "，",
  "👍🏽",
  "👩‍🚀",
  "🇩",
  "❤️",
  "1️⃣",
  "क्षि",
  "\u1100",
  "\u1161",
  "\u200b",
  "\u200d",
  "\u0600",
  "𝒳",
  "\u0301".repeat(40),
  "\u200e",
  "\x1b",
  "a".repeat(30),
];
const pieces = fc.array(fc.constantFrom(...units), { maxLength: 16 }).map((list) => list.join(""));
const anyText = fc.oneof(pieces, fc.string({ unit: "grapheme", maxLength: 40 }), fc.string({ unit: "binary", maxLength: 40 }));
const cleaned = (text: string): string => text.split("\n").map(clean).join("\n");
const anyWidth = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 60 }));

test("kernel and plain version break alike, whatever the runs and the width", () => {
  fc.assert(
    fc.property(fc.array(anyText.map(cleaned), { maxLength: 4 }), anyWidth, (texts, width) => {
      expect(wrapped(kernel, texts, width)).toEqual(wrapped(plain, texts, width));
    }),
    { numRuns: 8_000 },
  );
});

/** Where a byte would have to be half of something: a prefix, or a mark, at a tab that becomes several blanks. */
const halved = /\p{M}|\p{Emoji_Modifier}|\u200c|\u200d|[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u{110bd}-\u{11fff}]/u;

test("raw bytes are laid out as the cleaned text with its tabs expanded: controls as pictures, tab stops of four columns", () => {
  const text = fc
    .array(fc.oneof(anyText, fc.constantFrom("\t", "a\t", "漢\t", "\r\n", "\x07", "\u202e", "\ufeff")), { maxLength: 8 })
    .map((list) => list.join(""));
  fc.assert(
    fc.property(text, anyWidth, (raw, width) => {
      fc.pre(!(raw.includes("\t") && halved.test(raw)));
      const theirs = wrapped(
        plain,
        [
          raw
            .split("\n")
            .map((line) => clean(expandTabs(line)))
            .join("\n"),
        ],
        width,
      );
      const ours = wrappedBytes(encoder.encode(raw), width);
      expect(ours.map(({ columns, ended }) => ({ columns, ended }))).toEqual(theirs.map(({ columns, ended }) => ({ columns, ended })));
      if (!raw.includes("\t")) expect(ours.map((line) => clean(line.text))).toEqual(theirs.map((line) => line.text));
    }),
    { numRuns: 4_000 },
  );
});

test("nothing but blanks at breaks is lost, and no line is wider than asked, but for a cluster that is", () => {
  fc.assert(
    fc.property(anyText.map(cleaned), fc.integer({ min: 1, max: 40 }), (text, width) => {
      const lines = wrapped(kernel, [text], width);
      expect(lines.map((line) => line.text.replaceAll(" ", "")).join("")).toBe(text.replace(/[ \n]/g, ""));
      for (const line of lines) expect(line.columns).toBeLessThanOrEqual(Math.max(2, width));
    }),
    { numRuns: 3_000 },
  );
});

const real = ["README.md", "CONTRIBUTING.md", "src/ui/layout/wrap.ts", "src/kernels/diff.ts"].map((file) => fs.readFileSync(file, "utf8"));
const foreign = [
  "渲染器保存两个单元格网格，只发送它们之间的差异，因此回答流式传输时终端几乎不需要重绘。",
  "日本語の文章は単語の間に空白がないので、どの文字の前でも後でも改行できます。カタカナとひらがなも。",
  "한국어 문장은 낱말 사이를 띄어 쓰므로 빈칸에서 줄을 바꾼다.",
  "✅ 🚀 👩‍🚀 👨‍👩‍👧‍👦 🇩🇪🇫🇷 ❤️ 1️⃣ 👍🏽 ⚠️ 🏳️‍🌈 fertig",
  "Zażółć gęślą jaźń, naïve façade, Привет мир, Ελληνικά, שלום עולם, Tiếng Việt, ไทยที่นี่",
];

test.each([20, 60, 80, 118])(
  "every line of real text at %i columns is as wide as string-width says, and has the cells that a terminal gives it",
  (width) => {
    const terminal = openTerminal({ cols: 120, rows: 2 });
    const different: string[] = [];
    for (const text of [...real, ...foreign, foreign.join(" ").repeat(5)]) {
      for (const line of wrapped(
        kernel,
        text.split("\n").map((each) => `${clean(expandTabs(each))}\n`),
        width,
      )) {
        expect(line.columns).toBeLessThanOrEqual(width);
        if (line.columns !== stringWidth(line.text)) different.push(line.text);
        if (/^[\x20-\x7e]*$/.test(line.text)) continue;
        terminal.write(encoder.encode(`\x1b[1;1H\x1b[2K${line.text}`));
        if (terminal.cursor.col !== line.columns) different.push(`cursor at ${terminal.cursor.col}: ${line.text}`);
        let col = 0;
        for (const { text: shown, width: columns } of graphemes(line.text)) {
          const cell = terminal.cell(0, col);
          if (cell.char !== shown || cell.width !== columns) different.push(`column ${col} is ${cell.char}: ${line.text}`);
          col += columns;
        }
      }
    }
    terminal.dispose();
    expect(different).toEqual([]);
  },
);

describe("the kernel's memory", () => {
  test("its regions follow one another and end before the memory does", () => {
    expect(LINES).toBe(IN + IN_BYTES + ZERO_BYTES);
    expect(LINES + (IN_BYTES + 1) * LINE_BYTES).toBeLessThanOrEqual(PAGES << 16);
    expect(WIDTH_MAX << 2).toBeGreaterThan(0);
  });

  test("as many lines as there are bytes, and text as long as there is room for", () => {
    expect(kernel.wrapBytes(new Uint8Array(IN_BYTES).fill(10), 80)!.length / 3).toBe(IN_BYTES + 1);
    const full = "漢".repeat(IN_BYTES / 3) + "a".repeat(IN_BYTES % 3);
    expect(wrapped(kernel, [full], 2).length).toBe(Math.ceil(full.length));
    // The tables lie before the text and are what they were.
    expect(wrapped(kernel, ["漢字e\u0301👍🏽"], 80)).toEqual([{ text: "漢字e\u0301👍🏽", columns: 7, ended: "hard" }]);
  });

  test("a text that is longer than there is room for is laid out too, in the plain version", () => {
    const text = "some words of 漢字 ".repeat(6_000);
    expect(encoder.encode(text).length).toBeGreaterThan(IN_BYTES);
    expect(kernel.wrapBytes(encoder.encode(text), 80)).toBeUndefined();
    expect(wrapped(kernel, [text, "end"], 80)).toEqual(wrapped(plain, [text, "end"], 80));
    expect(wrapped(kernel, ["a b"], 1).map((line) => line.text)).toEqual(["a", "b"]);
  });

  test("lines may be asked for in any order", () => {
    const text = "漢字 かな 👍🏽 é ".repeat(40);
    const lines = wrapped(kernel, [text], 9);
    const count = kernel.wrap([text], 9);
    const backwards = Array.from({ length: count }, (_, i) => count - 1 - i).map((i) => text.slice(kernel.start(i), kernel.end(i)));
    expect(backwards.reverse()).toEqual(lines.map((line) => line.text));
  });
});
