import { frameDepthMax } from "../limits.ts";
import { CodecError } from "./error.ts";

// Walks msgpack bytes without building anything, so that the decoder behind it never meets a length that the frame does not
// hold (it allocates arrays by their announced size), a depth that overflows a stack, an extension, or a `__proto__` key.
// Strings and byte strings are skipped, not read: about 0.1 us for a key press, 2 us for an event (bench/wire.ts).

/** Values still missing on each level; a map counts its keys and values. */
const missing = new Float64Array(frameDepthMax + 1);
/** 1 where the level is a map: then an even number missing means that a key comes next. */
const isMap = new Uint8Array(frameDepthMax + 1);

const proto = [0x5f, 0x5f, 0x70, 0x72, 0x6f, 0x74, 0x6f, 0x5f, 0x5f]; // __proto__

/**
 * @param valuesMax values that may be in the frame, keys included
 * @throws CodecError
 */
export function checkMsgpack(bytes: Uint8Array, valuesMax: number): void {
  const end = bytes.length;
  let at = 0;
  let depth = 0;
  let values = 0;
  missing[0] = 1;
  isMap[0] = 0;
  for (;;) {
    while (missing[depth] === 0) {
      if (depth === 0) {
        if (at !== end) throw new CodecError("malformed", `${end - at} bytes follow the frame's value`);
        return;
      }
      depth--;
    }
    const isKey = isMap[depth] === 1 && missing[depth]! % 2 === 0;
    missing[depth]!--;
    if (++values > valuesMax) throw new CodecError("too_many", `more than ${valuesMax} values in one frame: send less at once`);
    if (at >= end) throw new CodecError("malformed", "the frame ends inside a value");
    const head = bytes[at++]!;
    let skip = 0;
    let children = -1;
    let map = 0;
    let text = false;
    if (head < 0x80 || head >= 0xe0) skip = 0;
    else if (head < 0x90) {
      children = (head & 0x0f) * 2;
      map = 1;
    } else if (head < 0xa0) children = head & 0x0f;
    else if (head < 0xc0) {
      skip = head & 0x1f;
      text = true;
    } else {
      switch (head) {
        case 0xc0: // nil
        case 0xc2: // false
        case 0xc3: // true
          break;
        case 0xcc: // 8, 16, 32, 64 bits
        case 0xd0:
          skip = 1;
          break;
        case 0xcd:
        case 0xd1:
          skip = 2;
          break;
        case 0xca:
        case 0xce:
        case 0xd2:
          skip = 4;
          break;
        case 0xcb:
        case 0xcf:
        case 0xd3:
          skip = 8;
          break;
        case 0xc4: // byte strings
        case 0xd9: // strings
          skip = size(bytes, at, 1);
          at += 1;
          text = head === 0xd9;
          break;
        case 0xc5:
        case 0xda:
          skip = size(bytes, at, 2);
          at += 2;
          text = head === 0xda;
          break;
        case 0xc6:
        case 0xdb:
          skip = size(bytes, at, 4);
          at += 4;
          text = head === 0xdb;
          break;
        case 0xdc: // arrays
          children = size(bytes, at, 2);
          at += 2;
          break;
        case 0xdd:
          children = size(bytes, at, 4);
          at += 4;
          break;
        case 0xde: // maps
          children = size(bytes, at, 2) * 2;
          at += 2;
          map = 1;
          break;
        case 0xdf:
          children = size(bytes, at, 4) * 2;
          at += 4;
          map = 1;
          break;
        case 0xc1:
          throw new CodecError("malformed", "byte 0xc1 is no msgpack");
        default:
          throw new CodecError("forbidden", "extension types are not part of this protocol");
      }
    }
    if (isKey) {
      if (!text) throw new CodecError("malformed", "a map key that is no string");
      if (skip === proto.length && proto.every((byte, i) => bytes[at + i] === byte))
        throw new CodecError("forbidden", "the key __proto__ is not allowed");
    }
    if (children >= 0) {
      // Each child takes one byte at least.
      if (children > end - at) throw new CodecError("malformed", "a list or map announces more than the frame holds");
      if (depth === frameDepthMax) throw new CodecError("too_deep", `nested deeper than ${frameDepthMax} levels`);
      depth++;
      missing[depth] = children;
      isMap[depth] = map;
    } else {
      at += skip;
      if (at > end) throw new CodecError("malformed", "the frame ends inside a value");
    }
  }
}

function size(bytes: Uint8Array, at: number, width: 1 | 2 | 4): number {
  if (at + width > bytes.length) throw new CodecError("malformed", "the frame ends inside a length");
  let value = 0;
  for (let i = 0; i < width; i++) value = value * 256 + bytes[at + i]!;
  return value;
}
