// Claims at 200x60, from painted cells to bytes (goals; a floor is about half of what was measured, never under half of the goal):
//   tokens in a paragraph, spinner: 8 and 9 times a TypeScript cell diff, 40 times line strings; append and scroll: 5 times
//   bytes of a frame, all of it counted: append and scroll 40, tokens 40, wheel 15 times fewer than the cell diff (in the gate)
//   one dirty row: 1 us, which is some 50 times a cell diff;  full repaint: about 2 times, it is byte output
// Everybody paints the same into a grid of his own (`painting alone`, a part of every figure), has it compared and gets bytes.
// `kernel` is told by its painter of dirty rows and of scrolls, as the product's is; `scroll not told` finds scrolls by itself;
// `every row dirty` is told nothing. Baselines: bench/support/frame-baselines.ts.
import assert from "node:assert/strict";
import { openDiff } from "../src/kernels/diff.ts";
import type { Cells, FrameDiff } from "../src/kernels/frame-diff.ts";
import { loadKernel } from "../src/kernels/load.ts";
import { checkPatch } from "../src/protocol/index.ts";
import { openSurface } from "../src/session/screen/surface.ts";
import { difference } from "../test/support/cell-programs.ts";
import { openTerminal } from "../test/support/terminal-oracle.ts";
import { type Candidate, type Claim, claim, smoke } from "./harness.ts";
import { cellDiff, lineDiff } from "./support/frame-baselines.ts";
import { cols, type Frame, patterns, plain, put, record, rows, screenful } from "./support/frames.ts";

const frameCount = smoke ? 12 : 100;
const budget = 4 << 20;
const kernel = loadKernel("dist/kernels", "diff");
const cursor = { row: rows - 3, col: 2, visible: true };

/** Takes a frame in; says what brings the terminal from the one before to it. */
type Renderer = { start(): void; put(frame: Frame): void; render(): Uint8Array };

const open = (): FrameDiff => openDiff(kernel, { cols, rows, scroll: true, repeat: true, live: false });

function kernelRenderer(told: "all" | "rows" | "nothing"): Renderer {
  const diff = open();
  return {
    start() {
      diff.resize(cols, rows);
      diff.forget({ row: 0 });
      diff.render(cursor, budget);
    },
    put(frame) {
      const { words, dirty } = diff.next;
      put(words, frame);
      if (told === "nothing") {
        dirty.fill(1);
        return;
      }
      if (frame.scroll !== undefined) {
        const { top, bottom, n } = frame.scroll;
        if (told === "rows" || !diff.next.scrolled!(top, bottom, n)) dirty.fill(1, top, bottom + 1);
      }
      for (const { row } of frame.rows) dirty[row] = 1;
    },
    render: () => diff.render(cursor, budget),
  };
}
function cellRenderer(frugal: boolean): Renderer {
  const previous = new Uint32Array(cols * rows * 4);
  const next = new Uint32Array(cols * rows * 4);
  return {
    start: () => {
      for (let at = 0; at < previous.length; at++) previous[at] = at % 4 === 0 ? 32 : 0;
    },
    put: (frame) => put(next, frame),
    render: () => cellDiff(previous, next, frugal),
  };
}
function lineRenderer(): Renderer {
  const previous = new Array<string>(rows).fill("");
  const next = new Uint32Array(cols * rows * 4);
  return {
    start: () => void previous.fill(""),
    put: (frame) => put(next, frame),
    render: () => lineDiff(previous, next),
  };
}
function paintingAlone(): Renderer {
  const next = new Uint32Array(cols * rows * 4);
  return { start() {}, put: (frame) => put(next, frame), render: () => next as unknown as Uint8Array };
}

/** No equality, no number: what a terminal shows after each tenth frame is what the grid says. Answers the bytes of a frame. */
function check(name: string, frames: Frame[], renderer: Renderer): number {
  const terminal = openTerminal({ cols, rows, scrollback: 0 });
  const grid: Cells = { cols, rows, words: new Uint32Array(cols * rows * 4), dirty: new Uint8Array(rows) };
  let bytes = 0;
  renderer.start();
  for (const [i, frame] of frames.entries()) {
    put(grid.words, frame);
    renderer.put(frame);
    const patch = renderer.render();
    if (name.startsWith("kernel")) assert.deepEqual(checkPatch(patch), { ok: true });
    if (i > 0) bytes += patch.length;
    terminal.write(patch);
    if (i % 10 !== 0 && i !== frames.length - 1) continue;
    const wrong = difference(
      terminal,
      grid,
      () => "?",
      () => "",
    );
    assert.equal(wrong, undefined, `${name}, frame ${i}`);
    assert.deepEqual(terminal.cursor, cursor);
  }
  terminal.dispose();
  return Math.round(bytes / (frames.length - 1));
}

/** Shows all frames once. */
function shows(name: string, frames: Frame[], renderer: Renderer): Candidate {
  renderer.start();
  return {
    name,
    run() {
      for (const frame of frames) {
        renderer.put(frame);
        renderer.render();
      }
    },
  };
}

/** Floors of time against cells and lines, and of bytes against cells. */
const floors: Record<string, { cells: number; lines: number; bytes?: number }> = {
  "tokens, a paragraph that wraps and scrolls": { cells: 30, lines: 50, bytes: 30 },
  "tokens in the last line, no scroll": { cells: 30, lines: 80 },
  "spinner and status": { cells: 12, lines: 40 },
  typing: { cells: 30, lines: 80 },
  "append and scroll": { cells: 25, lines: 12, bytes: 60 },
  "wheel, 3 lines": { cells: 15, lines: 8, bytes: 20 },
  "dialog open and close": { cells: 2.5, lines: 4 },
  "full repaint": { cells: 2, lines: 1.1 },
};

function patternClaim(name: string): Claim {
  const frames = record(patterns[name]!(), frameCount);
  const scrolls = frames.some(({ scroll }) => scroll !== undefined);
  const renderers: Record<string, Renderer> = {
    kernel: kernelRenderer("all"),
    ...(scrolls ? { "kernel, scroll not told": kernelRenderer("rows") } : {}),
    "kernel, every row dirty": kernelRenderer("nothing"),
    cells: cellRenderer(false),
    "cells, styles only when they change": cellRenderer(true),
    lines: lineRenderer(),
  };
  const floor = floors[name]!;
  const bytes: Record<string, number> = {};
  const [ours, ...others] = Object.keys(renderers).map((who) => shows(who, frames, renderers[who]!));
  return claim({
    name: `diff: ${name}`,
    gate() {
      for (const [who, renderer] of Object.entries(renderers)) bytes[who] = check(who, frames, renderer);
      const fewer = bytes.cells! / bytes.kernel!;
      // A smoke run has too few frames for the one that scrolls.
      if (!smoke) assert.ok(fewer >= (floor.bytes ?? 0), `${name}: only ${fewer.toFixed(1)} times fewer bytes than cells`);
    },
    ours: ours!,
    baselines: [
      ...others.map((other) => ({ ...other, ...(other.name === "cells" || other.name === "lines" ? { floor: floor[other.name] } : {}) })),
      shows("painting alone", frames, paintingAlone()),
    ],
    work: { amount: frameCount, unit: "frames" },
    notes: () => ({
      "bytes a frame": Object.entries(bytes)
        .map(([who, count]) => `${who} ${count}`)
        .join(", "),
      "times fewer than cells": `${(bytes.cells! / bytes.kernel!).toFixed(1)}${floor.bytes === undefined ? "" : ` (floor ${floor.bytes})`}`,
    }),
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
  const previous = cells.slice();
  const next = cells.slice();
  const at = ((rows - 3) * cols + 20) * 4;
  const text = "the editor line with some words in it, as long as a person types, and then a little longer than that".padEnd(120, ".");
  const patch = new TextEncoder().encode("\x1b[?2026h\x1b[58;12Hsome more words\x1b[60;9H12346\x1b[58;27H\x1b[?2026l");
  const typed = (i: number): Uint8Array => {
    cells[at] = 97 + (i % 26);
    dirty[rows - 3] = 1;
    return diff.render(cursor, budget);
  };
  return claim({
    name: "diff: one cell in one dirty row",
    gate() {
      assert.deepEqual(checkPatch(patch), { ok: true });
      assert.match(new TextDecoder().decode(typed(1)), /b/);
      assert.equal(diff.render(cursor, budget).length, 0);
      next[at] = 98;
      assert.match(new TextDecoder().decode(cellDiff(previous, next)), /b/);
    },
    ours: times("diff", typed),
    baselines: [
      {
        ...times("cells", (i) => {
          next[at] = 97 + (i % 26);
          cellDiff(previous, next);
        }),
        floor: 50,
      },
      times("nothing dirty", () => diff.render(cursor, budget)),
      times("paint 120 columns of ASCII", () => surface.text(rows - 3, 0, text, plain)),
      times("paint 120 columns of CJK", () => surface.text(rows - 3, 0, "漢字かな交じり文".repeat(8), plain)),
      times("check a patch of 60 bytes", () => checkPatch(patch)),
    ],
    work: { amount: calls, unit: "frames" },
  });
}

export default [...Object.keys(patterns).map(patternClaim), oneRow()];
