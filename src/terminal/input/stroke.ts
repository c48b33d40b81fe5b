/** Names that a key event can have beside a character (events.ts). */
const names = new Set(
  [
    "enter tab backspace escape space up down left right home end pageup pagedown insert delete",
    Array.from({ length: 24 }, (_, i) => `f${i + 1}`).join(" "),
  ]
    .join(" ")
    .split(" "),
);
const aliases: Readonly<Record<string, string>> = {
  esc: "escape",
  return: "enter",
  del: "delete",
  ins: "insert",
  pgup: "pageup",
  pgdn: "pagedown",
  pgdown: "pagedown",
  page_up: "pageup",
  page_down: "pagedown",
};
const modifiers: Readonly<Record<string, "ctrl" | "alt" | "shift" | "meta">> = {
  ctrl: "ctrl",
  control: "ctrl",
  alt: "alt",
  option: "alt",
  shift: "shift",
  meta: "meta",
  cmd: "meta",
  super: "meta",
};

/** A key as a person writes it ("Ctrl+K", "esc", "shift+a") as `strokeName` tells it; undefined when there is no such key. */
export function parseStroke(text: string): string | undefined {
  const parts = text.trim().split("+");
  // The plus key itself: "+" or "ctrl++".
  if (parts.length > 1 && parts.at(-1) === "" && parts.at(-2) === "") parts.splice(-2, 2, "+");
  const given = parts.pop() ?? "";
  const held = new Set<string>();
  for (const part of parts) {
    const modifier = modifiers[part.trim().toLowerCase()];
    if (modifier === undefined) return undefined;
    held.add(modifier);
  }
  const lower = given.toLowerCase();
  let key = aliases[lower] ?? (names.has(lower) ? lower : given);
  if (!names.has(key)) {
    if ([...key].length !== 1 || /[\p{Cc}\p{Cf}\s]/u.test(key)) return undefined;
    // Letters with ctrl or alt are told small; shift alone makes a letter big and is not told.
    const big = key !== key.toLowerCase();
    if (held.has("ctrl")) key = key.toLowerCase();
    else if (held.delete("shift") || big) key = key.toUpperCase();
  }
  const order = ["ctrl", "alt", "shift", "meta"].filter((modifier) => held.has(modifier));
  return [...order, key].join("+");
}
