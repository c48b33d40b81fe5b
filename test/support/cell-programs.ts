// Programs of painting operations, generated, and what a terminal must show after them, read from the grid itself.
import fc from "fast-check";
import { ATTR_MASK, CELL_WIDE } from "../../assembly/abi/diff.ts";
import { attr, colourPalette, colourRgb, type Style, type Surface } from "../../src/contracts/view.ts";
import type { Cells } from "../../src/kernels/frame-diff.ts";
import type { Oracle } from "./terminal-oracle.ts";

export type Op =
  | { op: "text"; row: number; col: number; text: string; style: Style }
  | { op: "fill"; row: number; col: number; end: number; style: Style }
  | { op: "clear"; row: number }
  | { op: "scroll"; top: number; bottom: number; n: number }
  | { op: "lines"; from: number; count: number }
  | { op: "resize"; cols: number; rows: number }
  | { op: "frame"; row: number; col: number; visible: boolean };

const pieces = fc.constantFrom(
  "a",
  "b",
  "word",
  "   ",
  " ",
  "──────────",
  "════",
  "xxxxxxxxxxxx",
  "0000",
  "的",
  "漢字かな",
  "한글",
  "é",
  "e\u0301\u0302",
  "n\u0303",
  "👍",
  "🚀",
  "👍🏽",
  "👨‍👩‍👧‍👦",
  "🇩🇪",
  "❤️",
  "1️⃣",
  "नि",
  "क्षि",
  "\u1100\u1161\u11a8",
  "ｶﾞ",
  "█",
  "│",
  "⠋",
  "\t",
  "\x1b[31m",
  "\u202eabc",
  "\u200b",
  "\u0301",
  "→",
  "𝒳",
  "𠀀",
  "☺",
  "\u{e0041}",
);
const colours = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 255 }).map((n) => colourPalette | n),
  fc.integer({ min: 0, max: 0xffffff }).map((n) => colourRgb | n),
);
const style: fc.Arbitrary<Style> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ fg: 0, bg: 0, attrs: 0 }) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        fg: colours,
        bg: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: colours }),
        attrs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 255 })),
        link: fc.constantFrom("https://example.org/a", "file:///tmp/x", "javascript:alert(1)", "http://é.example/\x1b"),
      },
      { requiredKeys: ["fg", "bg", "attrs"] },
    ),
  },
);
const row = fc.integer({ min: -1, max: 12 });
const col = fc.integer({ min: -3, max: 26 });

export const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      op: fc.constant("text" as const),
      row,
      col,
      text: fc.array(pieces, { maxLength: 8 }).map((p) => p.join("")),
      style,
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("fill" as const), row, col, end: col, style }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("clear" as const), row }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant("scroll" as const), top: row, bottom: row, n: fc.integer({ min: -4, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("lines" as const),
      from: fc.integer({ min: 0, max: 99 }),
      count: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant("frame" as const),
      row: fc.integer({ min: 0, max: 11 }),
      col: fc.integer({ min: 0, max: 24 }),
      visible: fc.boolean(),
    }),
  },
);
export const resize: fc.Arbitrary<Op> = fc.record({
  op: fc.constant("resize" as const),
  cols: fc.integer({ min: 2, max: 26 }),
  rows: fc.integer({ min: 2, max: 12 }),
});
export const program = fc.array(fc.oneof({ weight: 15, arbitrary: op }, { weight: 1, arbitrary: resize }), { minLength: 1, maxLength: 40 });

export function paint(surface: Surface, step: Op): void {
  if (step.op === "text") surface.text(step.row, step.col, step.text, step.style);
  else if (step.op === "fill") surface.fill(step.row, step.col, step.end, step.style);
  else if (step.op === "clear") surface.clear(step.row);
  else if (step.op === "scroll") surface.scroll(step.top, step.bottom, step.n);
  else if (step.op === "lines") {
    for (let i = 0; i < Math.min(step.count, surface.rows); i++) {
      surface.clear(i);
      surface.text(i, 0, `${step.from + i}: line ${(step.from + i) * 7919}`, { fg: 0, bg: 0, attrs: 0 });
    }
  }
}

const onSpace = attr.underline | attr.inverse | attr.strike;

/** The first cell of the terminal that is not what the grid says, as a sentence; undefined: all are. */
export function difference(
  terminal: Oracle,
  grid: Cells,
  clusters: (glyph: number) => string,
  link: (slot: number) => string,
): string | undefined {
  for (let row = 0; row < grid.rows; row++) {
    for (let col = 0; col < grid.cols; col++) {
      const at = (row * grid.cols + col) * 4;
      const glyph = grid.words[at]!;
      const word = grid.words[at + 3]!;
      const real = terminal.cell(row, col);
      const second = glyph === 0;
      const want = {
        char: second ? "" : glyph >= 0x80000000 ? clusters(glyph) : String.fromCodePoint(glyph),
        width: second ? 0 : word & CELL_WIDE ? 2 : 1,
        fg: grid.words[at + 1]!,
        bg: grid.words[at + 2]!,
        attrs: word & ATTR_MASK,
        link: link(word >>> 16),
      };
      // A cell that was never written or was erased has no character in xterm.js.
      if (real.char === "" && real.width === 1) real.char = " ";
      // On a space only underline, inverse, strike and the background show: it may be written in the style that is set.
      if (want.char === " " && real.char === " " && !(want.attrs & onSpace)) {
        real.fg = want.fg;
        real.attrs = (real.attrs & onSpace) | (want.attrs & ~onSpace);
      }
      // The second half has a style of its own in some versions; it is not shown.
      const same =
        real.char === want.char &&
        real.width === want.width &&
        (second || (real.fg === want.fg && real.bg === want.bg && real.attrs === want.attrs && real.link === want.link));
      if (!same) return `row ${row} col ${col}: terminal ${JSON.stringify(real)}, grid ${JSON.stringify(want)}`;
    }
  }
  return undefined;
}
