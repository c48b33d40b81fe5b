import type { Surface } from "../contracts/view.ts";
import { type Line, sameLook } from "./layout/line.ts";

/** Rows that scroll as one, inclusive. */
export type ScrollRegion = { top: number; bottom: number };

/**
 * Brings a surface from the rows that were shown to the rows that are wanted: a region that moved is moved, then only the rows
 * that look different are cleared and painted. Lines that were not laid out again are told by identity.
 */
export class Painter {
  private shown: (Line | undefined)[] = [];
  private cols = 0;
  /** Rows painted by the last call, for tests. */
  painted = 0;

  /** The surface's content is unknown or its size has changed. */
  forget(): void {
    this.shown = [];
  }

  paint(surface: Surface, want: readonly Line[], region?: ScrollRegion): void {
    if (surface.cols !== this.cols) this.shown = [];
    this.cols = surface.cols;
    const rows = Math.min(surface.rows, want.length);
    if (region && this.shown.length > 0) this.move(surface, want, region);
    this.painted = 0;
    for (let row = 0; row < rows; row++) {
      const next = want[row]!;
      const last = this.shown[row];
      if (last && (last === next || sameLook(last, next))) {
        this.shown[row] = next;
        continue;
      }
      paintRow(surface, row, next);
      this.shown[row] = next;
      this.painted++;
    }
    for (let row = rows; row < surface.rows; row++) {
      if (this.shown.length > 0 && this.shown[row] === undefined) continue;
      surface.clear(row);
      this.shown[row] = undefined;
    }
    this.shown.length = surface.rows;
  }

  /** Finds by how much the region's content moved and moves it on the surface. */
  private move(surface: Surface, want: readonly Line[], { top, bottom }: ScrollRegion): void {
    const height = bottom - top + 1;
    if (height < 3 || bottom >= surface.rows) return;
    let same = 0;
    for (let row = top; row <= bottom; row++) if (want[row] === this.shown[row]) same++;
    // A stream changes its last row or two; moving could save nothing.
    if (same >= height - 2) return;
    const n = this.distance(want, top, bottom, same);
    if (n === 0) return;
    surface.scroll(top, bottom, n);
    const before = this.shown.slice(top, bottom + 1);
    for (let i = 0; i < height; i++) {
      const from = i + n;
      this.shown[top + i] = from >= 0 && from < height ? before[from] : undefined;
    }
  }

  /** Positive: up. 0 when that would keep less than half of the rows, or no more than stay where they are. */
  private distance(want: readonly Line[], top: number, bottom: number, same: number): number {
    const height = bottom - top + 1;
    let best = 0;
    let bestKept = Math.max(height >> 1, same);
    for (let n = 1 - height; n < height; n++) {
      if (n === 0 || height - Math.abs(n) <= bestKept) continue;
      let kept = 0;
      for (let i = Math.max(0, -n); i < Math.min(height, height - n); i++) if (want[top + i] === this.shown[top + i + n]) kept++;
      if (kept > bestKept) {
        best = n;
        bestKept = kept;
      }
    }
    return best;
  }
}

function paintRow(surface: Surface, row: number, line: Line): void {
  surface.clear(row);
  let col = 0;
  for (const span of line.spans) col = surface.text(row, col, span.text, span.style);
}
