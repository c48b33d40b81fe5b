// What a screen of an agent does, as frames that are painted once and then replayed on any grid: rows that were painted, and a scroll.
import { CELL_BYTES } from "../../assembly/abi/diff.ts";
import { colourRgb, type Style, type Surface } from "../../src/contracts/view.ts";
import type { Cells } from "../../src/kernels/frame-diff.ts";
import { openPlainDiff } from "../../src/kernels/reference/diff.ts";
import { openSurface } from "../../src/session/screen/surface.ts";

export const cols = 200;
export const rows = 60;
const rowWords = (cols * CELL_BYTES) / 4;

export const plain: Style = { fg: 0, bg: 0, attrs: 0 };
const dim: Style = { fg: colourRgb | 0x808080, bg: 0, attrs: 0 };
const code: Style = { fg: colourRgb | 0x7ec699, bg: 0, attrs: 0 };
const bar: Style = { fg: colourRgb | 0xffffff, bg: colourRgb | 0x303060, attrs: 1 };
const words =
  "the renderer keeps two grids of cells and sends what differs 漢字 between them as few bytes as it can while the answer streams".split(
    " ",
  );
/** The last row of the transcript: below it are a rule, the editor and the status. */
const last = rows - 5;

/** A line of a transcript: words of one style after another, other in each line. */
function line(surface: Surface, row: number, n: number): void {
  surface.clear(row);
  let col = surface.text(row, 0, `${n} `, dim);
  for (let i = 0; col < 60 + ((n * 37) % 110); i++)
    col = surface.text(row, col, `${words[(n * 7 + i * 3) % words.length]} `, i % 5 === 0 ? code : plain);
}
export function screenful(surface: Surface, first: number): void {
  for (let row = 0; row <= last; row++) line(surface, row, first + row);
  surface.text(rows - 4, 0, "─".repeat(cols), dim);
  surface.text(rows - 3, 0, "> ", plain);
  surface.fill(rows - 1, 0, cols, bar);
  surface.text(rows - 1, 1, "model  12,345 tokens  $0.12", bar);
}

type Pattern = (surface: Surface, frame: number) => void;

/** An answer as it streams: a few words a frame (100 words a second at 30 frames) in the last line, which scrolls up when it is full. */
function paragraphs(): Pattern {
  const wordsEach = 3;
  const linesEach = 6;
  let col = cols;
  let lines = 0;
  let n = 0;
  return (surface) => {
    for (let i = 0; i < wordsEach; i++, n++) {
      const word = `${words[(n * 5 + (n >> 3)) % words.length]} `;
      if (col + word.length + 2 > cols) {
        surface.scroll(0, last, ++lines % linesEach === 0 ? 2 : 1);
        col = 0;
      }
      col = surface.text(last, col, word, n % 23 === 0 ? code : plain);
    }
  };
}

export const patterns: Record<string, () => Pattern> = {
  "tokens, a paragraph that wraps and scrolls": paragraphs,
  "tokens in the last line, no scroll": () => (surface, i) => {
    if (i % 25 === 0) surface.clear(last);
    surface.text(last, (i % 25) * 7, `${words[i % words.length]!.slice(0, 6)} `, plain);
  },
  "spinner and status": () => (surface, i) => {
    surface.text(rows - 2, 0, "⠋⠙⠹⠸⠼⠴⠦⠧"[i % 8]!, dim);
    surface.text(rows - 1, 8, `${12_345 + i} tokens`, bar);
  },
  typing: () => (surface, i) => void surface.text(rows - 3, 2 + (i % 190), String.fromCharCode(97 + (i % 26)), plain),
  "append and scroll": () => (surface, i) => {
    surface.scroll(0, last, 1);
    line(surface, last, 1_000 + i);
  },
  "wheel, 3 lines": () => (surface, i) => {
    const up = i % 40 < 20;
    surface.scroll(0, last, up ? 3 : -3);
    for (let k = 0; k < 3; k++) line(surface, up ? last - k : k, 5_000 + (i * 3 + k) * (up ? 1 : 7));
  },
  "dialog open and close": () => (surface, i) => {
    for (let row = 15; row < 40; row++) {
      line(surface, row, row);
      if (i % 2 === 0) {
        surface.fill(row, 60, 140, bar);
        surface.text(row, 62, row === 15 ? "Pick a model" : `provider/model-${row}`, bar);
      }
    }
  },
  "full repaint": () => (surface, i) => screenful(surface, i * 1_009),
};

export type Scroll = { top: number; bottom: number; n: number };
/** What was painted for a frame: a scroll, then whole rows. */
export type Frame = { scroll: Scroll | undefined; rows: { row: number; words: Uint32Array }[] };

/** Paints `count` frames of a pattern. The first is whole, so that they can be shown round and round. */
export function record(pattern: Pattern, count: number): Frame[] {
  const diff = openPlainDiff({ cols, rows, scroll: true, repeat: true, live: false });
  const { words, dirty } = diff.next;
  let scroll: Scroll | undefined;
  const cells: Cells = {
    ...diff.next,
    scrolled(top, bottom, n) {
      if (scroll !== undefined) throw new Error("a pattern scrolls once a frame");
      scroll = { top, bottom, n };
      return true;
    },
  };
  const surface = openSurface(() => cells, diff, "true");
  const take = (): Frame => {
    const painted = [...dirty.keys()].filter((row) => dirty[row] === 1);
    const frame = { scroll, rows: painted.map((row) => ({ row, words: words.slice(row * rowWords, (row + 1) * rowWords) })) };
    dirty.fill(0);
    scroll = undefined;
    return frame;
  };
  screenful(surface, 0);
  dirty.fill(1);
  const frames = [take()];
  for (let i = 0; i < count - 1; i++) {
    pattern(surface, i);
    frames.push(take());
  }
  return frames;
}

/** Brings a grid to the next frame: what a view costs that paints, the same for everybody. */
export function put(words: Uint32Array, { scroll, rows }: Frame): void {
  if (scroll !== undefined) {
    const { top, bottom, n } = scroll;
    if (n > 0) words.copyWithin(top * rowWords, (top + n) * rowWords, (bottom + 1) * rowWords);
    else words.copyWithin((top - n) * rowWords, top * rowWords, (bottom + 1 + n) * rowWords);
  }
  for (const { row, words: painted } of rows) words.set(painted, row * rowWords);
}
