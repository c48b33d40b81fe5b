// Byte strings of the JSON subprotocol. Node's Buffer is 20 times btoa; browsers have only the latter.
type NodeBuffer = { from(data: unknown, encoding?: string): Uint8Array & { toString(encoding: string): string } };
const nodeBuffer = (globalThis as { Buffer?: NodeBuffer }).Buffer;

export function toBase64(bytes: Uint8Array): string {
  if (nodeBuffer) return nodeBuffer.from(bytes).toString("base64");
  let binary = "";
  // 8 KiB at once: apply() puts each byte on the stack.
  for (let at = 0; at < bytes.length; at += 8192) binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(binary);
}

const alphabet = /^[A-Za-z0-9+/]*={0,2}$/;

/** @returns undefined for text that is no base64 (standard alphabet, padded) */
export function fromBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !alphabet.test(text)) return undefined;
  if (nodeBuffer) return new Uint8Array(nodeBuffer.from(text, "base64"));
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
