// What both versions of the frame diff put around the cells of a frame, and which addresses may become links.

const syncOn = new TextEncoder().encode("\x1b[?2026h");
const syncOff = new TextEncoder().encode("\x1b[?2026l");
const hide = new TextEncoder().encode("\x1b[?25l");
const show = new TextEncoder().encode("\x1b[?25h");
/**
 * Every frame is synchronized: 16 bytes buy that none is ever seen half. Above this length the cursor is hidden as well, for terminals
 * that do not know the mode and would show it run; a shorter frame is drawn in one go there too.
 */
const quietBytes = 160;

/** Cells of a frame (parts, then `length` bytes of `memory` from `at`) as one patch of its own; empty when it changes nothing. */
export function frameBytes(
  parts: Uint8Array[] | undefined,
  memory: Uint8Array,
  at: number,
  length: number,
  shownBefore: boolean | undefined,
  shown: boolean,
): Uint8Array {
  let total = length;
  if (parts !== undefined) for (const part of parts) total += part.length;
  if (total === 0 && shownBefore === shown) return new Uint8Array(0);
  const hides = total > quietBytes && shownBefore !== false;
  const tail = hides || shownBefore !== shown ? (shown ? show : hides ? undefined : hide) : undefined;
  const out = new Uint8Array(syncOn.length + syncOff.length + (hides ? hide.length : 0) + total + (tail?.length ?? 0));
  out.set(syncOn);
  let to = syncOn.length;
  if (hides) {
    out.set(hide, to);
    to += hide.length;
  }
  if (parts !== undefined) {
    for (const part of parts) {
      out.set(part, to);
      to += part.length;
    }
  }
  // A handful of bytes is copied faster one by one than through a view.
  if (length < 64) for (let i = 0; i < length; i++) out[to + i] = memory[at + i]!;
  else out.set(memory.subarray(at, at + length), to);
  to += length;
  if (tail !== undefined) {
    out.set(tail, to);
    to += tail.length;
  }
  out.set(syncOff, to);
  return out;
}

/** The address as printable ASCII when it is http, https or file and fits `bytesMax`; else undefined: it is shown as text only. */
export function showableLink(address: string, bytesMax: number): string | undefined {
  if (!/^(https?|file):\/\/[^\s]/i.test(address) || address.length > bytesMax) return undefined;
  try {
    const text = new URL(address).href;
    return /^(https?|file):\/\/[\x21-\x7e]+$/.test(text) && text.length <= bytesMax ? text : undefined;
  } catch {
    return undefined;
  }
}
