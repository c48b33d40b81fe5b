// Painting: text and styles become cells. Everything untrusted passes here, so a cell holds one sanitised grapheme and
// nothing else (terminal/width.ts). Wide graphemes are kept whole: whatever overwrites one half blanks the other.
import { CELL_UNSURE, CELL_WIDE, LINK_SHIFT, PAINT_UNITS_MAX } from "../../../assembly/abi/diff.ts";
import { attr, type Style, type Surface } from "../../contracts/view.ts";
import type { Cells, FrameDiff } from "../../kernels/frame-diff.ts";
import type { TerminalTraits } from "../../protocol/index.ts";
import { type Grapheme, graphemeAt, widthWithoutClusters } from "../../terminal/width.ts";
import { colourMap } from "./colours.ts";

const space = 32;
/** Attributes that show on a space. A space without them is painted in the default style: fewer changes, fewer bytes. */
const shownOnSpace = attr.underline | attr.inverse | attr.strike;
const onSpace = shownOnSpace | (0xffff << LINK_SHIFT);

/** Where glyphs of several code points and addresses are kept. */
export type CellTables = Pick<FrameDiff, "glyph" | "link" | "painter">;

/** A shorter text is painted here before the kernel has its bytes (bench/diff.ts, "paint"). */
const paintUnitsMin = 10;

/** UTF-8 bytes of the units from..to, as TextEncoder makes them: half a pair becomes U+FFFD. */
function bytesOf(text: string, from: number, to: number): number {
  let bytes = 0;
  for (let at = from; at < to; at++) {
    const code = text.codePointAt(at)!;
    if (code > 0xffff) at++;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * A surface over a grid that may be replaced (resize), so it is asked for anew at each call.
 * Hot path: one dirty row of 120 columns in 0.5 us, of CJK in 1 us (bench/diff.ts, "paint").
 */
export function openSurface(grid: () => Cells, tables: CellTables, colours: TerminalTraits["colours"]): Surface {
  const colour = colourMap(colours);
  const one: Grapheme = { text: "", width: 0, unsure: false };

  function put(words: Uint32Array, at: number, glyph: number, fg: number, bg: number, attrs: number): void {
    words[at] = glyph;
    words[at + 1] = glyph === space && !(attrs & shownOnSpace) ? 0 : fg;
    words[at + 2] = bg;
    words[at + 3] = glyph === space ? attrs & onSpace : attrs;
  }

  /** Blanks the half that is left of a wide cell when column `col` (and what follows) is overwritten. */
  function splitLeft(words: Uint32Array, row: number, col: number): void {
    if (col > 0 && words[row + col * 4] === 0) half(words, row + (col - 1) * 4);
  }
  function splitRight(words: Uint32Array, row: number, col: number, cols: number): void {
    if (col < cols && words[row + col * 4] === 0) half(words, row + col * 4);
  }
  function half(words: Uint32Array, at: number): void {
    put(words, at, space, words[at + 1]!, words[at + 2]!, words[at + 3]! & ~(CELL_WIDE | CELL_UNSURE));
  }

  function fill(row: number, col: number, end: number, style: Style): void {
    const { cols, rows, words, dirty } = grid();
    if (row < 0 || row >= rows) return;
    const from = Math.max(0, col);
    const to = Math.min(cols, end);
    if (from >= to) return;
    const start = row * cols * 4;
    const fg = colour(style.fg);
    const bg = colour(style.bg);
    const attrs = style.attrs & 255;
    splitLeft(words, start, from);
    splitRight(words, start, to, cols);
    for (let at = start + from * 4; at < start + to * 4; at += 4) put(words, at, space, fg, bg, attrs);
    dirty[row] = 1;
  }

  /** Paints the grapheme `one` at column x of the row at `start`, where it fits. Answers the column behind it. */
  function putCluster(words: Uint32Array, start: number, x: number, cols: number, fg: number, bg: number, attrs: number): number {
    const { text: shown, width, unsure } = one;
    const code = shown.codePointAt(0)!;
    const single = shown.length === (code > 0xffff ? 2 : 1);
    const at = start + x * 4;
    let glyph = code;
    let flags = attrs | (width === 2 ? CELL_WIDE : 0) | (unsure ? CELL_UNSURE : 0);
    let rest = 0;
    // No unit takes more than two columns: away from the edge that is answer enough.
    if (!single && unsure && x + shown.length * 2 > cols && x + widthWithoutClusters(shown) > cols) {
      // On a terminal without clusters it would run over the edge and wrap, at the bottom even scroll: show less.
      const half = code >= 0x1f1e6 && code <= 0x1f1ff;
      if (half || widthWithoutClusters(String.fromCodePoint(code)) !== 2) {
        if (half) glyph = 0xfffd;
        flags = attrs;
        rest = space;
      }
    } else if (!single) {
      glyph = tables.glyph(shown);
      if (code === space) flags |= CELL_UNSURE;
    }
    put(words, at, glyph, fg, bg, flags);
    if (width === 2) put(words, at + 4, rest, fg, bg, flags);
    return x + width;
  }

  const plain: Style = { fg: 0, bg: 0, attrs: 0 };

  return {
    get cols() {
      return grid().cols;
    },
    get rows() {
      return grid().rows;
    },

    text(row, col, text, style) {
      const { cols, rows, words, dirty } = grid();
      if (row < 0 || row >= rows || col >= cols || text === "") return col;
      const start = row * cols * 4;
      const fg = colour(style.fg);
      const bg = colour(style.bg);
      const attrs = (style.attrs & 255) | ((style.link === undefined ? 0 : tables.link(style.link)) << LINK_SHIFT);
      const spaceFg = attrs & shownOnSpace ? fg : 0;
      const spaceAttrs = attrs & onSpace;
      let x = col;
      let touched = false;
      const painter = text.length >= paintUnitsMin && text.length <= PAINT_UNITS_MAX ? tables.painter : undefined;
      const bytes = painter === undefined ? 0 : painter.take(text);
      let byte = 0;
      for (let at = 0; at < text.length && x < cols; ) {
        if (painter !== undefined && x >= 0) {
          const before = words[start + x * 4];
          const done = painter.paint(words, start + x * 4, cols - x, byte, bytes, fg, bg, attrs);
          if (done !== 0) {
            if (!touched && before === 0 && x > 0) half(words, start + (x - 1) * 4);
            touched = true;
            x += done & 1023;
            at += (done >>> 10) & 1023;
            byte += done >>> 20;
            continue;
          }
        }
        let code = text.charCodeAt(at);
        if (code < 0x7f && x >= 0 && painter === undefined) {
          // ASCII before ASCII joins nothing: a run of it goes straight into cells.
          const from = x;
          let after = text.charCodeAt(at + 1);
          if (code >= 0x20 && !(after >= 0x7f) && !touched) {
            splitLeft(words, start, x);
            touched = true;
          }
          for (let cell = start + x * 4; code >= 0x20 && code < 0x7f && !(after >= 0x7f) && x < cols; cell += 4) {
            words[cell] = code;
            words[cell + 1] = code === space ? spaceFg : fg;
            words[cell + 2] = bg;
            words[cell + 3] = code === space ? spaceAttrs : attrs;
            x++;
            at++;
            code = after;
            after = text.charCodeAt(at + 1);
          }
          if (x > from) continue;
        }
        const next = graphemeAt(text, at, one);
        if (painter !== undefined) byte += bytesOf(text, at, next);
        at = next;
        if (one.text === "") continue;
        if (x < 0) {
          x += one.width;
          // A wide grapheme across the left edge shows as a space.
          if (x === 1) {
            put(words, start, space, fg, bg, attrs);
            touched = true;
          }
          continue;
        }
        if (!touched) splitLeft(words, start, x);
        touched = true;
        if (x + one.width > cols) {
          put(words, start + x * 4, space, fg, bg, attrs);
          x++;
          break;
        }
        x = putCluster(words, start, x, cols, fg, bg, attrs);
      }
      if (touched) {
        splitRight(words, start, x, cols);
        dirty[row] = 1;
      }
      return x;
    },

    fill,

    clear(row, style) {
      fill(row, 0, grid().cols, style ?? plain);
    },

    scroll(top, bottom, n) {
      const cells = grid();
      const { cols, rows, words, dirty } = cells;
      const first = Math.max(0, top);
      const last = Math.min(rows - 1, bottom);
      if (first > last || n === 0) return;
      const line = cols * 4;
      const count = Math.min(Math.abs(n), last - first + 1);
      if (n > 0) words.copyWithin(first * line, (first + count) * line, (last + 1) * line);
      else words.copyWithin((first + count) * line, first * line, (last + 1 - count) * line);
      if (cells.scrolled?.(first, last, n > 0 ? count : -count)) {
        if (n > 0) dirty.copyWithin(first, first + count, last + 1);
        else dirty.copyWithin(first + count, first, last + 1 - count);
      } else dirty.fill(1, first, last + 1);
      for (let i = 0; i < count; i++) fill(n > 0 ? last - i : first + i, 0, cols, plain);
    },
  };
}
