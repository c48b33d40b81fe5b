// Memory of an arena. It grows by chunks, which are appended to and never moved: what was given out of them stays as it is.
// A segment lies within one chunk: what does not fit goes on in a new one, and the begin of the segment is copied there.
import type { SegmentSink } from "../../contracts/wire-format.ts";

/** First size of a chunk; each is twice the one before, so that a conversation has few. */
const chunkBytesMin = 16_384;
/** And no larger, but for a message that does not fit: what lies idle in the last one is at most this. */
const chunkBytesMax = 1 << 20;
/** Providers refuse requests of a quarter of it; more is no conversation but a mistake, and would take the worker's other sessions along. */
export const arenaBytesMax = 128 << 20;
const comma = 0x2c;

/** Bytes that follow one another in a chunk. */
export type Run = { chunk: Buffer; start: number; end: number };

/** Node's own write, which its types leave out: `write` looks at its arguments first. */
type Utf8Buffer = Buffer & { utf8Write(text: string, at: number): number };

export function openChunks() {
  let chunk = Buffer.allocUnsafeSlow(0) as Utf8Buffer;
  let length = 0;
  let start = 0;
  let size = 0;
  let used = 0;

  const next = (need: number): void => {
    const pending = length - start;
    if (used + pending + need > arenaBytesMax)
      throw new RangeError(`The conversation is larger than ${arenaBytesMax >> 20} MB: summarize it, or begin another session`);
    let bytes = Math.min(Math.max(chunk.length * 2, chunkBytesMin), chunkBytesMax);
    while (bytes < pending + need) bytes *= 2;
    const larger = Buffer.allocUnsafeSlow(bytes) as Utf8Buffer;
    chunk.copy(larger, 0, start, length);
    // Nothing but this segment was in it.
    if (start === 0) size -= chunk.length;
    chunk = larger;
    size += bytes;
    start = 0;
    length = pending;
  };
  const room = (need: number): void => {
    if (chunk.length - length < need) next(need);
  };
  const sink: SegmentSink = {
    text(json) {
      // A unit of UTF-16 takes three bytes at most.
      if (chunk.length - length < json.length * 3) room(Buffer.byteLength(json));
      length += chunk.utf8Write(json, length);
    },
    bytes(json) {
      room(json.length);
      chunk.set(json, length);
      length += json.length;
    },
  };
  return {
    sink,
    begin(withComma = true): void {
      start = length;
      if (!withComma) return;
      room(1);
      chunk[length++] = comma;
    },
    /** Where the segment lies; nowhere when it does not count. */
    end(counts: boolean): Run {
      if (!counts) length = start;
      used += length - start;
      return { chunk, start, end: length };
    },
    /** Lets go of everything; the next chunk has room for `expected` bytes. */
    clear(expected = 0): void {
      chunk = Buffer.allocUnsafeSlow(0) as Utf8Buffer;
      length = 0;
      start = 0;
      size = 0;
      used = 0;
      if (expected > 0) room(expected);
    },
    get size() {
      return size;
    },
    /** Bytes of all segments ever written since `clear`. */
    get used() {
      return used;
    },
  };
}
