// The kernel's way from text to cells, against the surface's own (with the plain diff there is no other).
import fc from "fast-check";
import { expect, test } from "vitest";
import { PAINT_UNITS_MAX } from "../../../assembly/abi/diff.ts";
import { attr, colourRgb, type Style, type Surface } from "../../../src/contracts/view.ts";
import { openDiff } from "../../../src/kernels/diff.ts";
import type { FrameDiff } from "../../../src/kernels/frame-diff.ts";
import { loadKernel } from "../../../src/kernels/load.ts";
import { openPlainDiff } from "../../../src/kernels/reference/diff.ts";
import { openSurface } from "../../../src/session/screen/surface.ts";

const kernel = loadKernel("dist/kernels", "diff");
const options = { cols: 60, rows: 3, scroll: true, repeat: true, live: false };
const plain: Style = { fg: 0, bg: 0, attrs: 0 };
const styled: Style = { fg: colourRgb | 0x123456, bg: colourRgb | 1, attrs: attr.bold | attr.underline, link: "https://example.org" };

type Painted = { diff: FrameDiff; surface: Surface };
function open(diff: FrameDiff): Painted {
  return { diff, surface: openSurface(() => diff.next, diff, "true") };
}
const ours = open(openDiff(kernel, options));
const theirs = open(openPlainDiff(options));

/** Cells and dirty rows after painting, glyphs told by number: both tables hand out slots in the order of first use. */
function cells({ diff, surface }: Painted, paint: (surface: Surface) => number): { answered: number; words: number[]; dirty: number[] } {
  surface.clear(1, { fg: colourRgb | 7, bg: 0, attrs: 0 });
  surface.text(1, 0, "漢字漢字漢字漢字漢字漢字漢字", plain);
  diff.next.dirty.fill(0);
  const answered = paint(surface);
  return { answered, words: [...diff.next.words], dirty: [...diff.next.dirty] };
}

test("every code point there is, between letters and before a mark, has the cells that the surface gives it", () => {
  const different: string[] = [];
  for (let from = 0x20; from < 0x30000; from += 7) {
    // Ideographs and syllables in their thousands, and planes beyond what is painted by the kernel, are sampled.
    const dull = (from > 0x3400 && from < 0xa300) || (from > 0xad00 && from < 0xd700) || (from > 0xe100 && from < 0xf800) || from > 0x10000;
    if ((dull && from % 331 !== 0) || (from > 0xd7f8 && from < 0xe000)) continue;
    for (const after of ["a", "\u0301"]) {
      const text = Array.from({ length: 7 }, (_, i) => `${String.fromCodePoint(from + i)}${after}`)
        .join("")
        .padEnd(24, ".");
      const a = cells(ours, (surface) => surface.text(1, 0, text, plain));
      const b = cells(theirs, (surface) => surface.text(1, 0, text, plain));
      if (a.answered !== b.answered || a.words.some((word, i) => word !== b.words[i] && !(word >>> 31 && b.words[i]! >>> 31)))
        different.push(`U+${from.toString(16)} ${JSON.stringify(after)}`);
    }
  }
  expect(different).toEqual([]);
}, 30_000);

const anyText = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        "a",
        "word ",
        "  ",
        "é",
        "e\u0301",
        "漢字",
        "한글",
        "カナ",
        "👍🏽",
        "❤️",
        "🇩🇪",
        "\u200b",
        "\x1b",
        "\t",
        "\u202e",
        "\ud83d",
        "\u0301",
        "—",
        "ไทย",
        "क्षि",
        "│",
        "\u007f",
      ),
      { maxLength: 40 },
    )
    .map((list) => list.join("")),
  fc.string({ unit: "binary", maxLength: 80 }),
);

test("whatever the text, the place and the style, the kernel's cells are the surface's", () => {
  fc.assert(
    fc.property(anyText, fc.integer({ min: -4, max: 61 }), fc.constantFrom(plain, styled), (text, col, style) => {
      // Slots of glyphs are given again when none are free; from the same beginning both give the same.
      const a = open(openDiff(kernel, options));
      const b = open(openPlainDiff(options));
      expect(cells(a, (surface) => surface.text(1, col, text, style))).toEqual(cells(b, (surface) => surface.text(1, col, text, style)));
      a.diff.close();
    }),
    { numRuns: 2_000 },
  );
});

test("a text that is longer than the kernel takes is painted as well", () => {
  const text = "漢字 and more ".repeat(PAINT_UNITS_MAX / 10);
  expect(text.length).toBeGreaterThan(PAINT_UNITS_MAX);
  expect(cells(ours, (surface) => surface.text(1, 0, text, styled))).toEqual(cells(theirs, (surface) => surface.text(1, 0, text, styled)));
});

test("cells outside of the kernel's memory are painted all the same, and the kernel's are left alone", () => {
  const { diff } = ours;
  const elsewhere = { cols: 30, rows: 1, words: new Uint32Array(30 * 4), dirty: new Uint8Array(1) };
  const before = diff.next.words.slice();
  expect(openSurface(() => elsewhere, diff, "true").text(0, 0, "some words, then 漢字", plain)).toBe(21);
  expect(String.fromCodePoint(...[0, 5, 17].map((col) => elsewhere.words[col * 4]!))).toBe("sw漢");
  expect(diff.next.words).toEqual(before);
});

test("nothing is touched by a text that shows nothing", () => {
  const { dirty, answered } = cells(ours, (surface) => surface.text(1, 5, "\u200b".repeat(30), plain));
  expect([answered, dirty]).toEqual([5, [0, 0, 0]]);
});
