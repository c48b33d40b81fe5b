// The client answers the effect `editor` in the input stream, in place: keys typed after the editor closed come after its text.
// The form is an APC string, which no key and no paste can produce (pastes lose their ESC).
const prefix = "crush;editor.done;";

/** Bytes that stand for "the external editor was left with this text". Decoded by the input decoder as `editor.done`. */
export function encodeEditorDone(text: string): Uint8Array {
  return new TextEncoder().encode(`\x1b_${prefix}${Buffer.from(text, "utf8").toString("base64")}\x1b\\`);
}

/** The text in the content of an APC string, or undefined when it is another one. */
export function decodeEditorDone(content: string): string | undefined {
  if (!content.startsWith(prefix)) return undefined;
  return Buffer.from(content.slice(prefix.length), "base64").toString("utf8");
}
