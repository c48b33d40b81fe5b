import type { MouseEvent } from "../../terminal/input/index.ts";
import type { App } from "../app.ts";
import { copy } from "../flow/send.ts";
import { graphemesOf } from "../layout/measure.ts";
import { type Layout, marginColumns } from "../views/full.ts";
import type { Point } from "../views/transcript/selection.ts";
import type { ShownRow } from "../views/transcript/transcript.ts";
import { scrollBy } from "./chat.ts";

const wheelLines = 3;
/** Presses at one place within this time are a double, then a triple click. */
const multiClickMs = 400;

type Press = { at: number; row: number; col: number; count: number; dragged: boolean; inTranscript: boolean };

/** What the mouse does: wheel, clicks and drags, by where things were in the last frame. */
export class Mouse {
  private readonly app: App;
  private press: Press | undefined;

  constructor(app: App) {
    this.app = app;
  }

  handle(event: MouseEvent, layout: Layout | undefined): void {
    if (!layout) return;
    const handler = this.actions[event.action];
    handler?.(event, layout);
  }

  private readonly actions: { readonly [A in MouseEvent["action"]]?: (event: MouseEvent, layout: Layout) => void } = {
    wheel: (event) => {
      if (this.app.dialog) this.app.dialog.wheel?.(event.dy);
      else if (event.dy !== 0) scrollBy(this.app, event.dy * wheelLines);
    },
    press: (event, layout) => {
      if (event.button !== "left") return;
      if (this.app.dialog) this.clickDialog(event, layout);
      else this.pressed(event, layout);
    },
    drag: (event, layout) => {
      const { press } = this;
      if (!press?.inTranscript || event.button !== "left" || (event.row === press.row && event.col === press.col && !press.dragged)) return;
      press.dragged = true;
      const { top, rows } = layout.transcript;
      // A drag beyond an edge takes the transcript along.
      if (event.row < top) scrollBy(this.app, -1);
      else if (event.row >= top + this.app.transcriptHeight) scrollBy(this.app, 1);
      const row = Math.max(0, Math.min(rows.length - 1, event.row - top));
      const forward = event.row > press.row || (event.row === press.row && event.col >= press.col);
      const to = pointAt(rows[row], event.col, forward);
      if (to) this.app.selection.extend(to);
    },
    release: (event, layout) => {
      const { press, app } = this;
      if (!press || event.button !== "left") return;
      if (app.selection.active) copy(app, app.selection.text(app.transcript));
      else if (press.inTranscript && !press.dragged && press.count === 1)
        this.clicked(layout.transcript.rows[press.row - layout.transcript.top]);
    },
  };

  private clickDialog(event: MouseEvent, layout: Layout): void {
    const at = layout.dialog;
    if (!at) return;
    const row = event.row - at.top - 1;
    const col = event.col - at.left - 2;
    if (row >= 0 && row < at.height - 2 && col >= 0 && col < at.width - 4) this.app.dialog?.click?.(row, col);
  }

  private pressed(event: MouseEvent, layout: Layout): void {
    const { app } = this;
    const now = app.host.now();
    const last = this.press;
    const again = last && now - last.at < multiClickMs && last.row === event.row && Math.abs(last.col - event.col) <= 1;
    const index = event.row - layout.transcript.top;
    const row = index >= 0 && index < app.transcriptHeight ? layout.transcript.rows[index] : undefined;
    this.press = {
      at: now,
      row: event.row,
      col: event.col,
      count: again ? (last.count % 3) + 1 : 1,
      dragged: false,
      inTranscript: row !== undefined,
    };
    app.selection.clear();
    if (row) {
      const point = pointAt(row, event.col)!;
      if (this.press.count === 2) app.selection.word(point, row.line);
      else if (this.press.count === 3) app.selection.wholeLine(point, row.line);
      else app.selection.start(point);
      return;
    }
    const editorRow = event.row - layout.editor.top;
    if (editorRow >= 0 && editorRow < layout.editor.height) {
      app.focus = "editor";
      app.transcript.selected = undefined;
      app.editor.click(layout.editor.first + editorRow, event.col - 2);
    }
  }

  /** A click without a drag: the block is chosen, and folds where it says so. */
  private clicked(row: ShownRow | undefined): void {
    const { app } = this;
    if (!row) return;
    app.focus = "chat";
    app.transcript.selected = row.block.key;
    if (row.block.foldable && row.line.toggle) app.transcript.toggle(row.block.key);
  }
}

/** The start of the grapheme under a column, or its end: a drag takes in what it ends on, and cuts no wide one. */
function pointAt(row: ShownRow | undefined, col: number, end = false): Point | undefined {
  if (!row) return undefined;
  const wanted = col - marginColumns;
  let at = 0;
  for (const span of row.line.spans) {
    for (const { width } of graphemesOf(span.text)) {
      if (wanted < at + width) return { key: row.block.key, line: row.index, col: wanted < 0 ? 0 : end ? at + width : at };
      at += width;
    }
  }
  return { key: row.block.key, line: row.index, col: at };
}
