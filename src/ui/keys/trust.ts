import { type Bindings, keymap } from "./keymap.ts";

/** When the configuration of a project waits for a yes. */
export type TrustAction = "trust" | "decline" | "later" | "up" | "down" | "pageUp" | "pageDown" | "fullscreen";
const trustBindings: Bindings<TrustAction> = {
  trust: ["y"],
  decline: ["n"],
  later: ["escape"],
  up: ["up", "k"],
  down: ["down", "j"],
  pageUp: ["pageup"],
  pageDown: ["pagedown", "space"],
  fullscreen: ["f"],
};
export const trustKeys = keymap("trust", trustBindings);
