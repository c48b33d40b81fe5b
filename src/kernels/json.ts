import { IN_BYTES } from "../../assembly/abi/sse.ts";
import type { WasmSse } from "./sse.ts";

/**
 * Are the bytes one JSON text (RFC 8259, the verdict of `JSON.parse`)? Invalid UTF-8 within a string is taken, as after decoding.
 * Without a kernel, and for more bytes than it holds, the answer is that of `JSON.parse`.
 */
export function isJson(bytes: Uint8Array, kernel?: WasmSse): boolean {
  if (kernel !== undefined && bytes.length <= IN_BYTES) return kernel.check(bytes);
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8"));
    return true;
  } catch {
    return false;
  }
}
