import type { App } from "../app.ts";
import { clipLine, fitLine, type Line, line, span } from "../layout/line.ts";
import type { Row } from "../editor/rows.ts";
import type { Theme } from "../theme/index.ts";

const rowsMin = 3;
const rowsMax = 15;
const promptColumns = 2;

export type EditorView = { lines: Line[]; cursor: { row: number; col: number }; first: number };

/** Rows that the editor takes on a screen of `rows`: 3 to 15, less where that would leave nothing for the rest. */
export function editorHeight(app: App, columns: number, rows: number): number {
  const wanted = app.editor.rows(Math.max(2, columns - promptColumns - 1)).length;
  const least = rows >= 18 && !app.inline ? rowsMin : 1;
  return Math.max(least, Math.min(wanted, rowsMax, Math.floor(rows * 0.4)));
}

/** The editor's rows around the cursor. */
export function editorView(app: App, columns: number, height: number): EditorView {
  const { theme, editor } = app;
  const rows = editor.rows(Math.max(2, columns - promptColumns - 1));
  const place = editor.place();
  const first = Math.max(0, Math.min(place.row - (height >> 1), rows.length - height));
  const shell = editor.text.startsWith("!");
  const prompt = app.focus === "editor" ? theme.primary : theme.faint;
  const lines: Line[] = [];
  for (let i = 0; i < height; i++) {
    const row = rows[first + i];
    const mark = span(first + i === 0 ? "> " : "  ", shell ? theme.warning : prompt);
    if (editor.empty && i === 0) lines.push(clipLine(line(mark, span(placeholder(app), theme.faint)), columns));
    else lines.push(row ? line(mark, ...rowSpans(row, theme)) : line());
  }
  return {
    lines: lines.map((each) => (each.width > columns ? fitLine(each, columns) : each)),
    cursor: { row: place.row - first, col: promptColumns + place.col },
    first,
  };
}

function rowSpans(row: Row, theme: Theme): ReturnType<typeof span>[] {
  const spans: ReturnType<typeof span>[] = [];
  let text = "";
  for (const cell of row.cells) {
    if (!cell.chip) {
      text += cell.text;
      continue;
    }
    if (text) spans.push(span(text, theme.text));
    text = "";
    spans.push(span(cell.text, theme.badge));
  }
  if (text) spans.push(span(text, theme.text));
  return spans;
}

function placeholder(app: App): string {
  const agent = app.session?.session?.agent;
  if (agent !== undefined) return `The work of the agent "${agent}": it takes no prompts, /back returns`;
  if (app.running) return "Type ahead: enter queues a prompt, alt+s says it to this turn";
  return app.session ? "Ask, or say what to change" : "What shall we work on?";
}

/** What is offered at the cursor: at most `height` rows above the editor. */
export function completionLines(app: App, columns: number, height: number): Line[] {
  const offer = app.completion;
  if (!offer || height < 1) return [];
  const { theme } = app;
  const shown = Math.min(8, height, offer.items.length);
  const first = Math.max(0, Math.min(offer.index - (shown >> 1), offer.items.length - shown));
  const width = Math.min(columns, 72);
  return offer.items.slice(first, first + shown).map((item, i) => {
    const selected = first + i === offer.index;
    const row = line(
      span(` ${item.label}`, selected ? theme.selected : theme.text),
      span(item.detail ? `  ${item.detail}` : "", selected ? theme.selected : theme.muted),
    );
    return fitLine(clipLine(row, width), width, selected ? theme.selected : theme.text);
  });
}

/** Prompts that wait for their turn, and what is being done of the to-dos. */
export function pillLines(app: App, columns: number, pills: readonly { mark: string; text: string }[]): Line[] {
  return pills.map(({ mark, text }) =>
    clipLine(line(span(` ${mark} `, app.theme.secondary), span(text.replace(/\s+/g, " "), app.theme.muted)), columns),
  );
}
