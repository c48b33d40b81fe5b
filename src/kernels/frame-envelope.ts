// What both versions of the frame diff put around the cells of a frame, and which addresses may become links.

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const syncOn = ascii("\x1b[?2026h");
const syncOff = ascii("\x1b[?2026l");
const hide = ascii("\x1b[?25l");
const show = ascii("\x1b[?25h");
const nothing = new Uint8Array(0);

/** Bytes before the cells of a frame, and as many behind them, that frameBytes() writes to. */
export const envelopeRoom = 16;
/**
 * Every frame is synchronized: 16 bytes buy that none is ever seen half. Above this length the cursor is hidden as well, for terminals
 * that do not know the mode and would show it run; a shorter frame is drawn in one go there too.
 */
const quietBytes = 160;

/** Copies a few bytes, quicker one by one than through `set`. Answers the place after them. */
function write(memory: Uint8Array, at: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) memory[at + i] = text[i]!;
  return at + text.length;
}

/**
 * Cells of a frame (parts, then `length` bytes of `memory` from `at`) as one patch of its own; empty when it changes nothing.
 * The envelope is written around them where they lie, so that a frame is one copy.
 */
export function frameBytes(
  parts: Uint8Array[] | undefined,
  memory: Uint8Array,
  at: number,
  length: number,
  shownBefore: boolean | undefined,
  shown: boolean,
): Uint8Array {
  if (length === 0 && shownBefore === shown && parts === undefined) return nothing;
  const hides = (length > quietBytes || parts !== undefined) && shownBefore !== false;
  let end = at + length;
  if (hides || shownBefore !== shown) {
    if (shown) end = write(memory, end, show);
    else if (!hides) end = write(memory, end, hide);
  }
  end = write(memory, end, syncOff);
  const headBytes = syncOn.length + (hides ? hide.length : 0);
  if (parts === undefined) {
    writeHead(memory, at - headBytes, hides);
    return memory.slice(at - headBytes, end);
  }
  let total = headBytes + end - at;
  for (const part of parts) total += part.length;
  const out = new Uint8Array(total);
  let to = writeHead(out, 0, hides);
  for (const part of parts) {
    out.set(part, to);
    to += part.length;
  }
  out.set(memory.subarray(at, end), to);
  return out;
}

function writeHead(memory: Uint8Array, at: number, hides: boolean): number {
  const to = write(memory, at, syncOn);
  return hides ? write(memory, to, hide) : to;
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
