import type { Cursor, Style } from "../../contracts/view.ts";
import type { App } from "../app.ts";
import { blank, fitLine, type Line, line, overlayLine, prefixed, span } from "../layout/line.ts";
import type { ScrollRegion } from "../painter.ts";
import { box } from "./box.ts";
import { completionLines, type EditorView, editorHeight, editorView } from "./editor-view.ts";
import { landingLines } from "./landing.ts";
import { pills } from "./pills.ts";
import { headerLine, statusLine } from "./status.ts";
import { highlight } from "./transcript/selection.ts";
import type { ShownRow } from "./transcript/transcript.ts";

/** Where things are on the full screen, for the mouse. */
export type Layout = {
  transcript: { top: number; rows: ShownRow[] };
  editor: { top: number; height: number; first: number };
  dialog: { top: number; left: number; width: number; height: number } | undefined;
};
export type Composed = { lines: Line[]; cursor: Cursor; region: ScrollRegion | undefined; layout: Layout };

/** Column for the mark of the selected block, left of the transcript. */
export const marginColumns = 1;

const plainMargin = span(" ", { fg: 0, bg: 0, attrs: 0 });
const margined = new WeakMap<Line, Line>();
/** The same object for the same line, so that the painter sees at once that nothing changed. */
function withMargin(base: Line): Line {
  let made = margined.get(base);
  if (!made) {
    made = prefixed(plainMargin, base);
    margined.set(base, made);
  }
  return made;
}

let lastRuler: { line: Line; style: Style } | undefined;
/** The rule above the editor: the same object from frame to frame. */
function ruler(cols: number, style: Style): Line {
  if (lastRuler?.line.width !== cols || lastRuler.style !== style)
    lastRuler = { line: line({ text: "─".repeat(cols), style, width: cols }), style };
  return lastRuler.line;
}

/** What is around the transcript: it stays as it is while text streams. */
type Chrome = {
  version: number;
  cols: number;
  rows: number;
  header: Line[];
  below: Line[];
  editor: EditorView;
  editorTop: number;
  edit: number;
  height: number;
  offers: Line[];
  status: { follow: boolean; line: Line } | undefined;
};
const chromes = new WeakMap<App, Chrome>();

function chromeOf(app: App): Chrome {
  const known = chromes.get(app);
  const { cols, rows, theme, version } = app;
  if (known?.version === version && known.cols === cols && known.rows === rows) return known;
  const header = rows >= 10 ? [headerLine(app, cols)] : [];
  const edit = editorHeight(app, cols, rows);
  const rule = rows >= 14 ? [ruler(cols, app.focus === "editor" ? theme.border : theme.faint)] : [];
  const room = Math.max(1, rows - header.length - edit - rule.length - 1);
  const extra = pills(app, cols).slice(0, Math.max(0, room - 3));
  const height = room - extra.length;
  const editor = editorView(app, cols, edit);
  const above = [...extra, ...rule];
  const chrome: Chrome = {
    version,
    cols,
    rows,
    header,
    below: [...above, ...editor.lines],
    editor,
    editorTop: header.length + height + above.length,
    edit,
    height,
    offers: completionLines(app, cols - 2, height),
    status: undefined,
  };
  chromes.set(app, chrome);
  return chrome;
}

/** The last row says whether the end is shown, which painting the transcript may find out. */
function statusOf(app: App, chrome: Chrome): Line {
  const { follow } = app.transcript;
  if (chrome.status?.follow !== follow) chrome.status = { follow, line: statusLine(app, chrome.cols) };
  return chrome.status.line;
}

/** Rows of the transcript that stay in sight over a question: what it is about stands there. */
const contextRows = 6;

/** A question about a call stands where the editor is, under what led to it; a small or wholly shown one lies over the screen. */
function docked(app: App, header: number): { lines: Line[]; cursor: { row: number; col: number } | undefined } | undefined {
  const { dialog, cols, rows, theme } = app;
  if (dialog?.name !== "permission" || dialog.wants.height >= rows || rows < 18) return undefined;
  const most = Math.min(dialog.wants.height + 2, rows - header - 1 - contextRows);
  const view = dialog.view(cols - 4, most - 2);
  return box(view, cols, Math.min(most, view.lines.length + 2), theme);
}

/** The whole screen as rows: header, transcript, pills, editor, status; a dialog over it or in the editor's place. */
export function composeFull(app: App): Composed {
  const chrome = chromeOf(app);
  const { cols, header, editor, editorTop, edit, offers } = chrome;
  const top = header.length;
  const dock = docked(app, top);
  const below = dock?.lines ?? chrome.below;
  const height = dock ? app.rows - top - 1 - below.length : chrome.height;
  app.transcriptHeight = height;
  const shown = transcriptRows(app, height);
  const lines = [...header, ...shown.lines];
  while (lines.length < top + height) lines.push(blank);
  if (!dock) {
    offers.forEach((offer, i) => {
      const row = top + height - offers.length + i;
      lines[row] = overlayLine(lines[row]!, 1, offer, cols);
    });
  }
  lines.push(...below, statusOf(app, chrome));
  const layout: Layout = {
    transcript: { top, rows: shown.rows },
    editor: { top: editorTop, height: dock ? 0 : edit, first: editor.first },
    dialog: dock && { top: top + height, left: 0, width: cols, height: below.length },
  };
  const region = height > 2 ? { top, bottom: top + height - 1 } : undefined;
  const cursor: Cursor = {
    row: editorTop + editor.cursor.row,
    col: Math.min(cols - 1, editor.cursor.col),
    visible: app.focus === "editor",
  };
  if (dock?.cursor) return { lines, region, layout, cursor: { row: top + height + dock.cursor.row, col: dock.cursor.col, visible: true } };
  if (dock) return { lines, region, layout, cursor: { ...cursor, visible: false } };
  if (!app.dialog) return { lines, cursor, region, layout };
  return { lines, region, layout, cursor: overlayDialog(app, lines, layout, cursor) };
}

function transcriptRows(app: App, height: number): { lines: Line[]; rows: ShownRow[] } {
  const width = Math.max(1, app.cols - marginColumns - 1);
  if (!app.session) return { lines: [blank, ...landingLines(app, app.cols)].slice(0, height), rows: [] };
  const { transcript, selection, theme } = app;
  transcript.width = width;
  transcript.sync(app.session);
  const rows = transcript.rows(height);
  if (rows.length === 0)
    return { lines: [blank, line(span(app.loading ? "  Loading…" : "  Nothing has been said yet.", theme.faint))].slice(0, height), rows };
  if (!selection.active && app.focus !== "chat") return { lines: rows.map((row) => (row.margined ??= withMargin(row.line))), rows };
  const mark = span("▌", theme.primary);
  const lines = rows.map((row) => {
    const range = selection.active ? selection.range(row, transcript) : undefined;
    const base = range ? highlight(row.line, range, theme) : row.line;
    const isMarked = app.focus === "chat" && transcript.selected === row.block.key && row.index > 0;
    return isMarked ? prefixed(mark, base) : withMargin(base);
  });
  return { lines, rows };
}

/** Paints the top dialog over the rows, and answers where the cursor is then. */
function overlayDialog(app: App, lines: Line[], layout: Layout, under: Cursor): Cursor {
  const { cols, rows, theme } = app;
  const dialog = app.dialog!;
  const width = Math.max(8, Math.min(dialog.wants.width + 4, cols - (cols >= 60 ? 4 : 0)));
  const most = Math.max(3, rows - (rows >= 14 ? 2 : 0));
  const wanted = Math.min(dialog.wants.height + 2, most);
  const view = dialog.view(width - 4, wanted - 2);
  const height = dialog.isSnug ? Math.min(wanted, view.lines.length + 2) : wanted;
  const made = box(view, width, height, theme);
  const top = Math.max(0, (rows - height) >> 1);
  const left = (cols - width) >> 1;
  made.lines.forEach((row, i) => {
    if (top + i < lines.length) lines[top + i] = overlayLine(lines[top + i]!, left, fitLine(row, width), cols);
  });
  layout.dialog = { top, left, width, height };
  if (!made.cursor) return { ...under, visible: false };
  return { row: top + made.cursor.row, col: Math.min(cols - 1, left + made.cursor.col), visible: true };
}
