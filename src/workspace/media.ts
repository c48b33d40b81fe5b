// What a file is, by its first bytes: names lie, and a provider refuses a request over one picture that is none.

/** Pictures that every provider takes that takes any. */
const signatures: readonly { mime: string; at: number; bytes: readonly number[] }[] = [
  { mime: "image/png", at: 0, bytes: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] },
  { mime: "image/jpeg", at: 0, bytes: [0xff, 0xd8, 0xff] },
  { mime: "image/gif", at: 0, bytes: [0x47, 0x49, 0x46, 0x38] },
  // RIFF, four bytes of length, WEBP
  { mime: "image/webp", at: 8, bytes: [0x57, 0x45, 0x42, 0x50] },
  { mime: "application/pdf", at: 0, bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] },
  { mime: "application/zip", at: 0, bytes: [0x50, 0x4b, 0x03, 0x04] },
  { mime: "application/gzip", at: 0, bytes: [0x1f, 0x8b] },
];

const pictures: ReadonlySet<string> = new Set(["image/png", "image/jpeg", "image/gif", "image/webp"]);
export const isPicture = (mime: string): boolean => pictures.has(mime);

/**
 * The media type by the first bytes (4 KiB are enough), undefined for what may be text: whether all of it is UTF-8 only reading it
 * tells. A NUL byte makes it binary, as with git.
 */
export function sniffMedia(head: Uint8Array): string | undefined {
  const known = signatures.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte));
  if (known !== undefined) return known.mime;
  return head.includes(0) ? "application/octet-stream" : undefined;
}
