import type { KeyEvent } from "../../terminal/input/index.ts";
import { sliceLine, span, type Line, line } from "../layout/line.ts";
import { widthOf } from "../layout/measure.ts";
import type { Theme } from "../theme/index.ts";
import { type Buffer, edits, type EditName, emptyBuffer, insert } from "./buffer.ts";
import { Chips } from "./chips.ts";

/** One line of input in a dialog: a filter, a title, a message. */
export class LineInput {
  private buffer: Buffer = emptyBuffer;

  constructor(text = "") {
    this.buffer = { text, cursor: text.length };
  }

  get text(): string {
    return this.buffer.text;
  }

  /** Takes a key; false when it means nothing to a line. */
  key(stroke: string, event: KeyEvent): boolean {
    const edit = Object.hasOwn(lineEdits, stroke) ? lineEdits[stroke] : undefined;
    if (edit) this.buffer = edits[edit](this.buffer);
    else if (event.text !== undefined) this.buffer = insert(this.buffer, Chips.strip(event.text));
    else return false;
    return true;
  }

  paste(text: string): void {
    this.buffer = insert(this.buffer, Chips.strip(text.replace(/\s*\n\s*/g, " ")));
  }

  /** The part around the cursor that fits `width`, and the cursor's column in it. `masked`: a secret, of which only the length shows. */
  view(width: number, theme: Theme, placeholder = "", masked = false): { line: Line; col: number } {
    if (this.text === "") return { line: sliceLine(line(span(placeholder, theme.faint)), 0, width), col: 0 };
    const shown = (text: string): string => (masked ? "•".repeat(text.length) : text);
    const before = widthOf(shown(this.buffer.text.slice(0, this.buffer.cursor)));
    const from = Math.max(0, before - width + 1);
    return { line: sliceLine(line(span(shown(this.text), theme.text)), from, from + width), col: before - from };
  }
}

const lineEdits: { readonly [stroke: string]: EditName } = {
  left: "left",
  right: "right",
  "ctrl+left": "wordLeft",
  "ctrl+right": "wordRight",
  "alt+b": "wordLeft",
  "alt+f": "wordRight",
  home: "textStart",
  end: "textEnd",
  "ctrl+a": "textStart",
  "ctrl+e": "textEnd",
  backspace: "deleteBack",
  delete: "deleteForward",
  "ctrl+w": "deleteWordBack",
  "alt+backspace": "deleteWordBack",
  "ctrl+u": "killToLineStart",
  "ctrl+k": "killToLineEnd",
};
