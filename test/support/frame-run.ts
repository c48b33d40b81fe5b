// Random frames in any number, each compared with a real terminal cell by cell; bench/bars/frames.ts runs a hundred thousand.
import assert from "node:assert/strict";
import fc from "fast-check";
import { attr, colourPalette, colourRgb, type InlineLine, type Style } from "../../src/contracts/view.ts";
import type { TerminalTraits } from "../../src/protocol/index.ts";
import { wrapLine } from "../../src/session/screen/inline.ts";
import { Attached } from "../session/screen/rig.ts";
import { difference, type Op, op, resize } from "./cell-programs.ts";
import { Rig } from "./frame-rig.ts";

/** `used`: patches that had a control sequence, by its last character; `link` for OSC 8. What is never used is not tested. */
export type RandomRun = { frames: number; bytes: number; wrong: string[]; used: Record<string, number> };

const decoder = new TextDecoder();
function note(run: RandomRun, patch: Uint8Array): void {
  run.frames++;
  run.bytes += patch.length;
  const text = decoder.decode(patch);
  for (const kind of new Set(text.match(/(?<=\x1b\[\d*[\d;]*)[A-Za-z]/g))) run.used[kind] = (run.used[kind] ?? 0) + 1;
  if (text.includes("\x1b]8;;h")) run.used.link = (run.used.link ?? 0) + 1;
  if (text.includes("\r\n")) run.used.feed = (run.used.feed ?? 0) + 1;
}

const depths: TerminalTraits["colours"][] = ["none", "16", "256", "true"];
const steps = fc.array(fc.oneof({ weight: 30, arbitrary: op }, { weight: 1, arbitrary: resize }), {
  minLength: 40,
  maxLength: 120,
  size: "max",
});

/** Mulberry32: small, and the same everywhere. */
function random(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const words = ["the", "reader", "keeps", "漢字", "of", "======", "each", "👨‍👩‍👧‍👦", "line", "────────", "é", "it", "has"];
const styles: Style[] = [
  { fg: 0, bg: 0, attrs: 0 },
  { fg: 0, bg: 0, attrs: 0 },
  { fg: colourRgb | 0x7ec699, bg: 0, attrs: 0 },
  { fg: colourPalette | 4, bg: 0, attrs: attr.bold },
  { fg: 0, bg: colourPalette | 236, attrs: 0 },
  { fg: 0, bg: 0, attrs: attr.underline, link: "https://example.org/a" },
  { fg: colourRgb | 0xffffff, bg: colourRgb | 0x303060, attrs: attr.italic | attr.inverse },
];
const styled = (next: (below: number) => number): { text: string; style: Style }[] =>
  Array.from({ length: next(9) }, () => ({ text: `${words[next(words.length)]} `, style: styles[next(styles.length)]! }));

/** Frames of generated programs, on small screens where everything meets an edge. */
function program(rig: Rig, seed: number): void {
  const [list] = fc.sample(steps, { seed, numRuns: 1 }) as [Op[]];
  for (const step of list) rig.step(step);
  rig.redraw();
}

/** Frames of a transcript: it grows, scrolls by lines and pages, told and not told, with a dialog over it now and then. */
function transcript(rig: Rig, next: (below: number) => number, frames: number): void {
  const { cols, rows } = rig.diff.next;
  const bottom = rows - 3;
  const line = (row: number): void => {
    rig.surface.clear(row);
    let col = 0;
    for (const { text, style } of styled(next)) col = rig.surface.text(row, col, text, style);
  };
  for (let i = 0; i < frames; i++) {
    for (let n = 1 + next(3); n > 0; n--) {
      const kind = next(12);
      if (kind < 3) rig.surface.text(bottom, next(cols), `${words[next(words.length)]} `, styles[next(styles.length)]!);
      else if (kind < 7) {
        const by = (1 + next(kind === 3 ? rows : 4)) * (next(3) === 0 ? -1 : 1);
        const top = next(4) === 0 ? next(bottom) : 0;
        rig.surface.scroll(top, bottom, by);
        // Not told: every row of it counts as painted, and the kernel finds the scroll by itself.
        if (next(2) === 0) rig.diff.next.dirty.fill(1);
        for (let k = 0; k < Math.min(Math.abs(by), bottom - top + 1); k++) line(by > 0 ? bottom - k : top + k);
      } else if (kind < 9) line(next(rows));
      else if (kind === 9) for (let row = 2; row < bottom - 2; row++) rig.surface.fill(row, 5, cols - 5, styles[next(styles.length)]!);
      else if (kind === 10) for (let row = 0; row < rows; row++) line(row);
      else rig.surface.text(rows - 1, 0, "⠋⠙⠹⠸⠼⠴"[next(6)]!, styles[next(styles.length)]!);
    }
    rig.step({ op: "frame", row: next(rows), col: next(cols), visible: next(4) > 0 });
  }
}

/** Runs episodes until `count` frames were compared; a wrong one is told with the seed that makes it again. */
export function randomFrames(count: number, seed: number, onEpisode?: (run: RandomRun) => void): RandomRun {
  const run: RandomRun = { frames: 0, bytes: 0, wrong: [], used: {} };
  for (let episode = 0; run.frames < count; episode++) {
    const own = (seed * 1_000_003 + episode) | 0;
    const next = random(own);
    const big = episode % 4 === 3;
    const options = {
      cols: big ? 30 + next(60) : 2 + next(25),
      rows: big ? 8 + next(20) : 2 + next(11),
      colours: depths[next(depths.length)]!,
      repeat: next(4) > 0,
      scroll: next(5) > 0,
    };
    const rig = new Rig(options);
    const render = rig.diff.render.bind(rig.diff);
    rig.diff.render = (cursor, budget) => {
      const bytes = render(cursor, budget);
      note(run, bytes);
      return bytes;
    };
    try {
      if (big) transcript(rig, next, 40);
      else program(rig, own);
    } catch (error) {
      run.wrong.push(`seed ${seed}, episode ${episode}, ${JSON.stringify(options)}: ${(error as Error).message}`);
    }
    rig.terminal.dispose();
    onEpisode?.(run);
  }
  return run;
}

/** Inline mode: committed lines are on the terminal and in its scrollback once, in order, in their styles, above one live region. */
export function randomInline(count: number, seed: number): RandomRun {
  const run: RandomRun = { frames: 0, bytes: 0, wrong: [], used: {} };
  for (let episode = 0; run.frames < count; episode++) {
    const next = random((seed * 7_368_787 + episode) | 0);
    const [cols, rows] = [20 + next(40), 8 + next(14)];
    const colours = depths[next(depths.length)]!;
    const it = new Attached({ mode: "inline", cols, rows, term: { name: "xterm", colours } });
    const committed: InlineLine[] = [];
    try {
      for (let frame = 0; frame < 40; frame++) {
        for (let n = next(4) === 0 ? next(30) : next(3); n > 0; n--) {
          const line = { spans: [{ text: `c${committed.length} `, style: styles[0]! }, ...styled(next)] };
          committed.push(line);
          it.view.commits.push(line);
        }
        if (next(5) === 0) it.view.liveRows = 1 + next(rows - 1);
        if (next(3) === 0) it.view.lines.push(`live ${next(1_000)}`);
        if (next(3) === 0) it.type("k");
        it.view.host.invalidate();
        it.settle();
      }
      compareInline(it, committed, cols, colours);
    } catch (error) {
      run.wrong.push(`inline, seed ${seed}, episode ${episode}, ${cols}x${rows}, ${colours}: ${(error as Error).message}`);
    }
    for (const { bytes } of it.patches) note(run, bytes);
    it.terminal.dispose();
  }
  return run;
}

function compareInline(it: Attached, committed: InlineLine[], cols: number, colours: TerminalTraits["colours"]): void {
  const wanted = committed.flatMap((line) => wrapLine(line, cols));
  // The same rows, painted on a grid of their own: what the terminal must show from the first committed row on.
  const rig = new Rig({ cols, rows: Math.min(200, Math.max(1, wanted.length)), plain: true, colours });
  const all = [...it.terminal.scrollback(), ...it.terminal.lines()];
  const first = all.findIndex((line) => /^c0( |$)/.test(line));
  for (let from = 0; from < wanted.length; from += rig.diff.next.rows) {
    const part = wanted.slice(from, from + rig.diff.next.rows);
    for (let row = 0; row < rig.diff.next.rows; row++) {
      rig.surface.clear(row);
      let col = 0;
      for (const { text, style } of part[row] ?? []) col = rig.surface.text(row, col, text, style);
    }
    const grid = { ...rig.diff.next, rows: part.length };
    const shown = { ...it.terminal, cell: (row: number, col: number) => it.terminal.backCell(first + from + row, col) };
    assert.equal(difference(shown, grid, rig.cluster, rig.address), undefined, `committed row ${from} and after`);
  }
  const after = all.slice(first + wanted.length).filter((line) => line !== "");
  const live = it.view.liveRows;
  assert.ok(after.length <= live, `${after.length} rows below what was committed, the live region has ${live}`);
  assert.match(after.at(-1)!, /^>/);
  rig.terminal.dispose();
}
