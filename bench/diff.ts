// Claims (facts: kernels, section 2), at 200x60, from painted cells to bytes:
//   small changes (tokens, spinner, typing): at least 8 times a TypeScript cell diff, 40 times line strings, and one dirty row in 2 us
//   append + scroll: at least 3 times the cell diff and 40 times fewer bytes; wheel: at least 15 times fewer bytes
//   full repaint: no more than 1.1 times; it is byte output
// Baselines: `cells` compares cell by cell and writes each run with its position, styles when they change; `lines` builds a
// string a row and writes rows that changed. Ours includes the copy of dirty rows into the kernel's memory, which a view that
// paints there does not need, and in its bytes synchronized output and the cursor's place, which the baselines leave out.
import assert from "node:assert/strict";
import { colourRgb, type Style, type Surface } from "../src/contracts/view.ts";
import { openDiff } from "../src/kernels/diff.ts";
import type { Cells, FrameDiff } from "../src/kernels/frame-diff.ts";
import { loadKernel } from "../src/kernels/load.ts";
import { checkPatch } from "../src/protocol/index.ts";
import { openSurface } from "../src/session/screen/surface.ts";
import { difference } from "../test/support/cell-programs.ts";
import { openTerminal } from "../test/support/terminal-oracle.ts";
import { type Candidate, type Claim, claim, smoke } from "./harness.ts";

const cols = 200;
const rows = 60;
const frameCount = smoke ? 12 : 100;
const budget = 4 << 20;
const encoder = new TextEncoder();
const kernel = loadKernel("dist/kernels", "diff");

const plain: Style = { fg: 0, bg: 0, attrs: 0 };
const dim: Style = { fg: colourRgb | 0x808080, bg: 0, attrs: 0 };
const code: Style = { fg: colourRgb | 0x7ec699, bg: 0, attrs: 0 };
const bar: Style = { fg: colourRgb | 0xffffff, bg: colourRgb | 0x303060, attrs: 1 };
const words =
  "the renderer keeps two grids of cells and sends what differs 漢字 between them as few bytes as it can while the answer streams".split(
    " ",
  );

/** A line of a transcript: words of one style after another, other in each line. */
function line(surface: Surface, row: number, n: number): void {
  surface.clear(row);
  let col = surface.text(row, 0, `${n} `, dim);
  for (let i = 0; col < 60 + ((n * 37) % 110); i++)
    col = surface.text(row, col, `${words[(n * 7 + i * 3) % words.length]} `, i % 5 === 0 ? code : plain);
}
function screenful(surface: Surface, first: number): void {
  for (let row = 0; row < rows - 4; row++) line(surface, row, first + row);
  surface.text(rows - 4, 0, "─".repeat(cols), dim);
  surface.text(rows - 3, 0, "> ", plain);
  surface.fill(rows - 1, 0, cols, bar);
  surface.text(rows - 1, 1, "model  12,345 tokens  $0.12", bar);
}

const patterns: Record<string, (surface: Surface, frame: number) => void> = {
  "tokens in the last line": (surface, i) => {
    if (i % 25 === 0) surface.clear(rows - 5);
    surface.text(rows - 5, (i % 25) * 7, `${words[i % words.length]!.slice(0, 6)} `, plain);
  },
  "spinner and status": (surface, i) => {
    surface.text(rows - 2, 0, "⠋⠙⠹⠸⠼⠴⠦⠧"[i % 8]!, dim);
    surface.text(rows - 1, 8, `${12_345 + i} tokens`, bar);
  },
  typing: (surface, i) => void surface.text(rows - 3, 2 + (i % 190), String.fromCharCode(97 + (i % 26)), plain),
  "append and scroll": (surface, i) => {
    surface.scroll(0, rows - 5, 1);
    line(surface, rows - 5, 1_000 + i);
  },
  "wheel, 3 lines": (surface, i) => {
    const up = i % 40 < 20;
    surface.scroll(0, rows - 5, up ? 3 : -3);
    for (let k = 0; k < 3; k++) line(surface, up ? rows - 5 - k : k, 5_000 + (i * 3 + k) * (up ? 1 : 7));
  },
  "dialog open and close": (surface, i) => {
    for (let row = 15; row < 40; row++) {
      line(surface, row, row);
      if (i % 2 === 0) {
        surface.fill(row, 60, 140, bar);
        surface.text(row, 62, row === 15 ? "Pick a model" : `provider/model-${row}`, bar);
      }
    }
  },
  "full repaint": (surface, i) => screenful(surface, i * 1_009),
};

const styleCode = (fg: number, bg: number, attrs: number): string => {
  let out = "\x1b[0";
  for (let bit = 0; bit < 8; bit++) if (attrs & (1 << bit)) out += `;${bit < 5 ? bit + 1 : bit + 2}`;
  if (fg !== 0) out += `;38;2;${(fg >> 16) & 255};${(fg >> 8) & 255};${fg & 255}`;
  if (bg !== 0) out += `;48;2;${(bg >> 16) & 255};${(bg >> 8) & 255};${bg & 255}`;
  return `${out}m`;
};

/** Compares every cell; a run of changed cells has its position, a style is written when it changes. */
function cellDiff(previous: Uint32Array, next: Uint32Array): Uint8Array {
  let out = "";
  let fg = 0;
  let bg = 0;
  let attrs = 0;
  for (let row = 0; row < rows; row++) {
    let reached = -1;
    for (let col = 0; col < cols; col++) {
      const at = (row * cols + col) * 4;
      if (
        next[at] === previous[at] &&
        next[at + 1] === previous[at + 1] &&
        next[at + 2] === previous[at + 2] &&
        next[at + 3] === previous[at + 3]
      )
        continue;
      previous[at] = next[at]!;
      previous[at + 1] = next[at + 1]!;
      previous[at + 2] = next[at + 2]!;
      previous[at + 3] = next[at + 3]!;
      const glyph = next[at]!;
      if (glyph === 0) {
        if (reached === col) reached = col + 1;
        continue;
      }
      if (reached !== col) out += `\x1b[${row + 1};${col + 1}H`;
      if (next[at + 1] !== fg || next[at + 2] !== bg || (next[at + 3]! & 255) !== attrs) {
        fg = next[at + 1]!;
        bg = next[at + 2]!;
        attrs = next[at + 3]! & 255;
        out += styleCode(fg, bg, attrs);
      }
      out += String.fromCodePoint(glyph);
      reached = col + 1;
    }
  }
  return encoder.encode(`${out}\x1b[0m`);
}

/** Builds each row as a string and writes those that are not what they were. */
function lineDiff(previous: string[], next: Uint32Array): Uint8Array {
  let out = "";
  for (let row = 0; row < rows; row++) {
    let text = "";
    let fg = 0;
    let bg = 0;
    let attrs = 0;
    let end = cols;
    for (; end > 0; end--) {
      const at = (row * cols + end - 1) * 4;
      if (next[at] !== 32 || next[at + 2] !== 0 || next[at + 3] !== 0) break;
    }
    for (let col = 0; col < end; col++) {
      const at = (row * cols + col) * 4;
      if (next[at + 1] !== fg || next[at + 2] !== bg || (next[at + 3]! & 255) !== attrs) {
        fg = next[at + 1]!;
        bg = next[at + 2]!;
        attrs = next[at + 3]! & 255;
        text += styleCode(fg, bg, attrs);
      }
      if (next[at] !== 0) text += String.fromCodePoint(next[at]!);
    }
    if (text === previous[row]) continue;
    previous[row] = text;
    out += `\x1b[${row + 1};1H${text}\x1b[0m${end < cols ? "\x1b[K" : ""}`;
  }
  return encoder.encode(out);
}

type Frames = { words: Uint32Array; dirty: number[] }[];

/**
 * The frames of a pattern, painted once: cells, and the rows in which each differs from the one before it; the first from
 * the last, so that they can be shown round and round.
 */
function record(pattern: (surface: Surface, frame: number) => void): Frames {
  const diff = open();
  const surface = openSurface(() => diff.next, diff, "true");
  screenful(surface, 0);
  const frames: Frames = [];
  for (let i = 0; i < frameCount; i++) {
    if (i > 0) pattern(surface, i - 1);
    frames.push({ words: diff.next.words.slice(), dirty: [] });
  }
  const row = (frame: Frames[number], y: number) => Buffer.from(frame.words.buffer, y * cols * 16, cols * 16);
  for (const [i, frame] of frames.entries()) {
    const before = frames.at(i - 1)!;
    for (let y = 0; y < rows; y++) if (!row(frame, y).equals(row(before, y))) frame.dirty.push(y);
  }
  return frames;
}

function open(): FrameDiff {
  return openDiff(kernel, { cols, rows, scroll: true, repeat: true, live: false });
}

const cursor = { row: rows - 3, col: 2, visible: true };
type Renderer = { start(first: Uint32Array): void; put(frame: Frames[number]): void; render(): Uint8Array };

function kernelCandidate(hint: boolean): Renderer {
  const diff = open();
  const put = (frame: Frames[number]) => {
    const stride = cols * 4;
    for (const row of frame.dirty) diff.next.words.set(frame.words.subarray(row * stride, (row + 1) * stride), row * stride);
    if (hint) for (const row of frame.dirty) diff.next.dirty[row] = 1;
    else diff.next.dirty.fill(1);
  };
  return {
    start(first) {
      diff.resize(cols, rows);
      diff.forget({ row: 0 });
      diff.next.words.set(first);
    },
    put,
    render: () => diff.render(cursor, budget),
  };
}
function cellCandidate(): Renderer {
  const previous = new Uint32Array(cols * rows * 4);
  let next: Uint32Array = previous;
  return {
    start(first) {
      for (let at = 0; at < previous.length; at++) previous[at] = at % 4 === 0 ? 32 : 0;
      next = first;
    },
    put: (frame) => {
      next = frame.words;
    },
    render: () => cellDiff(previous, next),
  };
}
function lineCandidate(): Renderer {
  const previous = new Array<string>(rows).fill("");
  let next: Uint32Array = new Uint32Array(0);
  return {
    start(first) {
      previous.fill("");
      next = first;
    },
    put: (frame) => {
      next = frame.words;
    },
    render: () => lineDiff(previous, next),
  };
}

/** No equality, no number: what a terminal shows after each tenth frame is what the grid says. */
function check(name: string, frames: Frames, candidate: Renderer): void {
  const terminal = openTerminal({ cols, rows, scrollback: 0 });
  candidate.start(frames[0]!.words);
  terminal.write(candidate.render());
  for (const [i, frame] of frames.entries()) {
    if (i === 0) continue;
    candidate.put(frame);
    const bytes = candidate.render();
    if (name.startsWith("kernel")) assert.deepEqual(checkPatch(bytes), { ok: true });
    terminal.write(bytes);
    if (i % 10 !== 0 && i !== frames.length - 1) continue;
    const grid: Cells = { cols, rows, words: frame.words, dirty: new Uint8Array(rows) };
    assert.equal(
      difference(
        terminal,
        grid,
        () => "?",
        () => "",
      ),
      undefined,
      `${name}, frame ${i}`,
    );
  }
  terminal.dispose();
}

/** Bytes of a frame, over all of them. */
function bytesOf(frames: Frames, candidate: Renderer): number {
  candidate.start(frames[0]!.words);
  candidate.render();
  let bytes = 0;
  for (const frame of frames.slice(1)) {
    candidate.put(frame);
    bytes += candidate.render().length;
  }
  return Math.round(bytes / (frames.length - 1));
}

/** Shows all frames once. */
function shows(name: string, frames: Frames, candidate: Renderer): Candidate {
  candidate.start(frames[0]!.words);
  return {
    name,
    run() {
      for (const frame of frames) {
        candidate.put(frame);
        candidate.render();
      }
    },
  };
}

/** Floors of time against cells and lines (about half of what was measured), and of bytes against cells (they never vary). */
const floors: Record<string, { cells: number; lines: number; bytes?: number }> = {
  "tokens in the last line": { cells: 20, lines: 40 },
  "spinner and status": { cells: 10, lines: 40 },
  typing: { cells: 20, lines: 40 },
  "append and scroll": { cells: 3, lines: 2, bytes: 40 },
  "wheel, 3 lines": { cells: 3, lines: 2.5, bytes: 15 },
  "dialog open and close": { cells: 1.5, lines: 3 },
  "full repaint": { cells: 1.1, lines: 1.05 },
};

function patternClaim(name: string): Claim {
  const frames = record(patterns[name]!);
  const renderers = {
    kernel: kernelCandidate(true),
    "kernel, every row dirty": kernelCandidate(false),
    cells: cellCandidate(),
    lines: lineCandidate(),
  };
  const floor = floors[name]!;
  const bytes: Record<string, number> = {};
  return claim({
    name: `diff: ${name}`,
    gate() {
      for (const [who, renderer] of Object.entries(renderers)) {
        check(who, frames, renderer);
        bytes[who] = bytesOf(frames, renderer);
      }
      if (floor.bytes !== undefined)
        assert.ok(bytes.cells! / bytes.kernel! >= floor.bytes, `${name}: ${bytes.cells} bytes against ${bytes.kernel}`);
    },
    ours: shows("kernel", frames, renderers.kernel),
    baselines: [
      { ...shows("kernel, every row dirty", frames, renderers["kernel, every row dirty"]) },
      { ...shows("cells", frames, renderers.cells), floor: floor.cells },
      { ...shows("lines", frames, renderers.lines), floor: floor.lines },
    ],
    work: { amount: frameCount, unit: "frames" },
    notes: () => ({ "bytes a frame": bytes.kernel!, "cells, bytes a frame": bytes.cells!, "lines, bytes a frame": bytes.lines! }),
  });
}

/** One changed cell in one dirty row, and what stands around a frame. */
function oneRow(): Claim {
  const calls = 1_000;
  const times = (name: string, run: (i: number) => void): Candidate => ({
    name: `${name}, ${calls} times`,
    run() {
      for (let i = 0; i < calls; i++) run(i);
    },
  });
  const diff = open();
  const surface = openSurface(() => diff.next, diff, "true");
  screenful(surface, 0);
  diff.render(cursor, budget);
  const { words: cells, dirty } = diff.next;
  const at = ((rows - 3) * cols + 20) * 4;
  const text = "the editor line with some words in it, as long as a person types, and then a little longer than that".padEnd(120, ".");
  const patch = encoder.encode("\x1b[?2026h\x1b[58;12Hsome more words\x1b[60;9H12346\x1b[58;27H\x1b[?2026l");
  const typed = (i: number): Uint8Array => {
    cells[at] = 97 + (i % 26);
    dirty[rows - 3] = 1;
    return diff.render(cursor, budget);
  };
  return claim({
    name: "diff: one cell in one dirty row",
    gate() {
      assert.deepEqual(checkPatch(patch), { ok: true });
      assert.ok(typed(1).length > 0);
      assert.equal(diff.render(cursor, budget).length, 0);
    },
    ours: times("diff", typed),
    baselines: [
      times("nothing dirty", () => diff.render(cursor, budget)),
      times("paint 120 columns of ASCII", () => surface.text(rows - 3, 0, text, plain)),
      times("paint 120 columns of CJK", () => surface.text(rows - 3, 0, "漢字かな交じり文".repeat(8), plain)),
      times("check a patch of 60 bytes", () => checkPatch(patch)),
    ],
    work: { amount: calls, unit: "frames" },
  });
}

export default [...Object.keys(patterns).map(patternClaim), oneRow()];
