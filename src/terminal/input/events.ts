// What a terminal's bytes mean. Columns and rows start at 0.

export type Modifiers = { ctrl: boolean; alt: boolean; shift: boolean; meta: boolean };

/**
 * `key` is the character itself or a name: enter, tab, backspace, escape, space, up, down, left, right, home, end, pageup,
 * pagedown, insert, delete, begin, f1..f24. `text` is what it would type; absent with ctrl, alt or meta.
 */
export type KeyEvent = { type: "key"; key: string; text?: string } & Modifiers;

export type MouseButton = "left" | "middle" | "right" | "none";
/** `dx`, `dy`: notches of the wheel, positive to the right and down. */
export type MouseEvent = {
  type: "mouse";
  action: "press" | "release" | "drag" | "move" | "wheel";
  button: MouseButton;
  col: number;
  row: number;
  dx: number;
  dy: number;
} & Modifiers;

/** `text` has \n line ends and tabs, and no other control character. `truncated`: it was longer than a prompt may be. */
export type PasteEvent = { type: "paste"; text: string; truncated: boolean };
export type FocusEvent = { type: "focus"; focused: boolean };

export type InputEvent = KeyEvent | MouseEvent | PasteEvent | FocusEvent;

/**
 * The name of a key stroke for a keymap: modifiers in the order ctrl, alt, shift, meta, then the key ("ctrl+shift+up"). Letters
 * carry shift in themselves: "J", never "shift+j".
 */
export function strokeName(event: KeyEvent): string {
  const letter = event.key.length === 1;
  const key = letter && event.shift && !event.ctrl ? event.key.toUpperCase() : event.key;
  const shift = event.shift && !(letter && !event.ctrl);
  return `${event.ctrl ? "ctrl+" : ""}${event.alt ? "alt+" : ""}${shift ? "shift+" : ""}${event.meta ? "meta+" : ""}${key}`;
}
