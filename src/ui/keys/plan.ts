import { type Bindings, keymap } from "./keymap.ts";

/** When a plan waits for approval. */
export type PlanAction = "approve" | "sendBack" | "stop" | "up" | "down" | "pageUp" | "pageDown" | "fullscreen";
export const planBindings: Bindings<PlanAction> = {
  approve: ["a", "ctrl+a", "enter"],
  sendBack: ["m"],
  stop: ["d", "escape"],
  up: ["up", "k"],
  down: ["down", "j"],
  pageUp: ["pageup"],
  pageDown: ["pagedown", "space"],
  fullscreen: ["f"],
};
export const planKeys = keymap("plan", planBindings);
