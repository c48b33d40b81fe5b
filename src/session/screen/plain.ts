// Plain mode: lines are added, and nothing that was written is touched again. No control sequence, so it is the same on every terminal,
// and a screen reader says each line once. What is typed the terminal shows by itself; `prompt` stands before it.
//
//   patch = *( text CR LF ) [ prompt ]
import type { Frame, InlineLine, Surface } from "../../contracts/view.ts";
import { graphemes } from "../../terminal/width.ts";
import { patchBudgetBytes, type Stage } from "./stage.ts";

const ascii = /^[\x20-\x7e]*$/;
const encoder = new TextEncoder();

/** What shows, as the grammar of patches has it; characters without a width are left out with what they would do. */
function visible(text: string): string {
  if (ascii.test(text)) return text;
  let out = "";
  for (const each of graphemes(text)) if (each.width > 0) out += each.text;
  return out;
}

/** A view in plain mode paints no cells. */
const noSurface: Surface = { cols: 0, rows: 0, text: (_, col) => col, fill() {}, clear() {}, scroll() {} };

export function openPlainStage(): Stage {
  let queue: InlineLine[] = [];
  let sent = 0;
  let prompt = "";
  return {
    surface: noSurface,
    take(frame: Frame) {
      if (frame.commit !== undefined) queue.push(...frame.commit);
      prompt += frame.prompt ?? "";
    },
    render() {
      let out = "";
      while (sent < queue.length && out.length < patchBudgetBytes >> 2) {
        for (const { text } of queue[sent]!.spans) out += visible(text);
        out += "\r\n";
        sent++;
      }
      if (sent === queue.length) {
        queue = [];
        sent = 0;
        out += visible(prompt);
        prompt = "";
      }
      return encoder.encode(out);
    },
    get unfinished() {
      return queue.length > 0;
    },
    resize() {},
    // What was said is in the terminal's own scrollback.
    repaint() {},
    ownRows: 0,
    leave: () => new Uint8Array(0),
    close() {},
    memory: 0,
  };
}
