import { type Bindings, keymap } from "./keymap.ts";

/** Work in the editor and in the chat, when no dialog is open. */
export type GlobalAction = "help" | "commands" | "models" | "sessions" | "yolo" | "plan" | "newSession" | "focus" | "todos" | "cancel";
export const globalBindings: Bindings<GlobalAction> = {
  help: ["ctrl+g"],
  commands: ["ctrl+p"],
  models: ["ctrl+l", "ctrl+m"],
  sessions: ["ctrl+s"],
  yolo: ["ctrl+y"],
  newSession: ["ctrl+n"],
  plan: ["shift+tab"],
  focus: ["tab"],
  todos: ["ctrl+t", "ctrl+space"],
  cancel: ["escape"],
};
export const globalKeys = keymap("global", globalBindings);
