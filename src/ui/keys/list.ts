import { type Bindings, keymap } from "./keymap.ts";

/** In lists with a filter. Everything else is typed into the filter. */
export type ListAction = "up" | "down" | "pageUp" | "pageDown" | "top" | "end" | "choose" | "close" | "deleteBack" | "clear";
const listBindings: Bindings<ListAction> = {
  up: ["up", "ctrl+p"],
  down: ["down", "ctrl+n"],
  pageUp: ["pageup"],
  pageDown: ["pagedown"],
  top: ["home"],
  end: ["end"],
  choose: ["enter", "ctrl+y"],
  close: ["escape"],
  deleteBack: ["backspace"],
  clear: ["ctrl+u", "ctrl+w"],
};
export const listKeys = keymap("list", listBindings);
