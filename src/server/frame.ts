/** Longer payloads are not copied behind their head: a second buffer in the same write is cheaper. */
const joinedBytesMax = 16_384;

/**
 * One message as one WebSocket frame (RFC 6455, 5.2): FIN, text or binary, never masked from a server, no extension (deflate is not
 * offered). One buffer where that costs less than two, so that a patch is one plain write of its socket.
 */
export function frameOf(payload: Uint8Array, binary: boolean): readonly Uint8Array[] {
  const length = payload.length;
  const headBytes = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const joined = length <= joinedBytesMax;
  const head = Buffer.allocUnsafe(joined ? headBytes + length : headBytes);
  head[0] = binary ? 0x82 : 0x81;
  if (headBytes === 2) head[1] = length;
  else if (headBytes === 4) {
    head[1] = 126;
    head.writeUInt16BE(length, 2);
  } else {
    head[1] = 127;
    head.writeUIntBE(0, 2, 2);
    head.writeUIntBE(length, 4, 6);
  }
  if (!joined) return [head, payload];
  head.set(payload, headBytes);
  return [head];
}
