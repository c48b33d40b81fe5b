import type { KeyEvent } from "../../terminal/input/index.ts";
import type { Line } from "../layout/line.ts";

/** What a dialog shows in its box. `cursor` is a place in `lines`. */
export type DialogView = { title: string; lines: Line[]; cursor?: { row: number; col: number }; hint: string };

/** Something that takes all keys until it is closed. */
export interface Dialog {
  readonly name: string;
  /** Columns and rows that it would like for its content. */
  readonly wants: { width: number; height: number };
  /** Its box is no higher than its content. That of a list keeps its height, or it would jump while one types. */
  readonly isSnug?: boolean;
  key(stroke: string, event: KeyEvent): void;
  paste?(text: string): void;
  wheel?(notches: number): void;
  /** A click on a row of `lines`. */
  click?(row: number, col: number): void;
  view(width: number, height: number): DialogView;
}
