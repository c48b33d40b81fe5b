import { graphemesOf, widthOf } from "../layout/measure.ts";
import { clean } from "../layout/measure.ts";

/** One row of the editor: units start..end of the text, shown as cells. `cells[i]` begins at unit `cells[i].at` and column `col`. */
export type Cell = { at: number; col: number; width: number; text: string; chip: boolean };
export type Row = { start: number; end: number; cells: Cell[]; width: number };

/**
 * Breaks the text at line ends and, where a line is too long, after the last blank that fits. Every unit of the text belongs to
 * exactly one row, so each cursor position has one place.
 */
export function editorRows(text: string, width: number, chipLabel: (char: string) => string | undefined): Row[] {
  const room = Math.max(2, width);
  const rows: Row[] = [];
  let at = 0;
  for (const part of text.split("\n")) {
    rows.push(...wrapPart(part, at, room, chipLabel));
    at += part.length + 1;
  }
  return rows;
}

function wrapPart(part: string, offset: number, room: number, chipLabel: (char: string) => string | undefined): Row[] {
  const rows: Row[] = [];
  let cells: Cell[] = [];
  let start = offset;
  let col = 0;
  let breakAfter = -1; // index of the cell after which the row may end
  const close = (count: number, end: number): void => {
    const kept = cells.slice(0, count);
    const last = kept.at(-1);
    rows.push({ start, end, cells: kept, width: last ? last.col + last.width : 0 });
    cells = cells.slice(count);
    start = end;
    col = 0;
    for (const cell of cells) {
      cell.col = col;
      col += cell.width;
    }
    breakAfter = -1;
  };
  let at = offset;
  for (const g of graphemesOf(part)) {
    const label = chipLabel(g.text);
    const shown = label ?? (g.text === "\t" ? "  " : clean(g.text));
    let width = label === undefined && g.text !== "\t" ? (shown === g.text ? g.width : widthOf(shown)) : widthOf(shown);
    let textShown = shown;
    if (width > room) {
      textShown = "▣"; // a chip in a very narrow editor
      width = 1;
    }
    while (col + width > room && cells.length > 0) {
      const count = breakAfter >= 0 && breakAfter + 1 < cells.length ? breakAfter + 1 : cells.length;
      close(count, count < cells.length ? cells[count]!.at : at);
    }
    cells.push({ at, col, width, text: textShown, chip: label !== undefined });
    col += width;
    at += g.text.length;
    if (g.text === " ") breakAfter = cells.length - 1;
  }
  close(cells.length, at);
  return rows;
}

/** Where a cursor stands. At a soft break it belongs to the start of the next row. */
export function placeOf(rows: readonly Row[], cursor: number): { row: number; col: number } {
  for (let row = 0; row < rows.length; row++) {
    const { start, end, cells, width } = rows[row]!;
    const softEnd = row + 1 < rows.length && rows[row + 1]!.start === end;
    if (cursor < start || cursor > end || (cursor === end && softEnd)) continue;
    const cell = cells.find((each) => each.at >= cursor);
    return { row, col: cell ? cell.col : width };
  }
  const last = rows.length - 1;
  return { row: last, col: rows[last]?.width ?? 0 };
}

/** The text offset nearest to a column of a row. */
export function offsetAt(rows: readonly Row[], row: number, col: number): number {
  const at = rows[Math.max(0, Math.min(rows.length - 1, row))]!;
  for (const cell of at.cells) if (col < cell.col + cell.width) return cell.at;
  const softEnd = rows[row + 1]?.start === at.end;
  // The end of a softly broken row is the start of the next one; stay on this row.
  return softEnd ? (at.cells.at(-1)?.at ?? at.end) : at.end;
}
