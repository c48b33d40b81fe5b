import type { MouseButton, MouseEvent } from "./events.ts";

const buttons: readonly MouseButton[] = ["left", "middle", "right", "none"];

/** `CSI < code ; col ; row M` (press, motion) or `m` (release). undefined for what we have no use for. */
export function sgrMouse(parameters: readonly number[], released: boolean): MouseEvent | undefined {
  const [code, col, row] = parameters;
  if (code === undefined || col === undefined || row === undefined || col < 1 || row < 1) return undefined;
  const at = { col: col - 1, row: row - 1, shift: (code & 4) !== 0, alt: (code & 8) !== 0, ctrl: (code & 16) !== 0, meta: false };
  if (code & 128) return undefined; // side buttons
  if (code & 64) {
    const axis = code & 3;
    const dy = axis === 0 ? -1 : axis === 1 ? 1 : 0;
    const dx = axis === 2 ? -1 : axis === 3 ? 1 : 0;
    return { type: "mouse", action: "wheel", button: "none", dx, dy, ...at };
  }
  const button = buttons[code & 3]!;
  const action = released ? "release" : code & 32 ? (button === "none" ? "move" : "drag") : "press";
  return { type: "mouse", action, button, dx: 0, dy: 0, ...at };
}
