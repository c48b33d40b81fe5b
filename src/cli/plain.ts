// Text for a pipe: whatever a model or a tool wrote, no control character but tab and line feed reaches the reader.

/** Removes C0 and C1 controls (an escape sequence loses its ESC and stays visible as text) and bidi overrides. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");
}

/** JSON for a pipe: what JSON lets through as it is although it is a control (DEL, C1) or turns text round is escaped too. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
