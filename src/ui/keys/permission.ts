import { type Bindings, keymap } from "./keymap.ts";

export type PermissionAction =
  | "allow"
  | "session"
  | "always"
  | "deny"
  | "message"
  | "left"
  | "right"
  | "choose"
  | "up"
  | "down"
  | "pageUp"
  | "pageDown"
  | "later"
  | "fullscreen";
export const permissionBindings: Bindings<PermissionAction> = {
  allow: ["a", "ctrl+a"],
  session: ["s", "ctrl+s"],
  always: ["w"],
  deny: ["d"],
  message: ["m"],
  left: ["left", "shift+tab", "h"],
  right: ["right", "tab", "l"],
  choose: ["enter", "ctrl+y"],
  up: ["up", "k", "shift+up"],
  down: ["down", "j", "shift+down"],
  pageUp: ["pageup"],
  pageDown: ["pagedown", "space"],
  later: ["escape"],
  fullscreen: ["f"],
};
export const permissionKeys = keymap("permission", permissionBindings);
