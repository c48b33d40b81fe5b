// Claims (facts: kernels, section 4): text wrapped at 80 columns from UTF-8 bytes, with offsets and widths out, against wrap-ansi
// (hard, strings in and out, as it is used): 30 times on Markdown + code + CJK, 40 times on ASCII, 100 times on CJK + emoji.
// Rows painted on a screen's cells, against the same in TypeScript, cell by cell.
// Beside them: the same kernel with JS strings in and lines as strings out; and a hand-written ASCII loop in TypeScript.
// Each floor is the goal itself: measured were 240, 130 and 370 times.
// Text: this project's README and sources, CJK and emoji lines made here.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import stringWidth from "string-width";
import wrapAnsi from "wrap-ansi";
import { IN_BYTES } from "../assembly/abi/layout.ts";
import type { Surface } from "../src/contracts/view.ts";
import { openDiff } from "../src/kernels/diff.ts";
import { WasmLayout } from "../src/kernels/layout.ts";
import { loadKernel } from "../src/kernels/load.ts";
import { openSurface } from "../src/session/screen/surface.ts";
import { type Claim, claim, smoke } from "./harness.ts";

const columns = 80;
const size = smoke ? 12_000 : 150_000;
const root = path.join(import.meta.dirname, "..");
const layout = new WasmLayout(loadKernel(path.join(root, "dist/kernels"), "layout"));

/** What a view would hand over: no tab, no control but the line feed. */
const clean = (text: string): string => text.replaceAll("\t", "    ").replace(/[^\P{C}\n\u200d]/gu, "");
const files = (dir: string): string[] =>
  fs
    .readdirSync(path.join(root, dir), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("table"))
    .sort()
    .map((file) => path.join(dir, file));
const read = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const fill = (parts: string[]): string => {
  let text = "";
  for (let i = 0; text.length < size; i++) text += `${parts[i % parts.length]}\n\n`;
  return text.slice(0, size);
};

const chinese = [
  "渲染器保存两个单元格网格，只发送它们之间的差异，因此回答流式传输时终端几乎不需要重绘。",
  "日本語の文章は単語の間に空白がないので、どの文字の前でも後でも改行できます。カタカナとひらがなも同じです。",
  "한국어 문장은 낱말 사이를 띄어 쓰므로 빈칸에서 줄을 바꾼다. 두 칸을 차지하는 글자도 있다.",
];
const emoji = ["✅ 🚀 👩‍🚀 👨‍👩‍👧‍👦 🇩🇪🇫🇷 ❤️ 1️⃣ 👍🏽 部署完成", "🎉🎉🎉 テスト合格 🧪 ⚠️ 警告：メモリ不足 🏳️‍🌈"];
const code = clean([...files("src/ui/layout"), ...files("src/kernels"), ...files("assembly/diff")].map(read).join("\n"));
const prose = clean(read("README.md") + read("CONTRIBUTING.md"));
const paragraphs = prose.split("\n\n").map((text) => (text.startsWith("|") ? text : text.replaceAll("\n", " ")));
const pieces = (text: string, length: number): string[] => text.match(new RegExp(`[^]{1,${length}}(?:\\n|$)`, "g")) ?? [];
const codes = pieces(code, 700);
const mixed = fill(
  Array.from(
    { length: 200 },
    (_, i) => [paragraphs[(i >> 2) % paragraphs.length]!, codes[i % codes.length]!, chinese[i % 3]!][i % 5 === 4 ? 2 : i % 2]!,
  ),
);
const ascii = fill([prose, code]).replace(/[^\x20-\x7e\n]/g, "-");
const wide = fill([...chinese, ...emoji]);

type Line = { text: string; width: number };
const decoder = new TextDecoder();

/** Calls back with what the kernel has of each stretch: it takes IN_BYTES at a time, cut at a line feed. */
function fromBytes(text: Uint8Array, each?: (stretch: Uint8Array, lines: Uint32Array) => void): void {
  for (let at = 0; at <= text.length; ) {
    let end = text.length;
    if (end - at > IN_BYTES) end = text.lastIndexOf(10, at + IN_BYTES - 1);
    const stretch = text.subarray(at, end);
    const lines = layout.wrapBytes(stretch, columns);
    assert.ok(lines !== undefined && end >= at);
    each?.(stretch, lines);
    at = end + 1;
  }
}
function linesOfBytes(text: string): Line[] {
  const all: Line[] = [];
  fromBytes(Buffer.from(text), (stretch, lines) => {
    for (let i = 0; i < lines.length; i += 3)
      all.push({ text: decoder.decode(stretch.subarray(lines[i], lines[i + 1])), width: lines[i + 2]! >>> 2 });
  });
  return all;
}

/** Paragraph by paragraph, as a view has them. */
function fromStrings(paragraphs: string[]): Line[] {
  const all: Line[] = [];
  for (const text of paragraphs) {
    const count = layout.wrap([text], columns);
    for (let i = 0; i < count; i++) all.push({ text: text.slice(layout.start(i), layout.end(i)), width: layout.columns(i) });
  }
  return all;
}

/** The same rules for ASCII only, on a string: offsets out. */
function asciiLoop(text: string): number[] {
  const lines: number[] = [];
  let start = 0;
  let end = 0;
  let word = -1;
  for (let at = 0; at <= text.length; at++) {
    const c = at < text.length ? text.charCodeAt(at) : 10;
    if (c !== 10 && c !== 32) {
      if (word < 0) word = at;
      if (at - start < columns) continue;
      if (end > start) {
        lines.push(start, end);
        start = word;
        end = word;
      } else {
        lines.push(start, at);
        start = at;
        end = at;
        word = at;
      }
      continue;
    }
    if (word >= 0) end = at;
    word = -1;
    if (c === 10) {
      lines.push(start, end);
      start = at + 1;
      end = start;
    }
  }
  return lines;
}

const letters = (text: string): string => text.replace(/[ \n]/g, "");
const options = { hard: true } as const;

function gate(text: string): void {
  const ours = linesOfBytes(text);
  for (const line of ours) {
    assert.equal(line.width, stringWidth(line.text), JSON.stringify(line.text));
    assert.ok(line.width <= columns);
    assert.ok(!line.text.endsWith(" "));
  }
  assert.equal(letters(ours.map((line) => line.text).join("")), letters(text));
  assert.deepEqual(fromStrings(text.split("\n")), ours);
  // wrap-ansi has another rule for blanks at line ends, and gives a long word a line of its own: nearly as many lines.
  const theirs = wrapAnsi(text, columns, options).split("\n");
  assert.ok(Math.abs(theirs.length - ours.length) <= ours.length / 50, `${theirs.length} lines against ${ours.length}`);
}

function claims(name: string, text: string, floor: number, more: Claim["baselines"] = []): Claim {
  const bytes = Buffer.from(text);
  const paragraphs = text.split("\n");
  const lines = linesOfBytes(text).map((line) => line.text);
  return claim({
    name: `layout: ${name}`,
    gate: () => gate(text),
    ours: { name: "kernel, from bytes", run: () => fromBytes(bytes) },
    baselines: [
      { name: "wrap-ansi 10, hard", floor, run: () => void wrapAnsi(text, columns, options) },
      { name: "string-width 8 of the lines, as they are", run: () => void lines.reduce((sum, line) => sum + stringWidth(line), 0) },
      { name: "kernel, strings in and out", run: () => void fromStrings(paragraphs) },
      ...more,
    ],
    work: { amount: bytes.length / 1e6, unit: "MB" },
    notes: () => ({ lines: lines.length, "lines of wrap-ansi": wrapAnsi(text, columns, options).split("\n").length }),
  });
}

/** The loop for ASCII does the same as the kernel, or its time says nothing. */
function gateLoop(text: string): void {
  const lines = asciiLoop(text);
  const theirs = Array.from({ length: lines.length / 2 }, (_, i) => text.slice(lines[2 * i], lines[2 * i + 1]));
  assert.deepEqual(
    theirs,
    linesOfBytes(text).map((line) => line.text),
  );
}
gateLoop(ascii);

const style = { fg: 0x1abcdef, bg: 0, attrs: 1 };

/** Rows of a screen, painted on the diff kernel's cells: by the kernel, and by the surface alone, as it does without one. */
function painting(name: string, text: string, floor: number): Claim {
  const rows = linesOfBytes(text)
    .map((line) => line.text)
    .filter((line) => line !== "")
    .slice(0, 200);
  const diff = openDiff(loadKernel(path.join(root, "dist/kernels"), "diff"), {
    cols: 120,
    rows: 40,
    scroll: true,
    repeat: true,
    live: false,
  });
  const surfaces = {
    kernel: openSurface(() => diff.next, diff, "true"),
    alone: openSurface(() => diff.next, { glyph: diff.glyph, link: diff.link }, "true"),
  };
  const paint = (surface: Surface): void => {
    for (let i = 0; i < rows.length; i++) surface.text(i % 40, 0, rows[i]!, style);
  };
  const shown = (surface: Surface): Uint32Array => {
    for (let row = 0; row < 40; row++) surface.clear(row);
    paint(surface);
    return diff.next.words.slice();
  };
  return claim({
    name: `paint: ${name}`,
    gate: () => assert.deepEqual(shown(surfaces.kernel), shown(surfaces.alone)),
    ours: { name: "kernel, strings in", run: () => paint(surfaces.kernel) },
    baselines: [{ name: "TypeScript, cell by cell", floor, run: () => paint(surfaces.alone) }],
    work: { amount: rows.length, unit: "rows" },
  });
}

export default [
  claims("Markdown, code and CJK", mixed, 30),
  claims("ASCII", ascii, 40, [{ name: "TypeScript loop for ASCII, offsets out", floor: 2, run: () => void asciiLoop(ascii) }]),
  claims("CJK and emoji", wide, 100),
  painting("rows of ASCII", ascii, 1.5),
  painting("rows of Chinese, Japanese and Korean", fill(chinese), 2),
];
