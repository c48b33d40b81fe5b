import { type Buffer, type EditName, edits, emptyBuffer, insert, moveTo } from "./buffer.ts";
import { Chips } from "./chips.ts";
import { History } from "./history.ts";
import { editorRows, offsetAt, placeOf, type Row } from "./rows.ts";

export type EditorState = { text: string; cursor: number; chips: [string, string][] };

/** The prompt editor: a buffer, its folded pastes, its history, and its rows at the current width. */
export class Editor {
  readonly chips = new Chips();
  readonly history = new History();
  private buffer: Buffer = emptyBuffer;
  private laidOut: { text: string; width: number; rows: Row[] } | undefined;
  private wishedCol: number | undefined;
  private width = 80;

  get text(): string {
    return this.buffer.text;
  }
  get cursor(): number {
    return this.buffer.cursor;
  }
  get empty(): boolean {
    return this.buffer.text === "";
  }

  /** The prompt with every chip replaced by its paste. */
  get expanded(): string {
    return this.chips.expand(this.buffer.text);
  }

  set(text: string, cursor = text.length): void {
    this.buffer = moveTo({ text, cursor: 0 }, cursor);
    this.wishedCol = undefined;
  }

  clear(): void {
    this.set("");
    this.chips.clear();
    this.history.leave();
  }

  type(text: string): void {
    this.buffer = insert(this.buffer, Chips.strip(text));
    this.wishedCol = undefined;
    this.history.leave();
  }

  paste(text: string): void {
    this.buffer = insert(this.buffer, this.chips.fold(text));
    this.wishedCol = undefined;
  }

  edit(name: EditName): void {
    this.buffer = edits[name](this.buffer);
    this.wishedCol = undefined;
  }

  /** Replaces units from..cursor (a completion). */
  replaceBefore(from: number, text: string): void {
    this.buffer = { text: this.buffer.text.slice(0, from) + text + this.buffer.text.slice(this.buffer.cursor), cursor: from + text.length };
  }

  moveCursor(to: number): void {
    this.buffer = moveTo(this.buffer, to);
    this.wishedCol = undefined;
  }

  rows(width = this.width): readonly Row[] {
    this.width = width;
    if (this.laidOut?.text !== this.text || this.laidOut.width !== width)
      this.laidOut = { text: this.text, width, rows: editorRows(this.text, width, (char) => this.chips.label(char)) };
    return this.laidOut.rows;
  }

  place(width = this.width): { row: number; col: number } {
    return placeOf(this.rows(width), this.cursor);
  }

  /** One row up or down; from the first or last row through the history. */
  vertical(step: -1 | 1): void {
    const rows = this.rows();
    const { row, col } = this.place();
    const wish = this.wishedCol ?? col;
    const to = row + step;
    if (to >= 0 && to < rows.length) {
      this.buffer = moveTo(this.buffer, offsetAt(rows, to, wish));
      this.wishedCol = wish;
      return;
    }
    const text = step < 0 ? this.history.previous(this.text) : this.history.next();
    if (text !== undefined) this.set(text);
  }

  /** The cell under the mouse. */
  click(row: number, col: number): void {
    this.moveCursor(offsetAt(this.rows(), row, col));
  }

  state(): EditorState {
    return { text: this.text, cursor: this.cursor, chips: this.chips.entries() };
  }

  restore(state: EditorState): void {
    this.chips.restore(state.chips);
    this.set(state.text, state.cursor);
  }
}
