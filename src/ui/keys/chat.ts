import { type Bindings, keymap } from "./keymap.ts";

/** In the chat, after tab. */
export type ChatAction =
  | "up"
  | "down"
  | "previous"
  | "next"
  | "halfUp"
  | "halfDown"
  | "pageUp"
  | "pageDown"
  | "top"
  | "end"
  | "copy"
  | "expand"
  | "leave";
export const chatBindings: Bindings<ChatAction> = {
  up: ["k", "up"],
  down: ["j", "down"],
  previous: ["K", "shift+up"],
  next: ["J", "shift+down"],
  halfUp: ["u"],
  halfDown: ["d"],
  pageUp: ["b", "pageup"],
  pageDown: ["f", "pagedown"],
  top: ["g", "home"],
  end: ["G", "end", "ctrl+end"],
  copy: ["c", "y"],
  expand: ["space", "enter"],
  leave: ["i"],
};
export const chatKeys = keymap("chat", chatBindings);
