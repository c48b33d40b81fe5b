import type { Style } from "../../contracts/view.ts";
import type { Line, Span } from "./line.ts";
import { clean, expandTabs, graphemesOf, widthOf } from "./measure.ts";

export type Run = { text: string; style: Style };

type Piece = { text: string; style: Style; width: number };

/** Gathers pieces into lines; neighbours of one style become one span. */
class Rows {
  readonly lines: Line[] = [];
  private spans: Span[] = [];
  width = 0;
  private soft: "blank" | "cut" | undefined;

  add(piece: Piece): void {
    const last = this.spans.at(-1);
    if (last && last.style === piece.style)
      this.spans[this.spans.length - 1] = { text: last.text + piece.text, style: last.style, width: last.width + piece.width };
    else this.spans.push(piece);
    this.width += piece.width;
  }

  end(next?: "blank" | "cut"): void {
    this.lines.push(this.soft ? { spans: this.spans, width: this.width, soft: this.soft } : { spans: this.spans, width: this.width });
    this.spans = [];
    this.width = 0;
    this.soft = next;
  }
}

/** Words, blanks and single wide characters: where a line may break. */
function pieces(text: string, style: Style): Piece[] {
  const out: Piece[] = [];
  for (const chunk of text.match(/ +|[^ ]+/g) ?? []) {
    if (chunk[0] === " " || /^[\x21-\x7e]+$/.test(chunk)) {
      out.push({ text: chunk, style, width: chunk.length });
      continue;
    }
    let word = "";
    for (const g of graphemesOf(chunk)) {
      if (g.width < 2) {
        word += g.text;
        continue;
      }
      if (word) out.push({ text: word, style, width: widthOf(word) });
      word = "";
      out.push({ text: g.text, style, width: g.width });
    }
    if (word) out.push({ text: word, style, width: widthOf(word) });
  }
  return out;
}

const breaksAround = (piece: Piece): boolean => piece.text[0] === " " || (piece.width === 2 && piece.text.charCodeAt(0) > 0x7f);

/**
 * Breaks runs into lines of at most `width` columns, at blanks where that is possible. \n ends a line. Blanks at a break are
 * dropped, all others kept. At least one line is answered.
 */
export function wrap(runs: readonly Run[], width: number): Line[] {
  const rows = new Rows();
  const room = Math.max(1, width);
  let word: Piece[] = [];
  let wordWidth = 0;
  let gap: Piece[] = [];
  let gapWidth = 0;

  const flushWord = (): void => {
    if (word.length === 0) return;
    if (rows.width + gapWidth + wordWidth > room && rows.width > 0) {
      rows.end(gapWidth > 0 ? "blank" : "cut");
    } else {
      for (const blank of gap) rows.add(blank);
    }
    gap = [];
    gapWidth = 0;
    for (const piece of word) {
      if (rows.width + piece.width <= room) {
        rows.add(piece);
        continue;
      }
      for (const g of graphemesOf(piece.text)) {
        if (rows.width + g.width > room && rows.width > 0) rows.end("cut");
        rows.add({ text: g.text, style: piece.style, width: g.width });
      }
    }
    word = [];
    wordWidth = 0;
  };

  const feed = (text: string, style: Style): void => {
    for (const piece of pieces(clean(expandTabs(text)), style)) {
      if (piece.text[0] === " ") {
        flushWord();
        gap.push(piece.width > room ? { text: " ".repeat(room), style, width: room } : piece);
        gapWidth += Math.min(piece.width, room);
      } else {
        if (breaksAround(piece)) flushWord();
        word.push(piece);
        wordWidth += piece.width;
        if (breaksAround(piece)) flushWord();
      }
    }
  };

  for (const run of runs) {
    let first = true;
    for (const part of run.text.split("\n")) {
      if (!first) {
        flushWord();
        gap = [];
        gapWidth = 0;
        rows.end();
      }
      first = false;
      feed(part, run.style);
    }
  }
  flushWord();
  rows.end();
  return rows.lines;
}

/** Breaks one line of code exactly at `width`; nothing is dropped. */
export function wrapHard(spans: readonly Span[], width: number): Line[] {
  let total = 0;
  for (const each of spans) total += each.width;
  if (total <= width) return [{ spans, width: total }];
  const rows = new Rows();
  const room = Math.max(1, width);
  for (const each of spans) {
    if (rows.width + each.width <= room) {
      rows.add(each);
      continue;
    }
    for (const g of graphemesOf(each.text)) {
      if (rows.width + g.width > room && rows.width > 0) rows.end("cut");
      rows.add({ text: g.text, style: each.style, width: g.width });
    }
  }
  rows.end();
  return rows.lines;
}
