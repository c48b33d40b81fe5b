import { Decoder, Encoder } from "@msgpack/msgpack";
import type { ClientFrame, ServerFrame } from "../frames.ts";
import { frameDepthMax } from "../limits.ts";
import type { Patch } from "../screen.ts";
import { checkMsgpack } from "./check-msgpack.ts";
import { CodecError } from "./error.ts";

// One encoder for all frames of the thread: its buffer is used again, which is what makes it 5 times encode() of the package
// (bench/wire.ts). Each frame is copied out of it once, because a congested socket holds what it was given.
const makeEncoder = () => new Encoder({ maxDepth: frameDepthMax + 1, ignoreUndefined: true });
let encoder = makeEncoder();
/** An encoder that has grown beyond this for one big frame is replaced, so that the frame's memory comes back. */
const encoderBytesMax = 1 << 20;

const decoder = new Decoder();

// Node's pool: memory that is not cleared and, for small frames, not even allocated; a new buffer each time costs 3 times as much.
const { Buffer } = globalThis as { Buffer?: { allocUnsafe(length: number): Uint8Array } };
const allocate: (length: number) => Uint8Array = Buffer ? (length) => Buffer.allocUnsafe(length) : (length) => new Uint8Array(length);

/** @returns a buffer of its own, never changed later */
export function encodeMsgpack(frame: ClientFrame | ServerFrame): Uint8Array {
  if ("type" in frame && frame.type === "patch" && isU32(frame.screen) && isU32(frame.base) && isU32(frame.seq)) return encodePatch(frame);
  const shared = encoder.encodeSharedRef(frame);
  const bytes = allocate(shared.length);
  bytes.set(shared);
  if (bytes.length > encoderBytesMax) encoder = makeEncoder();
  return bytes;
}

/**
 * Byte strings in the result are plain Uint8Arrays, views on `bytes`. Never Buffers, whose slice() is no copy.
 * @throws CodecError
 */
export function decodeMsgpack(bytes: Uint8Array, valuesMax: number): unknown {
  const patch = decodePatch(bytes);
  if (patch) return patch;
  checkMsgpack(bytes, valuesMax);
  try {
    return decoder.decode(bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    throw new CodecError("malformed", "the frame is no msgpack", error);
  }
}

const isU32 = (value: number) => Number.isInteger(value) && value >= 0 && value <= 0xffffffff;

// A patch, the one frame sent at the rate of the screen, has a fixed form:
//   85 a4 type a5 patch  a6 screen ce<u32>  a4 base ce<u32>  a3 seq ce<u32>  a5 bytes c6<u32> ...
// Its head is copied and four numbers are set: one allocation and one copy, 10 times the general encoder at 256 bytes.
const patchHead = encoder
  .encode({ type: "patch", screen: 0xffffffff, base: 0xffffffff, seq: 0xffffffff, bytes: new Uint8Array(65_536) })
  .slice(0, -65_536);
const patchAt = { screen: 20, base: 30, seq: 39, length: patchHead.length - 4 };

function encodePatch(patch: Patch): Uint8Array {
  const out = allocate(patchHead.length + patch.bytes.length);
  out.set(patchHead);
  setU32(out, patchAt.screen, patch.screen);
  setU32(out, patchAt.base, patch.base);
  setU32(out, patchAt.seq, patch.seq);
  setU32(out, patchAt.length, patch.bytes.length);
  out.set(patch.bytes, patchHead.length);
  return out;
}

/** The frame when it has exactly the form that encodePatch gives it; anything else is for the general decoder. */
function decodePatch(bytes: Uint8Array): Patch | undefined {
  const head = patchHead.length;
  if (bytes.length < head || bytes[0] !== patchHead[0]) return undefined;
  for (let at = 1; at < head; at++) {
    if (at === patchAt.screen || at === patchAt.base || at === patchAt.seq || at === patchAt.length) at += 3;
    else if (bytes[at] !== patchHead[at]) return undefined;
  }
  const length = getU32(bytes, patchAt.length);
  if (bytes.length !== head + length) return undefined;
  return {
    type: "patch",
    screen: getU32(bytes, patchAt.screen),
    base: getU32(bytes, patchAt.base),
    seq: getU32(bytes, patchAt.seq),
    bytes: new Uint8Array(bytes.buffer, bytes.byteOffset + head, length),
  };
}

const getU32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;

function setU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
