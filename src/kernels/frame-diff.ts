// What a screen needs of a frame diff: cells to paint on, and the bytes that bring a terminal to them. Two versions:
// diff.ts (the WASM kernel) and reference/diff.ts (plain, obviously right).
import type { Cursor } from "../contracts/view.ts";

/** A grid of cells, four words each as assembly/abi/diff.ts describes. The arrays are made again by `resize`: do not keep them. */
export interface Cells {
  readonly cols: number;
  readonly rows: number;
  readonly words: Uint32Array;
  /** Set to 1 for each row that was touched; cleared when its change has been rendered. */
  readonly dirty: Uint8Array;
  /**
   * A painter that has moved rows top..bottom of `words` up by `by` rows (down when negative) may say so. true: it was taken, and the
   * painter moves the rows of `dirty` along instead of marking them all. A scroll costs nothing then but its bytes.
   */
  scrolled?(top: number, bottom: number, by: number): boolean;
}

export type FrameDiffOptions = {
  cols: number;
  rows: number;
  /** Use scroll regions. Never in inline mode: rows must only leave upwards through the terminal's scrollback. */
  scroll: boolean;
  /** The terminal knows REP (CSI b). */
  repeat: boolean;
  /** Have a second grid `live` to paint on. */
  live: boolean;
};

/** Paints what is easy of a text: characters of one code point that join nothing. The rest, and how it looks, is the surface's. */
export interface CellPainter {
  /** Takes a text of at most PAINT_UNITS_MAX units and answers its bytes in UTF-8. Valid until the next frame or text. */
  take(text: string): number;
  /**
   * Paints what was taken, from byte `from` to the end `to`, on cells from word `at` of `words` on, `room` of them at most, and stops before
   * the first character that is not easy. Answers columns | units << 10 | bytes << 20.
   */
  paint(words: Uint32Array, at: number, room: number, from: number, to: number, fg: number, bg: number, attrs: number): number;
}

export interface FrameDiff {
  /** What shall be on the terminal. */
  readonly next: Cells;
  /** Paint area of inline mode; the screen copies from it into `next`. */
  readonly live: Cells | undefined;
  /** A shorter way from text to its cells, where there is one. */
  readonly painter?: CellPainter;
  /** The glyph word for a cluster of several code points, at most 63 UTF-8 bytes. */
  glyph(cluster: string): number;
  /** The slot of an address, 0 when it is none that may be shown: only http, https and file. */
  link(address: string): number;
  /** Both grids become blank, the terminal's content unknown. */
  resize(cols: number, rows: number): void;
  /**
   * The terminal's content is unknown: the next frame clears it and paints it again. `row`: from that row on, rows above stay
   * as they are. `up`: from so many rows above the cursor on, wherever that is (after a resize of the main screen).
   */
  forget(from: { row: number } | { up: number }): void;
  /** Line feeds at the bottom row, before what the next frame paints: the terminal's rows move up by `count`, into its scrollback. */
  feed(count: number): void;
  /**
   * Bytes that take the terminal from the last frame to `next` and put the cursor in its place; empty when it is there
   * already. A copy. When they exceed `budget` bytes the rest stays dirty for the next frame and `unfinished` is true.
   */
  render(cursor: Cursor, budget: number): Uint8Array;
  readonly unfinished: boolean;
  /** Gives the memory back. After it grids are empty, nothing is painted and no frame has bytes. */
  close(): void;
  /** Bytes held. */
  readonly memory: number;
}
