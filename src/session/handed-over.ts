import type { ToMain } from "../contracts/link.ts";

/** From here on handing a buffer over is cheaper than copying it: a repaint of 13 KB takes 5 us instead of 45, a few words cost the same. */
const handOverBytesMin = 4_096;

/** Buffers of a batch for main that are passed and not copied: those of large patches, which nobody here needs any more. */
export function handedOver(batch: readonly ToMain[]): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const message of batch) {
    if (message.t !== "patch" || message.bytes.length < handOverBytesMin) continue;
    const { buffer } = message.bytes;
    // A view of something larger (a kernel's memory) would take all of it along, or could not be handed over at all.
    if (buffer instanceof ArrayBuffer && buffer.byteLength === message.bytes.length) buffers.push(buffer);
  }
  return buffers;
}
