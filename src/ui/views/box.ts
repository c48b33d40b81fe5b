import type { DialogView } from "../dialogs/dialog.ts";
import { clipLine, fitLine, type Line, line, span } from "../layout/line.ts";
import type { Theme } from "../theme/index.ts";

/** A dialog in its frame: lines of exactly `width` columns, and the cursor in them. */
export function box(
  view: DialogView,
  width: number,
  height: number,
  theme: Theme,
): { lines: Line[]; cursor: { row: number; col: number } | undefined } {
  const inner = width - 4;
  const edge = theme.borderFocused;
  const title = clipLine(line(span(` ${view.title} `, theme.primary)), Math.max(0, width - 4));
  const top = line(span("╭─", edge), ...title.spans, span(`${"─".repeat(Math.max(0, width - 3 - title.width))}╮`, edge));
  const hint = clipLine(line(span(view.hint === "" ? "" : ` ${view.hint} `, theme.muted)), Math.max(0, width - 4));
  const bottom = line(span("╰─", edge), ...hint.spans, span(`${"─".repeat(Math.max(0, width - 3 - hint.width))}╯`, edge));
  const rows = view.lines.slice(0, height - 2);
  while (rows.length < height - 2) rows.push(line());
  const body = rows.map((each) => line(span("│ ", edge), ...fitLine(each, inner).spans, span(" │", edge)));
  const cursor =
    view.cursor && view.cursor.row < rows.length ? { row: view.cursor.row + 1, col: Math.min(view.cursor.col, inner) + 2 } : undefined;
  return { lines: [top, ...body, bottom], cursor };
}
