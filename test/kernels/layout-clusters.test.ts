// Grapheme clusters and their columns in the layout kernel: UAX 29 against Unicode's own test file and the runtime's segmenter,
// columns against the plain version and string-width.
import fs from "node:fs";
import fc from "fast-check";
import stringWidth from "string-width";
import { expect, test } from "vitest";
import { WasmLayout } from "../../src/kernels/layout.ts";
import { loadKernel } from "../../src/kernels/load.ts";
import { graphemeAt } from "../../src/terminal/width.ts";

const layout = new WasmLayout(loadKernel("dist/kernels", "layout"));
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

type Shown = { text: string; columns: number };

/** What the kernel makes of a text as it stands. */
function clusters(text: string): Shown[] {
  const bytes = encoder.encode(text);
  let from = 0;
  return layout.clusters(bytes).map(({ end, columns }) => {
    const one = { text: decoder.decode(bytes.subarray(from, end)), columns };
    from = end;
    return one;
  });
}

/** What the screen makes of it (src/terminal/width.ts). */
function plain(text: string): Shown[] {
  const all: Shown[] = [];
  const one = { text: "", width: 0, unsure: false };
  for (let at = 0; at < text.length; ) {
    const next = graphemeAt(text, at, one);
    all.push({ text: text.slice(at, next), columns: one.width });
    at = next;
  }
  return all;
}

const hex = (text: string): string => [...text].map((char) => char.codePointAt(0)!.toString(16).padStart(4, "0")).join(" ");

/**
 * Lines of the file that a later Unicode version decides otherwise. U+2701 is no pictograph any more (16.0), so nothing is joined to it.
 * GB9c of 15.1 changes none of them; it has tests of its own below.
 */
const decidedOtherwise = ["2701 200d 2701 is 2701 200d|2701"];

test("every grapheme boundary of Unicode's GraphemeBreakTest (15.0) is found, and no other", () => {
  const lines = fs
    .readFileSync("test/fixtures/unicode/GraphemeBreakTest-15.0.txt", "utf8")
    .split("\n")
    .map((line) => line.replace(/#.*/, "").trim())
    .filter((line) => line !== "");
  expect(lines.length).toBe(602);
  const different: string[] = [];
  for (const line of lines) {
    const expected = line
      .split("÷")
      .map((part) => part.replaceAll("×", " ").trim().replace(/\s+/g, " ").toLowerCase())
      .filter((part) => part !== "");
    const text = String.fromCodePoint(
      ...expected
        .join(" ")
        .split(" ")
        .map((code) => Number.parseInt(code, 16)),
    );
    const found = clusters(text).map((one) => hex(one.text));
    expect(found).toEqual([...segmenter.segment(text)].map((one) => hex(one.segment)));
    if (found.join("|") !== expected.join("|")) different.push(`${expected.join("|")} is ${found.join("|")}`);
  }
  expect(different).toEqual(decidedOtherwise);
});

/** Rules that came with 15.1: a conjunct of Indic consonants is one cluster (GB9c). Its lines are not in the file above. */
test.each([
  ["consonant, virama, consonant", "\u0915\u094d\u0924", 1],
  ["with a joiner and with a mark between", "\u0915\u094d\u200d\u0924", 1],
  ["two viramas", "\u0915\u094d\u094d\u0924", 1],
  ["three consonants", "\u0915\u094d\u0924\u094d\u092f", 1],
  ["no virama", "\u0915\u0924", 2],
  ["a letter between", "\u0915\u094da\u094d\u0924", 3],
  ["non-joiner after the virama", "\u0915\u094d\u200c\u0924", 2],
])("Indic conjuncts: %s", (_, text, count) => {
  expect(clusters(text).length).toBe(count);
  expect(clusters(text).map((one) => one.text)).toEqual([...segmenter.segment(text)].map((one) => one.segment));
});

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

const joining = [
  "a",
  " ",
  "1",
  "#",
  "\r",
  "\n",
  "\x1b",
  "é",
  "\u0301",
  "\u0308",
  "\u200d",
  "\u200c",
  "\ufe0e",
  "\ufe0f",
  "\u20e3",
  "漢",
  "が",
  "\u3099",
  "👍",
  "🏽",
  "👩",
  "❤",
  "☝",
  "🇩",
  "🇪",
  "\u{1f3f4}",
  "\u{e0067}",
  "\u{e007f}",
  "\u0915",
  "\u094d",
  "\u0924",
  "\u093f",
  "\u0d4e",
  "\u0600",
  "\u1100",
  "\u1161",
  "\u11a8",
  "\uac00",
  "\uac01",
  "\u0e33",
  "\u0903",
  "\u00ad",
  "\u200b",
  "\u{1d165}",
  "𝒳",
];
const joiningText = fc.array(fc.constantFrom(...joining), { maxLength: 20 }).map((list) => list.join(""));
const anyText = fc.oneof(
  joiningText,
  fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.toWellFormed()),
);

test("clusters are those of the runtime, whatever the text", () => {
  // The screen shows nothing of some code points and U+FFFD for others; such a one stands alone there, which these are not.
  const alone = /[\p{Noncharacter_Code_Point}\u115f\u1160\u3164\uffa0\ufff0-\uffff]|[\u{e0000}-\u{e0fff}]/u;
  fc.assert(
    fc.property(anyText, (text) => {
      fc.pre(!alone.test(text));
      expect(clusters(text).map((one) => one.text)).toEqual([...segmenter.segment(text)].map((one) => one.segment));
    }),
    { numRuns: 6_000 },
  );
});

test("clusters and columns are those of the plain version, whatever the text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      expect(clusters(text)).toEqual(plain(text));
    }),
    { numRuns: 6_000 },
  );
});

test("every code point there is, alone, before a mark and after a letter, is as wide as in the plain version", () => {
  const different: string[] = [];
  for (let from = 0; from < 0x110000; from += 64) {
    // Planes that Unicode leaves empty, and private ones, are sampled.
    if (from >= 0x40000 && from < 0xe0000 && from % 0x4000 !== 0) continue;
    if (from >= 0xf0000 && from % 0x4000 !== 0) continue;
    for (const frame of ["", "\u0301", "a"]) {
      let text = "";
      for (let code = from; code < from + 64; code++) {
        if (code < 0xd800 || code > 0xdfff) text += frame === "a" ? `a${String.fromCodePoint(code)}` : String.fromCodePoint(code) + frame;
        text += "\n";
      }
      const ours = clusters(text);
      const theirs = plain(text);
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) different.push(`U+${from.toString(16)}.. ${JSON.stringify(frame)}`);
    }
  }
  expect(different).toEqual([]);
}, 60_000);

test("pictographs with each style, skin tone and joiner are as wide as in the plain version", () => {
  const different: string[] = [];
  for (let code = 0xa9; code < 0x1fb00; code++) {
    const char = String.fromCodePoint(code);
    if (!/\p{Extended_Pictographic}/u.test(char)) continue;
    for (const tail of [
      "\ufe0f",
      "\ufe0e",
      "\u{1f3fd}",
      "\ufe0f\u{1f3fd}",
      "\u200d❤",
      "\u200d\u{1f466}\u200d",
      "\u{1f3fd}\u200d",
      "\u{1f3fd}\u0301",
    ]) {
      const text = char + tail;
      if (JSON.stringify(clusters(text)) !== JSON.stringify(plain(text))) different.push(hex(text));
    }
  }
  expect(different).toEqual([]);
});

/**
 * Where this project knows better than string-width what a terminal shows. All are clusters that no text needs, and in all of them
 * counting a column too many leaves a gap, counting one too few would push the rest of the row.
 */
const exceptions: Record<string, RegExp> = {
  // Shown here as a picture, as U+FFFD, or dropped with what it hides.
  "controls, what reorders, what is invisible": /[[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]--[\ufe0e\ufe0f]]/v,
  // On U+25CC, because it would change the cell before it otherwise.
  "a mark or joiner without a base": /^\p{Default_Ignorable_Code_Point}|^\p{M}/u,
  // Terminals show a piece of a syllable in one cell, of however many it is put together.
  "vowels and finals of Hangul without a leading consonant": /^[\u1161-\u11ff\ud7b0-\ud7ff]/u,
  // Two letters in boxes, one cell each at least.
  "a pair of regional indicators that is no flag": /^\p{Regional_Indicator}{2}/u,
  // A keycap and an emoji style make two columns, whatever more is stacked on them.
  "keycaps and emoji styles that are not in the list": /^(?:[\d#*]\ufe0f?\u20e3|\p{Extended_Pictographic}\ufe0f)/u,
};

test("columns of every cluster are those of string-width, two at most", () => {
  const different = new Set<string>();
  const used = new Set<string>();
  fc.assert(
    fc.property(anyText, (text) => {
      for (const one of clusters(text)) {
        const theirs = Math.min(2, stringWidth(one.text));
        if (one.columns === theirs) continue;
        const seen = one.text.replaceAll("\u200d", "").replaceAll("\u200c", "");
        const known = Object.entries(exceptions).find(
          ([, pattern]) => pattern.test(seen) || pattern.test(String.fromCodePoint(one.text.codePointAt(0)!)),
        );
        if (known === undefined) different.add(`${hex(one.text)} ${one.columns}, not ${theirs}`);
        else used.add(known[0]);
      }
    }),
    { numRuns: 10_000 },
  );
  expect([...different]).toEqual([]);
  // No exception stands here that nothing needs.
  expect([...used].sort()).toEqual(Object.keys(exceptions).sort());
}, 30_000);

test("bytes that are no UTF-8 count as U+FFFD each, and nothing behind the text is read into it", () => {
  const bytes = new Uint8Array([0x61, 0xff, 0xe6, 0xbc, 0x62, 0xc3, 0xf0, 0x9f, 0x91]);
  expect(layout.clusters(new Uint8Array([0xe6, 0xbc, 0xa2]))).toEqual([{ end: 3, columns: 2 }]);
  expect(layout.clusters(bytes).map((one) => one.columns)).toEqual(new Array(bytes.length).fill(1));
  expect(layout.clusters(new Uint8Array([0xe6, 0xbc])).length).toBe(2);
});
