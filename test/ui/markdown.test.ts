import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markdownLines, topItemLines } from "../../src/ui/layout/blocks.ts";
import { blank, type Line, lineText, sameLook } from "../../src/ui/layout/line.ts";
import { layoutCounters, layoutMarkdown, MarkdownStream } from "../../src/ui/layout/markdown.ts";
import { simpleLines } from "../../src/ui/layout/simple-inline.ts";
import { themeFor } from "../../src/ui/theme/index.ts";

const theme = themeFor(false);
const shown = (text: string, width = 40): string[] =>
  layoutMarkdown(text, width, theme).map((line) =>
    line.spans
      .map((span) => span.text)
      .join("")
      .trimEnd(),
  );

describe("what is shown", () => {
  test.each([
    ["headings", "# One\n## Two *it*\n", ["# One", "", "## Two it"]],
    ["soft breaks are blanks, two blanks at an end break", "a\nb  \nc", ["a b", "c"]],
    ["tight and nested lists", "- a\n- b\n  - c\n\n- d", ["• a", "• b", "  • c", "", "• d"]],
    ["ordered lists count on", "3. a\n3. b\n\n1. c", ["3. a", "4. b", "", "5. c"]],
    ["tasks", "- [x] done\n- [ ] open", ["☑ done", "☐ open"]],
    ["quotes", "> a\n> b\n\nc", ["│ a b", "", "c"]],
    ["rules", "a\n\n---\n\nb", ["a", "", "─".repeat(40), "", "b"]],
    ["code, with blank lines and what looks like markdown", "```ts\n# a\n\n- b\n```\nc", ["  # a", "", "  - b", "", "c"]],
    ["code in an item", "1. a\n   ```sh\n   ls\n   ```\n2. b", ["1. a", "", "     ls", "2. b"]],
    ["an unclosed fence", "x\n~~~\ncode", ["x", "", "  code"]],
    ["links without OSC 8 keep their address", "[a](https://b.c) https://d.e", ["a (https://b.c) https://d.e"]],
    ["entities", "a &lt;b&gt; &amp; c", ["a <b> & c"]],
    ["html is text", "<b>x</b>\n", ["<b>x</b>"]],
    ["tables", "| a | b |\n|--|-:|\n| x | 10 |", ["a │  b", "──┼───", "x │ 10"]],
    [
      "a table too wide for its room becomes lines",
      `|a|b|c|d|e|f|g|h|i|j|k|l|\n|${"-|".repeat(12)}\n|${"1|".repeat(12)}`,
      [..."abcdefghijkl"].map((name) => `${name}: 1`),
    ],
    ["wide characters wrap between them", "漢字".repeat(11), ["漢字".repeat(10), "漢字"]],
    ["long words are cut", "x".repeat(45), ["x".repeat(40), "xxxxx"]],
  ])("%s", (_, text, expected) => {
    expect(shown(text)).toEqual(expected);
  });
});

test("links carry only http, https and file addresses", () => {
  const links = (text: string) =>
    layoutMarkdown(text, 80, theme)
      .flatMap((line) => line.spans.map((span) => span.style.link))
      .filter((link) => link !== undefined);
  expect(links("[a](https://x.y/z) [b](javascript:alert) [c](file:///tmp/a) [d](ssh://x) <http://q.r>")).toEqual([
    "https://x.y/z",
    "file:///tmp/a",
    "http://q.r",
  ]);
});

const fragment = fc.constantFrom(
  "word",
  "some more words that go on for a while ",
  "**bold",
  "**",
  "`code`",
  "`",
  "```",
  "```ts\n",
  "~~~\n",
  "\n",
  "\n\n",
  "\n\n\n",
  "- ",
  "  - ",
  "1. ",
  "7) ",
  "# ",
  "### ",
  "> ",
  ">",
  "---\n",
  "===\n",
  "***\n",
  "| a | b |\n|---|---|\n| c | d |\n",
  "|",
  "    indented\n",
  "   ",
  "\t",
  "[a](https://b.c)",
  "[x]: http://y\n",
  "<div>\n",
  "</div>",
  "漢字",
  "👩‍👩‍👧",
  "é",
  "\\",
  "const x = /* a",
  "*/ 1;",
  '"s"',
  "- [ ] ",
  "\r\n",
  "&lt;",
  "\u001b[31m",
);
const document = fc.array(fragment, { maxLength: 40, size: "max" }).map((pieces) => pieces.join(""));

test("cut anywhere, a stream is laid out like the whole text, at every prefix that was shown", () => {
  fc.assert(
    fc.property(document, fc.array(fc.nat({ max: 400 }), { maxLength: 6 }), fc.integer({ min: 1, max: 60 }), (text, cuts, width) => {
      const stream = new MarkdownStream(width, theme);
      const at = [...new Set([0, ...cuts.filter((cut) => cut < text.length), text.length])].sort((a, b) => a - b);
      let stable: readonly unknown[] = [];
      for (let i = 1; i < at.length; i++) {
        stream.push(text.slice(at[i - 1]!, at[i]!));
        const whole = layoutMarkdown(text.slice(0, at[i]!), width, theme);
        expect(stream.lines.length).toBe(whole.length);
        for (const [n, line] of stream.lines.entries()) expect(sameLook(line, whole[n]!)).toBe(true);
        // What was stable stays the very same lines.
        for (const [n, line] of stable.entries()) expect(stream.stableLines[n]).toBe(line);
        stable = [...stream.stableLines];
      }
    }),
    { numRuns: 300 },
  );
});

test("plain prose, which is laid out without the lexer, looks as the lexer would have it", () => {
  const word = fc.constantFrom(
    "a",
    "word",
    "It's",
    "long-word-of-some-length",
    "漢字",
    "Ünïcode",
    "(1)",
    "3.5%",
    "end.",
    "www",
    "wWw.a.org",
    ".",
    "x:",
    "“q”",
    "🙂",
    "go🙂🚀",
    "a#",
    "1)",
    "-",
  );
  const prose = fc.array(word, { minLength: 1, maxLength: 30, size: "max" }).map((words) => `Z${words.join(" ")}`);
  fc.assert(
    fc.property(
      fc.array(prose, { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 30 }),
      (all, width, step) => {
        const text = all.join("\n\n");
        const stream = new MarkdownStream(width, theme);
        for (let at = 0; at < text.length; at += step) {
          stream.push(text.slice(at, at + step));
          const wanted: Line[] = [];
          for (const source of text.slice(0, at + step).split("\n\n"))
            if (source.trim() !== "") wanted.push(...(wanted.length > 0 ? [blank] : []), ...markdownLines(source, width, theme));
          expect(stream.lines.map(({ spans, soft }) => [spans.map((span) => span.text).join(""), soft])).toEqual(
            wanted.map(({ spans, soft }) => [spans.map((span) => span.text).join(""), soft]),
          );
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("prose with code and strong words, and items of it, look as the lexer would have them, at every prefix", () => {
  const word = fc.constantFrom(
    "a",
    "word",
    "It's",
    "漢字",
    "(1)",
    "3.5%",
    "end.",
    "x:",
    "🙂",
    "go🙂",
    "-",
    "**strong**",
    "**two words**",
    "**open",
    "close**",
    "**a**b",
    "x**a**",
    "(**a**)",
    "**a**,",
    "**(a)**",
    "**",
    "*",
    "*em*",
    "**a `b`**",
    "`code`",
    "`a_b/c`",
    "`open",
    "``",
    "` x`",
    "`x `",
    "`&lt;`",
    "`a`b",
    "x`a`",
    "`**a**`",
    "`a`**b**",
    "_",
    "a_b",
    "<b>",
    "&amp;",
    "www.a.b",
    "[x]",
  );
  const good = fc.constantFrom(
    "a",
    "word",
    "It's",
    "漢字",
    "end.",
    "🙂",
    "**strong**",
    "**two words**,",
    "`code`",
    "`a_b/c`.",
    "3.5%",
    "**a**!",
  );
  const body = fc
    .oneof(fc.array(good, { minLength: 1, maxLength: 14 }), fc.array(word, { minLength: 1, maxLength: 4 }))
    .map((words) => words.join(" "));
  const mark = fc.constantFrom("", "", "- ", "* ", "1. ", "12) ", "-  ", "+ ");
  const flat = (lines: readonly Line[]) =>
    lines.map(({ spans, soft, gutter }) => [spans.map(({ text, style }) => [text, style]), soft, gutter]);
  fc.assert(
    fc.property(mark, body, fc.integer({ min: 1, max: 40 }), (mark, body, width) => {
      for (let end = 1; end <= mark.length + body.length; end++) {
        const source = (mark + body).slice(0, end);
        const item = /^(?:[-*+]|(\d+)[.)])(?: |$)/.exec(source);
        const ordinal = item?.[1] === undefined ? undefined : Number(item[1]);
        const simple = simpleLines(source, item ? "item" : "text", ordinal, width, theme, theme.text);
        if (simple === undefined) continue;
        expect(flat(simple)).toEqual(
          flat(item ? topItemLines(source, ordinal, width, theme, theme.text) : markdownLines(source, width, theme)),
        );
      }
    }),
    { numRuns: 1_000 },
  );
});

test("no line is wider than asked, and no letter is lost", () => {
  fc.assert(
    fc.property(document, fc.integer({ min: 12, max: 80 }), (text, width) => {
      for (const line of layoutMarkdown(text, width, theme)) expect(line.width).toBeLessThanOrEqual(width);
    }),
    { numRuns: 200 },
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom("alpha", "漢字", "be", " ", "\n\n", "gamma"), { maxLength: 40, size: "max" }),
      fc.integer({ min: 2, max: 30 }),
      (words, width) => {
        const letters = (value: string): string => value.replace(/\s/g, "");
        expect(
          letters(
            layoutMarkdown(words.join(""), width, theme)
              .map((line) => lineText(line))
              .join(""),
          ),
        ).toBe(letters(words.join("")));
      },
    ),
  );
});

test.each([
  ["paragraphs", (i: number) => `Paragraph ${i} with some words in it.\n\n`],
  ["an endless code block", (i: number) => (i === 0 ? "```ts\n" : `const x${i} = ${i};\n`)],
  ["an endless list", (i: number) => `- item ${i}\n`],
  ["one endless paragraph", (i: number) => `line ${i} of a text without any blank line in it\n`],
])("the cost of a delta does not grow with what came before: %s", (_, piece) => {
  const stream = new MarkdownStream(80, theme);
  const cost = (from: number, to: number): number => {
    const before = layoutCounters.characters;
    for (let i = from; i < to; i++) {
      stream.push(piece(i));
      void stream.openLines;
    }
    return layoutCounters.characters - before;
  };
  cost(0, 500); // the open chunk has reached its greatest length
  const early = cost(500, 1_000);
  cost(1_000, 4_000);
  expect(cost(4_000, 4_500)).toBeLessThan(early * 1.6 + 200);
});

test("pathological nesting and junk end quickly and are shown", () => {
  for (const text of [
    ">".repeat(20_000),
    "[".repeat(5_000),
    "- ".repeat(3_000),
    "*a **b ".repeat(2_000),
    `${"|".repeat(5_000)}\n${"|-".repeat(2_500)}`,
    `${"`".repeat(9_999)}x\``,
  ]) {
    expect(layoutMarkdown(text, 80, theme).length).toBeGreaterThan(0);
  }
});
