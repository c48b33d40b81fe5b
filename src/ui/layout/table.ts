import type { Tokens } from "marked";
import type { Style } from "../../contracts/view.ts";
import type { Theme } from "../theme/index.ts";
import { withAttrs } from "../theme/theme.ts";
import { inlineRuns } from "./inline.ts";
import { type Line, line, type Span, spaces } from "./line.ts";
import { wrap, type Run } from "./wrap.ts";

const columnMin = 4;

function align(cell: Line, width: number, how: "left" | "right" | "center" | null, style: Style): Span[] {
  const room = Math.max(0, width - cell.width);
  const left = how === "right" ? room : how === "center" ? room >> 1 : 0;
  return [spaces(left, style), ...cell.spans, spaces(room - left, style)].filter((each) => each.width > 0 || each.text !== "");
}

/** Shares `room` columns: narrow columns get what they want, the wide ones share what is left. */
function shareColumns(wanted: readonly number[], room: number): number[] {
  const widths = wanted.map(() => 0);
  let left = room;
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
  order.forEach((column, done) => {
    const fair = Math.floor(left / (order.length - done));
    widths[column] = Math.max(Math.min(wanted[column]!, fair), Math.min(columnMin, wanted[column]!));
    left -= widths[column]!;
  });
  return widths;
}

/** A table with its cells wrapped into columns; in too little room, rows as "head: cell" lines. */
export function tableLines(token: Tokens.Table, width: number, theme: Theme): Line[] {
  const head = token.header.map((cell) => inlineRuns(cell.tokens, theme.markdown.tableHead, theme));
  const body = token.rows.map((row) => row.map((cell) => inlineRuns(cell.tokens, theme.text, theme)));
  const columns = head.length;
  const room = width - 3 * (columns - 1);
  if (room < columns * columnMin) return stacked(head, body, width, theme);
  const wanted = head.map((_, c) => Math.max(1, ...[head, ...body].map((row) => naturalWidth(row[c] ?? []))));
  const widths = shareColumns(wanted, room);
  const row = (cells: Run[][]): Line[] => {
    const wrapped = widths.map((columnWidth, c) => wrap(cells[c] ?? [], columnWidth));
    const height = Math.max(...wrapped.map((lines) => lines.length));
    return Array.from({ length: height }, (_, y) => {
      const spans: Span[] = [];
      wrapped.forEach((lines, c) => {
        if (c > 0) spans.push({ text: " │ ", style: theme.border, width: 3 });
        spans.push(...align(lines[y] ?? line(), widths[c]!, token.align[c] ?? null, theme.text));
      });
      return line(...spans);
    });
  };
  const ruler = line({
    text: widths.map((columnWidth) => "─".repeat(columnWidth)).join("─┼─"),
    style: theme.border,
    width: widths.reduce((sum, w) => sum + w, 3 * (columns - 1)),
  });
  return [...row(head), ruler, ...body.flatMap(row)];
}

function naturalWidth(runs: Run[]): number {
  return Math.max(...wrap(runs, 10_000).map((each) => each.width));
}

function stacked(head: Run[][], body: Run[][][], width: number, theme: Theme): Line[] {
  return body.flatMap((row, i) => [
    ...(i > 0 ? [line({ text: "─".repeat(Math.min(width, 8)), style: theme.border, width: Math.min(width, 8) })] : []),
    ...row.flatMap((cell, c) => wrap([...(head[c] ?? []), { text: ": ", style: withAttrs(theme.muted, 0) }, ...cell], width)),
  ]);
}
