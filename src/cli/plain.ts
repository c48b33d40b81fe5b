// Text for a pipe: whatever a model or a tool wrote, no control character but tab and line feed reaches the reader.

/** Removes C0 and C1 controls (an escape sequence loses its ESC and stays visible as text) and bidi overrides. */
export function plain(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, "");
}
