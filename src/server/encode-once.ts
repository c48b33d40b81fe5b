import { type Codec, codecOf, type Subprotocol } from "../protocol/codec/index.ts";
import { type ServerFrame, subprotocolJson, subprotocolMsgpack } from "../protocol/index.ts";
import { frameOf } from "./frame.ts";

const codecs: Record<Subprotocol, Codec> = {
  [subprotocolMsgpack]: codecOf(subprotocolMsgpack),
  [subprotocolJson]: codecOf(subprotocolJson),
};
/** Bytes of frames that go to several clients, for as long as somebody holds the frame. */
const known: Record<Subprotocol, WeakMap<ServerFrame, readonly Uint8Array[]>> = {
  [subprotocolMsgpack]: new WeakMap(),
  [subprotocolJson]: new WeakMap(),
};

/** Events, deltas, progress and activity are given to every subscriber; answers, patches and effects have one receiver. */
const isShared = (frame: ServerFrame) =>
  "type" in frame && (frame.type === "event" || frame.type === "delta" || frame.type === "progress" || frame.type === "activity");

function encode(frame: ServerFrame, subprotocol: Subprotocol): readonly Uint8Array[] {
  const data = codecs[subprotocol].encode(frame);
  return typeof data === "string" ? frameOf(Buffer.from(data), false) : frameOf(data, true);
}

/** The frame as it goes into a socket. The same object given for several clients is encoded once for each subprotocol. */
export function encodeOnce(frame: ServerFrame, subprotocol: Subprotocol): readonly Uint8Array[] {
  if (!isShared(frame)) return encode(frame, subprotocol);
  const cache = known[subprotocol];
  let bytes = cache.get(frame);
  if (!bytes) {
    bytes = encode(frame, subprotocol);
    cache.set(frame, bytes);
  }
  return bytes;
}

export const decode = (data: Uint8Array | string, subprotocol: Subprotocol): unknown => codecs[subprotocol].decode(data);
