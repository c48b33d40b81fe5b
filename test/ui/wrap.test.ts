import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Style } from "../../src/contracts/view.ts";
import { WasmLayout } from "../../src/kernels/layout.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { plainLayout } from "../../src/kernels/reference/layout.ts";
import { useLayout } from "../../src/ui/index.ts";
import type { Line, Span } from "../../src/ui/layout/line.ts";
import { cleanLines, widthOf } from "../../src/ui/layout/measure.ts";
import { type Run, wrap, wrapHard } from "../../src/ui/layout/wrap.ts";

const kernel = new WasmLayout(loadKernel("dist/kernels", "layout"));
const plain = plainLayout();
const a: Style = { fg: 1, bg: 0, attrs: 0 };
const b: Style = { fg: 2, bg: 0, attrs: 0 };
const texts = (lines: readonly Line[]): string[][] => lines.map((line) => line.spans.map((span) => span.text));
afterAll(() => useLayout(plain));

describe.each([
  ["kernel", kernel],
  ["plain version", plain],
] as const)("runs become lines of spans, %s", (_, layout) => {
  beforeEach(() => useLayout(layout));

  test("a style ends where its run does, over a break too", () => {
    const lines = wrap(
      [
        { text: "one two ", style: a },
        { text: "three four", style: b },
        { text: ", five", style: a },
      ],
      10,
    );
    expect(texts(lines)).toEqual([["one two"], ["three"], ["four", ", five"]]);
    expect(lines.map((line) => line.soft)).toEqual([undefined, "blank", "blank"]);
  });
  test("neighbours of one style are one span", () => {
    expect(
      texts(
        wrap(
          [
            { text: "漢", style: a },
            { text: "字 x", style: a },
            { text: "", style: b },
            { text: "y", style: b },
          ],
          20,
        ),
      ),
    ).toEqual([["漢字 x", "y"]]);
  });
  test("blanks at the end show nowhere, on one line or several, of one run or several", () => {
    expect(wrap([{ text: "a  ", style: a }], 20)).toEqual([{ spans: [{ text: "a", style: a, width: 1 }], width: 1 }]);
    const more: Run[] = [
      { text: "a ", style: a },
      { text: "  ", style: b },
    ];
    expect(wrap(more, 20)).toEqual([{ spans: [{ text: "a", style: a, width: 1 }], width: 1 }]);
    expect(texts(wrap([...more, { text: "\n漢 ", style: b }], 20))).toEqual([["a"], ["漢"]]);
    expect(wrap([{ text: "   ", style: a }], 20)).toEqual([{ spans: [], width: 0 }]);
  });
  test("no run, and an empty one, are one empty line", () => {
    expect(wrap([], 20)).toEqual([{ spans: [], width: 0 }]);
    expect(wrap([{ text: "", style: a }], 20)).toEqual([{ spans: [], width: 0 }]);
  });
  test("controls are pictures, tabs go to every fourth column, half a pair is U+FFFD", () => {
    expect(texts(wrap([{ text: "a\tb\x1b[31m\r\nx\ud83d\u202e", style: a }], 40))).toEqual([["a   b␛[31m␍"], ["x\ufffd\ufffd"]]);
  });
});

const anyRuns = fc.array(
  fc.record({
    text: fc
      .array(
        fc.constantFrom(
          "a",
          "word ",
          " ",
          "    ",
          "\n",
          "\t",
          "é",
          "e\u0301",
          "漢字",
          "👍🏽",
          "❤️",
          "\u200b",
          "\x1b",
          "\ud83d",
          "averylongword".repeat(3),
        ),
        { maxLength: 10 },
      )
      .map((list) => list.join("")),
    style: fc.constantFrom(a, b),
  }),
  { maxLength: 4 },
);

test("with the kernel and without it the lines are the same", () => {
  fc.assert(
    fc.property(anyRuns, fc.integer({ min: 1, max: 30 }), (runs, width) => {
      useLayout(kernel);
      const ours = wrap(runs, width);
      useLayout(plain);
      expect(ours).toEqual(wrap(runs, width));
    }),
    { numRuns: 4_000 },
  );
});

test("a long text has the lines of its parts: cut at line feeds, at none, and with a line that is longer than the kernel's room", () => {
  useLayout(kernel);
  const prose = `${"some words of 漢字 and more ".repeat(9)}\n\n`;
  const long = "word ".repeat(16_000);
  for (const text of [
    prose.repeat(400),
    long,
    prose.repeat(70) + long + prose.repeat(70),
    `${"x".repeat(16_384)}\n${"y".repeat(16_384)}`,
  ]) {
    const lines = wrap([{ text, style: a }], 77);
    expect(lines).toEqual(text.split("\n").flatMap((each) => wrap([{ text: each, style: a }], 77)));
  }
});

test("each span is as wide as it says, each line as its spans, and none is wider than asked but for a grapheme that is", () => {
  useLayout(kernel);
  fc.assert(
    fc.property(anyRuns, fc.integer({ min: 1, max: 30 }), (runs, width) => {
      for (const line of wrap(runs, width)) {
        // A span that begins with what joins nothing before it: a run's own beginning.
        for (const span of line.spans) expect(widthOf(span.text)).toBe(span.width);
        expect(line.spans.reduce((sum, span) => sum + span.width, 0)).toBe(line.width);
        expect(line.width).toBeLessThanOrEqual(Math.max(2, width));
      }
    }),
    { numRuns: 4_000 },
  );
});

test("a line of code is cut exactly, and nothing of it is lost", () => {
  fc.assert(
    fc.property(anyRuns, fc.integer({ min: 1, max: 30 }), (runs, width) => {
      const spans: Span[] = runs.map(({ text, style }) => {
        const shown = cleanLines(text).replaceAll("\n", "");
        return { text: shown, style, width: widthOf(shown) };
      });
      const lines = wrapHard(spans, width);
      expect(texts(lines).flat().join("")).toBe(spans.map((span) => span.text).join(""));
      for (const [i, line] of lines.entries()) {
        expect(line.width).toBeLessThanOrEqual(Math.max(2, width));
        expect(line.width).toBe(line.spans.reduce((sum, span) => sum + span.width, 0));
        expect(line.soft).toBe(i === 0 ? undefined : "cut");
        // The next grapheme would not have fitted.
        if (i < lines.length - 1) expect(line.width).toBeGreaterThanOrEqual(width - 1);
      }
    }),
    { numRuns: 3_000 },
  );
});
