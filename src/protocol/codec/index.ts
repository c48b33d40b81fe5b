// Frames to bytes and back, for both subprotocols. Safe to import anywhere: no zod, no Node.
import type { ClientFrame, ServerFrame } from "../frames.ts";
import { frameValuesMax } from "../limits.ts";
import { subprotocolJson, subprotocolMsgpack } from "../version.ts";
import { CodecError } from "./error.ts";
import { decodeJson, encodeJson } from "./json.ts";
import { decodeMsgpack, encodeMsgpack } from "./msgpack.ts";

export { CodecError } from "./error.ts";

export type Subprotocol = typeof subprotocolMsgpack | typeof subprotocolJson;

export interface Codec {
  readonly subprotocol: Subprotocol;
  /** Binary subprotocol: a buffer that stays as it is. JSON: text. */
  encode(frame: ClientFrame | ServerFrame): Uint8Array | string;
  /**
   * The value of a frame, built of plain objects, lists, strings, numbers, booleans, null and byte strings, not checked further.
   * Refused: more than `frameDepthMax` levels or `valuesMax` values, `__proto__` keys, extension types, a text frame where a
   * binary one belongs and the reverse.
   * @throws CodecError
   */
  decode(data: Uint8Array | string): unknown;
}

/** @param valuesMax a server keeps the default; a client trusts its server to send a long page of messages */
export function codecOf(subprotocol: Subprotocol, valuesMax = frameValuesMax): Codec {
  if (subprotocol === subprotocolMsgpack)
    return {
      subprotocol,
      encode: encodeMsgpack,
      decode(data) {
        if (typeof data === "string") throw new CodecError("malformed", `a text frame on ${subprotocolMsgpack}, which has binary ones`);
        return decodeMsgpack(data, valuesMax);
      },
    };
  return {
    subprotocol,
    encode: encodeJson,
    decode(data) {
      if (typeof data !== "string") throw new CodecError("malformed", `a binary frame on ${subprotocolJson}, which has text ones`);
      return decodeJson(data, valuesMax);
    },
  };
}
