import { type Bindings, keymap } from "./keymap.ts";

/** When the agent asks something. A number takes the choice that has it. */
export type QuestionAction = "up" | "down" | "toggle" | "choose" | "next" | "back" | "none";
export const questionBindings: Bindings<QuestionAction> = {
  up: ["up", "k"],
  down: ["down", "j"],
  toggle: ["space"],
  choose: ["enter", "ctrl+y"],
  next: ["right", "tab", "l"],
  back: ["left", "shift+tab", "h"],
  none: ["escape"],
};
export const questionKeys = keymap("question", questionBindings);
