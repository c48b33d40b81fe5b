import type { Style, Surface } from "../../src/contracts/view.ts";
import { graphemes } from "../../src/terminal/width.ts";

type Cell = { text: string; style: Style };
const plain: Style = { fg: 0, bg: 0, attrs: 0 };

/** A surface in memory: rows of cells with one grapheme each. The second half of a wide one is "". Counts what was touched. */
export class MemorySurface implements Surface {
  cols: number;
  rows: number;
  cells: Cell[][];
  /** Rows that were cleared, painted or filled since `settle`. */
  touched = new Set<number>();
  scrolls: [number, number, number][] = [];

  constructor(cols: number, rows: number) {
    this.cols = cols;
    this.rows = rows;
    this.cells = Array.from({ length: rows }, () => this.blank());
  }

  private blank(style: Style = plain): Cell[] {
    return Array.from({ length: this.cols }, () => ({ text: " ", style }));
  }

  settle(): void {
    this.touched.clear();
    this.scrolls = [];
  }

  resize(cols: number, rows: number): void {
    this.cols = cols;
    this.rows = rows;
    this.cells = Array.from({ length: rows }, () => this.blank());
  }

  text(row: number, col: number, text: string, style: Style): number {
    if (row < 0 || row >= this.rows) throw new RangeError(`row ${row} of ${this.rows}`);
    let at = col;
    for (const grapheme of graphemes(text)) {
      if (at + grapheme.width > this.cols) break;
      if (grapheme.width === 0) continue;
      this.cells[row]![at] = { text: grapheme.text, style };
      if (grapheme.width === 2) this.cells[row]![at + 1] = { text: "", style };
      at += grapheme.width;
    }
    this.touched.add(row);
    return at;
  }

  fill(row: number, col: number, end: number, style: Style): void {
    for (let i = col; i < Math.min(end, this.cols); i++) this.cells[row]![i] = { text: " ", style };
    this.touched.add(row);
  }

  clear(row: number, style?: Style): void {
    this.cells[row] = this.blank(style);
    this.touched.add(row);
  }

  scroll(top: number, bottom: number, n: number): void {
    this.scrolls.push([top, bottom, n]);
    const before = this.cells.slice(top, bottom + 1);
    for (let i = top; i <= bottom; i++) this.cells[i] = before[i - top + n] ?? this.blank();
  }

  row(row: number): string {
    return this.cells[row]!.map((cell) => cell.text)
      .join("")
      .trimEnd();
  }

  get lines(): string[] {
    return this.cells.map((_, row) => this.row(row));
  }

  get screen(): string {
    return this.lines.join("\n");
  }
}
