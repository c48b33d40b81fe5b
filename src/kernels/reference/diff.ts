// The plain version of the diff kernel: every row that changed is written whole, each cell with its own position and style.
// Slow and long, and right by looking at it; the tests hold the kernel against it.
import {
  ATTR_MASK,
  CELL_UNSURE,
  CELL_WIDE,
  COLOUR_PALETTE,
  GRAPHEME,
  GRAPHEME_SLOT_BYTES,
  LINK_SHIFT,
  LINK_SLOT_BYTES,
  LINKS_MAX,
} from "../../../assembly/abi/diff.ts";
import type { Cells, FrameDiff, FrameDiffOptions } from "../frame-diff.ts";
import { envelopeRoom, frameBytes, showableLink } from "../frame-envelope.ts";

const encoder = new TextEncoder();

function grid(cols: number, rows: number): Cells {
  const words = new Uint32Array(cols * rows * 4);
  for (let at = 0; at < words.length; at += 4) words[at] = 32;
  return { cols, rows, words, dirty: new Uint8Array(rows) };
}

function colourCode(colour: number, background: boolean): string {
  if (colour === 0) return "";
  const base = background ? 48 : 38;
  if (colour & COLOUR_PALETTE) return `;${base};5;${colour & 255}`;
  return `;${base};2;${(colour >> 16) & 255};${(colour >> 8) & 255};${colour & 255}`;
}

/** As openDiff, without a kernel. */
export function openPlainDiff(options: FrameDiffOptions): FrameDiff {
  const clusters: string[] = [];
  const addresses: string[] = [""];
  let next = grid(options.cols, options.rows);
  let previous = grid(options.cols, options.rows);
  let live = options.live ? grid(options.cols, options.rows) : undefined;
  let pending = "";
  let cursorShown: boolean | undefined;
  let cursorAt = "";
  let unfinished = false;
  let closed = false;

  function cell(row: number, col: number): string {
    const at = (row * next.cols + col) * 4;
    const word = next.words[at + 3]!;
    let glyph = next.words[at]!;
    const wide = (word & CELL_WIDE) !== 0;
    if (glyph === 0) {
      const base = col > 0 && next.words[at - 4] !== 0 && (next.words[at - 1]! & CELL_WIDE) !== 0;
      if (base) return "";
      glyph = 32;
    } else if (wide && col === next.cols - 1) glyph = 32;
    let codes = "0";
    for (let bit = 0; bit < 8; bit++) if (word & ATTR_MASK & (1 << bit)) codes += `;${[1, 2, 3, 4, 5, 7, 8, 9][bit]}`;
    codes += colourCode(next.words[at + 1]!, false) + colourCode(next.words[at + 2]!, true);
    const text = glyph >= GRAPHEME ? clusters[glyph - GRAPHEME]! : String.fromCodePoint(glyph);
    const erase = word & CELL_UNSURE ? `\x1b[${wide ? 2 : 1}X` : "";
    return `\x1b[${row + 1};${col + 1}H\x1b[${codes}m\x1b]8;;${addresses[word >>> LINK_SHIFT]}\x1b\\${erase}${text}`;
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
      return next.words.byteLength * (options.live ? 3 : 2);
    },
    glyph(cluster) {
      if (encoder.encode(cluster).length >= GRAPHEME_SLOT_BYTES) throw new RangeError("A cluster that the painter must shorten");
      let slot = clusters.indexOf(cluster);
      if (slot < 0) slot = clusters.push(cluster) - 1;
      return (GRAPHEME | slot) >>> 0;
    },
    link(address) {
      const text = showableLink(address, LINK_SLOT_BYTES - 2);
      if (text === undefined) return 0;
      let slot = addresses.indexOf(text);
      if (slot < 0 && addresses.length < LINKS_MAX) slot = addresses.push(text) - 1;
      return Math.max(0, slot);
    },
    resize(cols, rows) {
      if (closed) return;
      next = grid(cols, rows);
      previous = grid(cols, rows);
      live = options.live ? grid(cols, rows) : undefined;
      pending = "";
      cursorShown = undefined;
      cursorAt = "";
    },
    forget(from) {
      pending = "\x1b[0m\x1b]8;;\x1b\\";
      if ("row" in from) {
        pending += `${from.row === 0 ? "\x1b[r" : ""}\x1b[${from.row + 1};1H\x1b[0J`;
        const blank = grid(next.cols, next.rows - from.row);
        previous.words.set(blank.words, from.row * next.cols * 4);
      } else pending += `\x1b[1G${from.up > 0 ? `\x1b[${from.up}A` : ""}\x1b[0J`;
      cursorShown = undefined;
      cursorAt = "";
    },
    feed(count) {
      const n = Math.min(count, next.rows);
      pending += `\x1b[0m\x1b[${next.rows};1H${"\r\n".repeat(n)}`;
      const line = next.cols * 4;
      previous.words.copyWithin(0, n * line);
      previous.words.set(grid(next.cols, n).words, (next.rows - n) * line);
      cursorAt = "";
    },
    close() {
      closed = true;
      next = grid(0, 0);
      previous = next;
      if (options.live) live = next;
      pending = "";
      unfinished = false;
    },
    render(cursor, budget) {
      if (closed) return new Uint8Array(0);
      let out = pending;
      pending = "";
      unfinished = false;
      const line = next.cols * 4;
      for (let row = 0; row < next.rows; row++) {
        const from = row * line;
        let same = true;
        for (let at = from; at < from + line && same; at++) same = next.words[at] === previous.words[at];
        if (!same) {
          if (out.length > budget) {
            unfinished = true;
            break;
          }
          for (let col = 0; col < next.cols; col++) out += cell(row, col);
          previous.words.set(next.words.subarray(from, from + line), from);
        }
        next.dirty[row] = 0;
      }
      if (out !== "") out += "\x1b[0m\x1b]8;;\x1b\\";
      const row = Math.max(0, Math.min(next.rows - 1, cursor.row));
      const col = Math.max(0, Math.min(next.cols - 1, cursor.col));
      const place = `\x1b[${row + 1};${col + 1}H`;
      if (out !== "" || cursorAt !== place) out += place;
      cursorAt = place;
      const before = cursorShown;
      cursorShown = cursor.visible;
      const cells = encoder.encode(out);
      const bytes = new Uint8Array(cells.length + 2 * envelopeRoom);
      bytes.set(cells, envelopeRoom);
      return frameBytes(undefined, bytes, envelopeRoom, cells.length, before, cursor.visible);
    },
  };
}
