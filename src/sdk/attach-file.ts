// A file of this machine, given to a server that may be another one: by hash, in pieces, never whole in memory.
import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { attachmentPieceBytes, type PromptFile } from "../protocol/index.ts";
import type { Client } from "./client.ts";

/** Pieces on their way: enough to hide the round trip, little for a server that has other clients. */
const piecesInFlight = 4;

/**
 * Uploads a file, unless the server has it, and answers what `session.prompt` takes as one of `files`. An upload that broke off goes on.
 * @param onProgress  bytes that are there, of how many
 * @throws RequestError (`limit` for a file that is too large), ConnectionError, and what reading throws
 */
export async function attachFile(client: Client, file: string, onProgress?: (sent: number, bytes: number) => void): Promise<PromptFile> {
  const handle = await fs.open(file, "r");
  try {
    const { size } = await handle.stat();
    const hash = await hashOf(handle);
    const { offset, complete } = await client.request("attachment.begin", { hash, bytes: size });
    if (!complete) {
      await send(client, handle, hash, offset, size, onProgress);
      await client.request("attachment.end", { hash });
    }
    return { path: path.basename(file), hash };
  } finally {
    await handle.close();
  }
}

async function hashOf(handle: fs.FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.alloc(attachmentPieceBytes * 8);
  for (let at = 0; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

async function send(
  client: Client,
  handle: fs.FileHandle,
  hash: string,
  from: number,
  size: number,
  onProgress?: (sent: number, bytes: number) => void,
): Promise<void> {
  const inFlight: Promise<unknown>[] = [];
  const buffer = Buffer.alloc(attachmentPieceBytes);
  for (let offset = from; offset < size; offset += attachmentPieceBytes) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, size - offset), offset);
    const data = buffer.toString("base64", 0, bytesRead);
    const sent = client.request("attachment.chunk", { hash, offset, data }).then(({ offset: there }) => onProgress?.(there, size));
    // Its failure is met when it is waited for.
    sent.catch(() => {});
    inFlight.push(sent);
    if (inFlight.length >= piecesInFlight) await inFlight.shift();
  }
  await Promise.all(inFlight);
}
