import { type Line, lineText, restyle } from "../../layout/line.ts";
import { graphemesOf } from "../../layout/measure.ts";
import type { Theme } from "../../theme/index.ts";
import type { Place, ShownRow, Transcript } from "./transcript.ts";

export type Point = Place & { col: number };

/** Lines that one selection may take: about what the clipboard's 100 KiB hold. */
const linesMax = 5_000;

/** What the mouse has selected, by lines of blocks: it stays with its text while the transcript scrolls under it. */
export class Selection {
  anchor: Point | undefined;
  head: Point | undefined;

  get active(): boolean {
    return this.anchor !== undefined && this.head !== undefined && !samePoint(this.anchor, this.head);
  }

  start(at: Point): void {
    this.anchor = at;
    this.head = undefined;
  }

  extend(to: Point): void {
    this.head = to;
  }

  clear(): void {
    this.anchor = undefined;
    this.head = undefined;
  }

  /** The word at a column (a double click). */
  word(at: Point, line: Line): void {
    const cells = graphemesOf(lineText(line, 0));
    const gutter = line.gutter ?? 0;
    const kind = (text: string): number => (/[\p{L}\p{N}\p{M}_]/u.test(text) ? 1 : /\s/.test(text) ? 0 : 2);
    let col = gutter;
    let start = gutter;
    let last = -1;
    let found = false;
    for (const cell of cells) {
      const now = kind(cell.text);
      if (now !== last) {
        if (found) break;
        start = col;
        last = now;
      }
      col += cell.width;
      if (at.col < col) found = true;
    }
    this.anchor = { ...at, col: start };
    this.head = { ...at, col };
  }

  wholeLine(at: Point, line: Line): void {
    this.anchor = { ...at, col: 0 };
    this.head = { ...at, col: line.width };
  }

  /** Columns of a row that are selected, or undefined. */
  range(row: ShownRow, transcript: Transcript): { from: number; to: number } | undefined {
    const ends = this.ordered(transcript);
    if (!ends) return undefined;
    const here = { key: row.block.key, line: row.index };
    const afterStart = compare(here, ends.start, transcript);
    const beforeEnd = compare(here, ends.end, transcript);
    if (afterStart < 0 || beforeEnd > 0) return undefined;
    return { from: afterStart === 0 ? ends.start.col : 0, to: beforeEnd === 0 ? ends.end.col : row.line.width };
  }

  private ordered(transcript: Transcript): { start: Point; end: Point } | undefined {
    if (!this.active) return undefined;
    const anchor = this.anchor!;
    const head = this.head!;
    const order = compare(anchor, head, transcript) || anchor.col - head.col;
    return order <= 0 ? { start: anchor, end: head } : { start: head, end: anchor };
  }

  /** The selected text; softly wrapped lines are joined, gutters left out. */
  text(transcript: Transcript): string {
    const ends = this.ordered(transcript);
    if (!ends) return "";
    const context = transcript.layout;
    const out: string[] = [];
    let from = ends.start.line;
    for (let i = Math.max(0, transcript.position(ends.start.key)); i < transcript.blocks.length && out.length < linesMax; i++) {
      const block = transcript.blocks[i]!;
      const last = block.key === ends.end.key;
      const count = last ? ends.end.line + 1 : block.count(context);
      for (let n = from; n < count && out.length < linesMax; n++) {
        const line = block.line(context, n);
        const first = block.key === ends.start.key && n === ends.start.line;
        const text = lineText(line, first ? ends.start.col : 0, last && n === ends.end.line ? ends.end.col : line.width);
        if (line.soft && out.length > 0) out[out.length - 1] += (line.soft === "blank" ? " " : "") + text;
        else out.push(text);
      }
      if (last) break;
      from = 0;
    }
    return out
      .map((each) => each.trimEnd())
      .join("\n")
      .replace(/^\n+|\n+$/g, "");
  }
}

export function highlight(line: Line, range: { from: number; to: number }, theme: Theme): Line {
  const from = Math.max(range.from, line.gutter ?? 0);
  return restyle(line, from, Math.min(range.to, line.width), (style) => ({ ...style, fg: theme.selection.fg, bg: theme.selection.bg }));
}

const samePoint = (a: Point, b: Point): boolean => a.key === b.key && a.line === b.line && a.col === b.col;

function compare(a: Place, b: Place, transcript: Transcript): number {
  return transcript.position(a.key) - transcript.position(b.key) || a.line - b.line;
}
