// Pictures are kept once, by hash, and put into a request when it is written: conversations stay small, and what was sent stays in
// the arena.
import type { WireFormat } from "../../contracts/wire-format.ts";
import type { FilePart, Message, Part } from "../../protocol/index.ts";

/** A wire that is given pictures with their bytes, as data URLs. One that is gone is told of like any file that cannot be shown. */
export function withAttachments(wire: WireFormat, read: (hash: string) => Uint8Array | undefined): WireFormat {
  const filled = (part: Part): Part => (isPicture(part) ? fill(part, read) : part);
  const whole = (message: Message): Message => (message.parts.some(isPicture) ? { ...message, parts: message.parts.map(filled) } : message);
  return {
    ...wire,
    segment: (message, request) => wire.segment(whole(message), request),
    write: (message, request, sink) => wire.write(whole(message), request, sink),
  };
}

const isPicture = (part: Part): part is FilePart & { blob: string } =>
  part.kind === "file" && part.blob !== undefined && part.text === undefined && part.mime.startsWith("image/");

function fill(part: FilePart & { blob: string }, read: (hash: string) => Uint8Array | undefined): Part {
  const bytes = read(part.blob);
  if (bytes === undefined) return part;
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64");
  return { ...part, text: `data:${part.mime};base64,${base64}` };
}
