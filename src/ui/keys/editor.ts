import type { EditName } from "../editor/buffer.ts";
import { type Bindings, keymap } from "./keymap.ts";

export type EditorAction = EditName | "send" | "steer" | "up" | "down" | "externalEditor" | "pageUp" | "pageDown" | "scrollEnd";
export const editorBindings: Bindings<EditorAction> = {
  send: ["enter"],
  steer: ["ctrl+enter", "alt+s"],
  newline: ["shift+enter", "ctrl+j", "alt+enter"],
  externalEditor: ["ctrl+o"],
  up: ["up"],
  down: ["down"],
  left: ["left", "ctrl+b"],
  right: ["right"],
  wordLeft: ["ctrl+left", "alt+left", "alt+b"],
  wordRight: ["ctrl+right", "alt+right", "alt+f"],
  lineStart: ["home", "ctrl+a"],
  lineEnd: ["end", "ctrl+e"],
  textStart: ["ctrl+home", "alt+<"],
  textEnd: ["alt+>"],
  deleteBack: ["backspace", "shift+backspace"],
  deleteForward: ["delete", "ctrl+d"],
  deleteWordBack: ["ctrl+w", "alt+backspace", "ctrl+backspace"],
  deleteWordForward: ["alt+d", "ctrl+delete", "alt+delete"],
  killToLineStart: ["ctrl+u"],
  killToLineEnd: ["ctrl+k"],
  pageUp: ["pageup"],
  pageDown: ["pagedown"],
  scrollEnd: ["ctrl+end"],
};
export const editorKeys = keymap("editor", editorBindings);
