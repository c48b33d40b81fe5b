import { type Bindings, keymap } from "./keymap.ts";

/** When it is shown what an undo would do. */
export type UndoAction = "go" | "force" | "diffs" | "close" | "up" | "down" | "pageUp" | "pageDown";
const undoBindings: Bindings<UndoAction> = {
  go: ["enter", "ctrl+y"],
  force: ["f"],
  diffs: ["d"],
  close: ["escape", "q"],
  up: ["up", "k"],
  down: ["down", "j"],
  pageUp: ["pageup"],
  pageDown: ["pagedown", "space"],
};
export const undoKeys = keymap("undo", undoBindings);
