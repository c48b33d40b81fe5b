import type { ClientFrame, ServerFrame } from "../frames.ts";
import { fromBase64, toBase64 } from "./base64.ts";
import { checkJson, refuseProto } from "./check-json.ts";
import { CodecError } from "./error.ts";

/** Only `input` and `patch` have a byte string, and both call it `bytes`. */
type WithBytes = { type?: unknown; bytes?: unknown };
const hasBytes = (frame: WithBytes) => frame.type === "input" || frame.type === "patch";

export function encodeJson(frame: ClientFrame | ServerFrame): string {
  const { bytes } = frame as WithBytes;
  return JSON.stringify(bytes instanceof Uint8Array ? { ...frame, bytes: toBase64(bytes) } : frame);
}

/** @throws CodecError */
export function decodeJson(text: string, valuesMax: number): unknown {
  checkJson(text, valuesMax);
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch (error) {
    // The parser's own message quotes the text, which may hold a token.
    throw new CodecError("malformed", "the frame is no JSON", error);
  }
  refuseProto(frame);
  if (typeof frame === "object" && frame !== null && hasBytes(frame)) {
    const { bytes } = frame as WithBytes;
    const decoded = typeof bytes === "string" ? fromBase64(bytes) : undefined;
    if (!decoded) throw new CodecError("malformed", "`bytes` is no base64");
    (frame as WithBytes).bytes = decoded;
  }
  return frame;
}
