// The diff kernel (assembly/diff) as a FrameDiff: one instance, with a memory of its own, for each screen that is open.
// Budget: a frame with one dirty row of 200x60 in 1 us, this wrapper included (bench/diff.ts).
import {
  CELL_BYTES,
  CELL_OUT_MAX,
  DIRTY,
  GRAPHEME,
  GRAPHEME_SLOT_BYTES,
  GRAPHEMES,
  GRAPHEMES_MAX,
  LINK_SHIFT,
  LINK_SLOT_BYTES,
  LINKS,
  LINKS_MAX,
  LIVE_DIRTY,
  OPTION_LIVE,
  OPTION_REPEAT,
  OPTION_SCROLL,
  OUT,
  PAINT_UNITS_MAX,
} from "../../assembly/abi/diff.ts";
import type { Cursor } from "../contracts/view.ts";
import type { Cells, FrameDiff, FrameDiffOptions } from "./frame-diff.ts";
import { frameBytes, showableLink } from "./frame-envelope.ts";
import { giveInstance, takeInstance } from "./instances.ts";

type Exports = {
  memory: WebAssembly.Memory;
  open(cols: number, rows: number, options: number): number;
  nextGrid(): number;
  liveGrid(): number;
  previousGrid(): number;
  begin(): void;
  clear(from: number): number;
  clearAround(up: number): number;
  feed(count: number): number;
  scrolled(top: number, bottom: number, by: number): number;
  compare(): number;
  rows(): number;
  finish(row: number, col: number): number;
  plainFrame(row: number, col: number): number;
  paint(cell: number, room: number, from: number, to: number, fg: number, bg: number, attrs: number): number;
  written(): number;
};

/** A table in kernel memory: texts in slots, given again when no cell of any grid names them any more. Empty, it holds next to nothing. */
class Slots {
  readonly #first: number;
  readonly #end: number;
  readonly #known = new Map<string, number>();
  readonly #free: number[] = [];
  /** From here on slots were never taken. */
  #fresh: number;

  constructor(first: number, end: number) {
    this.#first = first;
    this.#end = end;
    this.#fresh = first;
  }

  get(text: string): number | undefined {
    return this.#known.get(text);
  }

  /** A free slot for `text`, after `used` said which slots still show when there is none. undefined: all do. */
  take(text: string, used: () => Set<number>): number | undefined {
    if (this.#fresh === this.#end && this.#free.length === 0) {
      const shown = used();
      for (const [known, slot] of this.#known) {
        if (shown.has(slot)) continue;
        this.#known.delete(known);
        this.#free.push(slot);
      }
    }
    const slot = this.#free.pop() ?? (this.#fresh < this.#end ? this.#fresh++ : undefined);
    if (slot !== undefined) this.#known.set(text, slot);
    return slot;
  }

  clear(): void {
    this.#known.clear();
    this.#free.length = 0;
    this.#fresh = this.#first;
  }
}

const encoder = new TextEncoder();

/**
 * Opens a frame diff of `options.cols` x `options.rows` cells, all blank, the terminal taken as blank with the cursor unknown.
 * @throws RangeError for a size outside of 1x1 to 500x200, or when memory is refused
 */
export function openDiff(module: WebAssembly.Module, options: FrameDiffOptions): FrameDiff {
  // Two grids, and what the kernel has besides: near enough to choose among instances.
  const kernel = takeInstance<Exports>(module, OUT + options.cols * (options.rows * 2 * CELL_BYTES + CELL_OUT_MAX));
  const bits = (options.scroll ? OPTION_SCROLL : 0) | (options.repeat ? OPTION_REPEAT : 0) | (options.live ? OPTION_LIVE : 0);
  const graphemes = new Slots(0, GRAPHEMES_MAX);
  const links = new Slots(1, LINKS_MAX);
  let bytes = new Uint8Array(0);
  /** Where text to be painted is put. */
  let input = bytes;
  let next: Cells;
  let live: Cells | undefined;
  let grids = new Uint32Array(0);
  let feeds = 0;
  /** What the painter told of a scroll since the last frame. */
  let moved: { top: number; bottom: number; by: number } | undefined;
  let forgotten: { row: number } | { up: number } | undefined;
  let cursorShown: boolean | undefined;
  let unfinished = false;
  let closed = false;

  function lay(cols: number, rows: number): void {
    const end = kernel.open(cols, rows, bits);
    if (end === 0) throw new RangeError(`A screen of ${cols}x${rows} cells cannot be opened: too large, or out of memory`);
    const buffer = kernel.memory.buffer;
    bytes = new Uint8Array(buffer);
    input = new Uint8Array(buffer, OUT, PAINT_UNITS_MAX * 3);
    const words = cols * rows * 4;
    next = { cols, rows, words: new Uint32Array(buffer, kernel.nextGrid(), words), dirty: new Uint8Array(buffer, DIRTY, rows), scrolled };
    live = options.live
      ? { cols, rows, words: new Uint32Array(buffer, kernel.liveGrid(), words), dirty: new Uint8Array(buffer, LIVE_DIRTY, rows) }
      : undefined;
    grids = new Uint32Array(buffer, kernel.previousGrid(), (end - kernel.previousGrid()) >> 2);
    graphemes.clear();
    links.clear();
    feeds = 0;
    moved = undefined;
    forgotten = undefined;
    cursorShown = undefined;
    unfinished = false;
  }
  lay(options.cols, options.rows);

  /** One scroll a frame is passed on, and more of the same; what comes on top of that the kernel finds by itself. */
  function scrolled(top: number, bottom: number, by: number): boolean {
    // A region of one row is none: terminals ignore such margins.
    if (!options.scroll || top >= bottom || forgotten !== undefined || feeds > 0) return false;
    if (moved === undefined) moved = { top, bottom, by };
    else if (moved.top !== top || moved.bottom !== bottom || moved.by > 0 !== by > 0) return false;
    else moved.by = Math.max(-next.rows, Math.min(next.rows, moved.by + by));
    return true;
  }

  function shownGlyphs(): Set<number> {
    const used = new Set<number>();
    for (let at = 0; at < grids.length; at += 4) if (grids[at]! >= GRAPHEME) used.add(grids[at]! - GRAPHEME);
    return used;
  }
  function shownLinks(): Set<number> {
    const used = new Set<number>();
    for (let at = 3; at < grids.length; at += 4) used.add(grids[at]! >>> LINK_SHIFT);
    return used;
  }

  return {
    get next() {
      return next;
    },
    get live() {
      return live;
    },
    get unfinished() {
      return unfinished;
    },
    get memory() {
      return bytes.length;
    },

    painter: {
      take: (text) => encoder.encodeInto(text, input).written,
      paint: (words, at, room, from, to, fg, bg, attrs) =>
        // Cells that lie elsewhere are out of the kernel's reach.
        words.buffer !== bytes.buffer ? 0 : kernel.paint(words.byteOffset + at * 4, room, OUT + from, OUT + to, fg, bg, attrs) >>> 0,
    },

    glyph(cluster) {
      if (closed) return cluster.codePointAt(0)!;
      const known = graphemes.get(cluster);
      if (known !== undefined) return (GRAPHEME | known) >>> 0;
      const text = encoder.encode(cluster);
      if (text.length >= GRAPHEME_SLOT_BYTES) throw new RangeError(`A cluster of ${text.length} bytes: the painter must shorten it`);
      const slot = graphemes.take(cluster, shownGlyphs);
      // More different clusters on one screen than slots: the base alone is shown.
      if (slot === undefined) return cluster.codePointAt(0)!;
      const at = GRAPHEMES + slot * GRAPHEME_SLOT_BYTES;
      bytes[at] = text.length;
      bytes.set(text, at + 1);
      return (GRAPHEME | slot) >>> 0;
    },

    link(address) {
      if (closed) return 0;
      const known = links.get(address);
      if (known !== undefined) return known;
      const text = showableLink(address, LINK_SLOT_BYTES - 2);
      if (text === undefined) return 0;
      const slot = links.take(address, shownLinks);
      if (slot === undefined) return 0;
      const at = LINKS + slot * LINK_SLOT_BYTES;
      bytes[at] = text.length & 255;
      bytes[at + 1] = text.length >> 8;
      bytes.set(encoder.encode(text), at + 2);
      return slot;
    },

    resize(cols, rows) {
      if (!closed) lay(cols, rows);
    },

    forget(from) {
      forgotten = from;
      moved = undefined;
      next.dirty.fill(1);
      cursorShown = undefined;
    },

    feed(count) {
      feeds += count;
    },

    close() {
      if (closed) return;
      closed = true;
      unfinished = false;
      // Whoever paints on still does so nowhere.
      next = { cols: 0, rows: 0, words: new Uint32Array(0), dirty: new Uint8Array(0) };
      if (live !== undefined) live = next;
      bytes = new Uint8Array(0);
      grids = new Uint32Array(0);
      giveInstance(module, kernel);
    },

    render(cursor: Cursor, budget: number) {
      if (closed) return bytes;
      const row = Math.max(0, Math.min(next.rows - 1, cursor.row));
      const col = Math.max(0, Math.min(next.cols - 1, cursor.col));
      const before = cursorShown;
      cursorShown = cursor.visible;
      unfinished = false;
      let parts: Uint8Array[] | undefined;
      let length = -1;
      if (forgotten === undefined && feeds === 0 && moved === undefined) length = kernel.plainFrame(row, col);
      else {
        kernel.begin();
        if (forgotten !== undefined) {
          if ("row" in forgotten) kernel.clear(forgotten.row);
          else kernel.clearAround(forgotten.up);
          forgotten = undefined;
        }
        if (feeds > 0) kernel.feed(feeds);
        feeds = 0;
        if (moved !== undefined) kernel.scrolled(moved.top, moved.bottom, moved.by);
        moved = undefined;
        kernel.compare();
        if (kernel.rows() === 0) length = kernel.finish(row, col);
      }
      if (length < 0) {
        parts = [];
        let total = 0;
        do {
          const written = kernel.written();
          parts.push(bytes.slice(OUT, OUT + written));
          total += written;
          kernel.begin();
          unfinished = total >= budget;
        } while (!unfinished && kernel.rows() === 1);
        length = kernel.finish(row, col);
      }
      return frameBytes(parts, bytes, OUT, length, before, cursor.visible);
    },
  };
}
