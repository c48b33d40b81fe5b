import { randomUUID } from "node:crypto";
import path from "node:path";
import type { Attachments } from "../../contracts/attachments.ts";
import type { Files } from "../../contracts/tool.ts";
import { CommandError, covers, type FilePart, pictureBytesMax, type PromptFile, type Scope } from "../../protocol/index.ts";
import { isPicture, sniffMedia } from "../../workspace/media.ts";
import type { Core } from "../core.ts";
import type { OpenSession } from "../registry/sessions.ts";
import { outsideTurn } from "./outside-turn.ts";
import { directoryListing } from "./prompt-directory.ts";

/** Text that stands in a prompt: Crush's bound for one attachment. A longer file is named, and tools can read it in parts. */
const textBytesMax = pictureBytesMax;

type Place = { files: Files; attachments: Attachments | undefined; scope: Scope };

/**
 * Files given with a prompt, as parts of its message: text as text, pictures by hash, of anything else that it is there. Those given by
 * path are read in the workspace's name. @throws CommandError not_found, forbidden, limit, bad_request
 */
export async function readPromptFiles(core: Core, entry: OpenSession, given: PromptFile[], scope: Scope): Promise<FilePart[]> {
  if (given.length === 0) return [];
  const { attachments } = core.options;
  const needsDisk = given.some(({ text, hash }) => text === undefined && hash === undefined);
  const place = needsDisk ? { files: (await outsideTurn(core, entry)).files, attachments, scope } : undefined;
  // One after the other: each may be megabytes.
  const parts: FilePart[] = [];
  for (const { path: name, text, hash } of given) {
    if (text !== undefined) parts.push(textPart(name, text));
    else if (hash !== undefined) parts.push(await uploaded(name, hash, attachments));
    else parts.push(await onDisk(name, place!));
  }
  return parts;
}

async function uploaded(name: string, hash: string, attachments: Attachments | undefined): Promise<FilePart> {
  const stored = await attachments?.find(hash);
  if (stored === undefined)
    throw new CommandError(
      "not_found",
      `${name}: nothing with the SHA-256 ${hash} was uploaded; send it with attachment.begin, chunk, end`,
    );
  const mime = sniffMedia(stored.head);
  if (mime !== undefined && isPicture(mime)) checkPicture(name, stored.bytes);
  const text = mime === undefined && stored.bytes <= textBytesMax ? utf8(await attachments!.read(hash)) : undefined;
  if (text !== undefined) return textPart(name, text);
  return { ...base(name), mime: mime ?? "application/octet-stream", bytes: stored.bytes, blob: hash };
}

async function onDisk(name: string, { files, attachments, scope }: Place): Promise<FilePart> {
  const where = await files.resolve(name);
  if (!where.inside && !covers(scope, "approve")) {
    throw new CommandError(
      "forbidden",
      `${name} is outside of the workspace; a token of scope "${scope}" can only attach files inside of it`,
    );
  }
  const stat = await files.stat(where.real);
  if (stat?.kind === "directory") {
    const text = await directoryListing(files, where.real);
    return { ...base(name), mime: "inode/directory", bytes: Buffer.byteLength(text), text };
  }
  if (stat?.kind !== "file") throw new CommandError("not_found", `There is no file ${name}`);
  // Never read: tools can, in parts.
  if (stat.bytes > textBytesMax) {
    if (pictureName.test(name)) checkPicture(name, stat.bytes);
    return { ...base(name), mime: "application/octet-stream", bytes: stat.bytes };
  }
  const content = await files.read(where.real);
  const mime = sniffMedia(content.subarray(0, 4 << 10));
  if (mime !== undefined && isPicture(mime) && attachments !== undefined)
    return { ...base(name), mime, bytes: content.length, blob: await attachments.put(content) };
  const text = mime === undefined ? utf8(content) : undefined;
  return text !== undefined ? textPart(name, text) : { ...base(name), mime: mime ?? "application/octet-stream", bytes: content.length };
}

const pictureName = /\.(?:png|jpe?g|gif|webp)$/i;

function checkPicture(name: string, bytes: number): void {
  if (bytes > pictureBytesMax)
    throw new CommandError("limit", `${name} has ${bytes} bytes, a picture may have at most ${pictureBytesMax}: make it smaller`);
}

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const base = (name: string): Pick<FilePart, "id" | "index" | "kind" | "path"> => ({ id: randomUUID(), index: 0, kind: "file", path: name });

const textPart = (name: string, text: string): FilePart => ({
  ...base(name),
  mime: path.extname(name) === ".md" ? "text/markdown" : "text/plain",
  bytes: Buffer.byteLength(text),
  text,
});
